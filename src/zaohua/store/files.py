"""Files written whole or not at all, hashed, locked; the space left for them."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from zaohua.errors import UnavailableError
from zaohua.progress import Progress

CHUNK = 2**20


def write_atomic(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path``: after a crash the old content is there or the new, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in ``folder`` survive a power cut, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sha256_of(path: Path, progress: Progress | None = None) -> str:
    """The sha256 of a file's content, in hexadecimal; ``progress`` is told of the bytes read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            if progress is not None:
                progress.advance(len(chunk))
    return digest.hexdigest()


@contextmanager
def locked(path: Path, progress: Progress, what: str, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock file ``path``; a second process waits, and says that it waits for ``what``.

    The system frees the lock when its holder dies.

    Raises:
        UnavailableError: another process holds it, and ``wait`` is off.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if not wait:
            raise UnavailableError(f"another process is busy with {what}") from None
        progress.note(f"another process is busy with {what}; waiting for it")
        lock.acquire(poll_interval=0.2)
    try:
        yield
    finally:
        lock.release()


def require_space(folder: Path, needed: int) -> None:
    """Be sure that ``needed`` bytes can be written below ``folder``, with a margin.

    Raises:
        UnavailableError: the disk has less.
    """
    margin = max(64 * 2**20, needed // 100)
    free = free_space(folder)
    if free < needed + margin:
        wanted = needed + margin
        raise UnavailableError(
            f"the disk has {free / 1e9:.2f} GB free and {wanted / 1e9:.2f} GB are needed",
            where=str(folder),
            mend="free some space, or set ZAOHUA_HOME to a folder on a larger disk",
        )


def free_space(folder: Path) -> int:
    """The bytes free on the disk that holds ``folder``."""
    return shutil.disk_usage(folder).free
