"""What stands for a source file in the lineage: a hash that is cheap for large files.

A file of up to 64 MiB is hashed whole. Of a larger one the size, the time of its last change and 64
pieces of 64 KiB, spread evenly from its first byte to its last, are hashed: a gigabyte costs as
much as four megabytes. A change of a large file that keeps both size and time goes unnoticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from zaohua.data.records import Unreadable
from zaohua.store.files import CHUNK

WHOLE = 64 << 20
PIECES = 64
PIECE = 64 << 10
MOST_LISTED = 64
"""More files than these are one line in the manifest."""


def identities(label: str, files: Sequence[Path | Unreadable]) -> list[str]:
    """``file:PATH#digest`` of each file, or one ``files:LABEL#digest`` of a great many."""
    each = [_identity(file) for file in files]
    if len(each) <= MOST_LISTED:
        return each
    digest = hashlib.sha256("\n".join(each).encode("utf-8", "surrogateescape")).hexdigest()
    return [f"files:{label} ({len(each)})#{digest}"]


def file_digest(path: Path) -> str:
    """The hash of a file as the module says."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        status = path.stat()
        if status.st_size <= WHOLE:
            for chunk in iter(lambda: file.read(CHUNK), b""):
                digest.update(chunk)
            return digest.hexdigest()
        digest.update(f"{status.st_size} {status.st_mtime_ns}".encode())
        for place in _places(status.st_size):
            file.seek(place)
            digest.update(file.read(PIECE))
    return f"sampled-{digest.hexdigest()}"


def _identity(file: Path | Unreadable) -> str:
    if isinstance(file, Unreadable):
        return f"file:{file.source}#unreadable"
    try:
        return f"file:{file}#{file_digest(file)}"
    except OSError:
        return f"file:{file}#unreadable"


def _places(size: int) -> Iterator[int]:
    for number in range(PIECES):
        yield (size - PIECE) * number // (PIECES - 1)
