"""Files named by the sha256 of their content, and those still arriving.

``blobs/sha256/HASH`` is whole and right from the moment it has that name. ``blobs/partial/*.part``
is what an interrupted download left, to be gone on with. ``blobs/derived/HASH-*`` was made from a
blob and can be made again.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from zaohua.progress import Progress
from zaohua.store.files import locked, sync_folder
from zaohua.store.part import Part


class Blobs:
    """The blobs below a home folder."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "blobs" / "sha256"
        self.partial = home / "blobs" / "partial"
        self._derived = home / "blobs" / "derived"
        self._locks = home / "locks"

    def path(self, sha256: str) -> Path:
        """Where the blob of that hash is, or will be."""
        return self.folder / sha256

    def derived(self, sha256: str, what: str) -> Path:
        """Where something made from that blob belongs; it goes when the blob goes."""
        return self._derived / f"{sha256}-{what}"

    def hashes(self) -> list[str]:
        """The blobs there are."""
        return sorted(path.name for path in self.folder.glob("*")) if self.folder.is_dir() else []

    def lock(self, key: str, progress: Progress, what: str) -> AbstractContextManager[None]:
        """Keep other processes from fetching or deleting the blob ``key``."""
        return locked(self._locks / f"blob-{key}.lock", progress, what)

    @contextmanager
    def part(self, key: str, mirror: str) -> Iterator[Part]:
        """The arriving file for blob ``key`` from one mirror; stays when interrupted."""
        mark = hashlib.sha256(mirror.encode()).hexdigest()[:8]
        with Part(self.partial / f"{key}.{mark}.part") as part:
            yield part

    def adopt(self, part: Path, key: str, sha256: str) -> Path:
        """Give a finished part its final name, and drop what else arrived for ``key``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.path(sha256)
        part.replace(target)
        target.chmod(0o444)
        sync_folder(self.folder)
        self.drop_parts(key)
        return target

    def drop_parts(self, key: str) -> int:
        """Delete all that arrived for ``key``, work folders too; returns the bytes freed."""
        found = [*self.partial.glob(f"{key}.*"), *self.partial.glob(f".{key}.*")]
        return sum(_delete(path) for path in found)

    def drop_other_parts(self, part: Path) -> bool:
        """Delete what other mirrors sent of the same blob; whether there was any."""
        key, mark, _ = part.name.split(".", 2)
        others = [p for p in self.partial.glob(f"{key}.*") if p.name.split(".")[1] != mark]
        for path in others:
            _delete(path)
        return bool(others)

    def delete(self, sha256: str) -> int:
        """Delete a blob; returns the bytes freed."""
        made = list(self._derived.glob(f"{sha256}-*"))
        return sum(map(_delete, [self.path(sha256), *made]))


def _delete(path: Path) -> int:
    files = [p for p in path.rglob("*") if p.is_file()] if path.is_dir() else [path]
    size = 0
    for file in files:
        with suppress(FileNotFoundError):
            size += file.stat().st_size
            file.unlink()
    shutil.rmtree(path, ignore_errors=True)
    return size
