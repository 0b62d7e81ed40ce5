"""Where files that people sent are kept: ``HOME/knowledge/uploads``, a folder a collection."""

from __future__ import annotations

import shutil
from pathlib import Path

UNFINISHED = ".part-"
"""How names begin of files that are still coming; what reads folders passes hidden ones by."""


class Uploads:
    """The files under one folder. All methods block."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "knowledge" / "uploads"

    def of(self, collection: int) -> Path:
        """The folder of a collection, made if it is not there."""
        found = self.folder / str(collection)
        found.mkdir(parents=True, exist_ok=True, mode=0o700)
        return found

    def sweep(self) -> None:
        """Delete what was coming when an earlier process ended."""
        for left in self.folder.glob(f"*/{UNFINISHED}*"):
            left.unlink(missing_ok=True)

    def drop(self, path: str) -> None:
        """Delete a file if it is one of these: files elsewhere are not ours."""
        file = Path(path)
        if file.is_relative_to(self.folder):
            file.unlink(missing_ok=True)

    def drop_all(self, collection: int) -> None:
        """Delete the folder of a collection."""
        shutil.rmtree(self.folder / str(collection), ignore_errors=True)
