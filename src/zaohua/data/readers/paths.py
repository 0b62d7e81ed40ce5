"""Files behind paths, folders and globs, in an order that does not change from run to run."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from zaohua.data.records import Unreadable
from zaohua.errors import NotFoundError


def expand(paths: Sequence[str | Path]) -> list[Path]:
    """The given paths with globs replaced by their matches, sorted within each glob.

    Raises:
        NotFoundError: a path does not exist or a glob matches nothing.
    """
    found: list[Path] = []
    for given in paths:
        path = Path(given).expanduser()
        if path.exists() or path.is_symlink():
            found.append(path)
        elif matches := sorted(glob.glob(str(path), recursive=True)):  # noqa: PTH207
            found.extend(Path(match) for match in matches)
        else:
            raise NotFoundError(
                "no such file, folder or match", where=str(given), mend="check the path"
            )
    return found


def files(paths: Sequence[Path]) -> Iterator[Path | Unreadable]:
    """Every file once: folders deep, names sorted, hidden ones left out, links followed."""
    seen: set[str] = set()
    for path in paths:
        for file in _walk(path, frozenset()):
            name = file.source if isinstance(file, Unreadable) else str(file)
            if name not in seen:
                seen.add(name)
                yield file


def _walk(path: Path, above: frozenset[tuple[int, int]]) -> Iterator[Path | Unreadable]:
    try:
        status = path.stat()
        if not stat.S_ISDIR(status.st_mode):
            regular = stat.S_ISREG(status.st_mode)
            yield path if regular else Unreadable(str(path), "not a regular file")
            return
        names = sorted(os.listdir(path))  # noqa: PTH208
    except OSError as error:
        yield Unreadable(str(path), _why(error))
        return
    identity = (status.st_dev, status.st_ino)
    if identity in above:
        yield Unreadable(str(path), "a link that leads back to a folder above it")
        return
    for name in names:
        if not name.startswith(".") and name != "__MACOSX":
            yield from _walk(path / name, above | {identity})


def _why(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "a link to nothing"
    return (error.strerror or type(error).__name__).lower()
