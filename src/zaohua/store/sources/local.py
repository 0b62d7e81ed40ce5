"""A file on this machine, copied into the store."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from zaohua.store.files import CHUNK
from zaohua.store.part import Part
from zaohua.store.sources.base import Meter, Offer, SourceFailed


def resolved(text: str | Path) -> Path:
    """The absolute path; ``~`` means the user's home where there is such a user."""
    path = Path(text)
    with suppress(RuntimeError):
        path = path.expanduser()
    return path.absolute()


@dataclass(frozen=True)
class LocalFile:
    """A path, or one relative to the home of the user when it begins with ``~``."""

    path: str

    kind: ClassVar[str] = "path"
    remote: ClassVar[bool] = False

    @property
    def label(self) -> str:
        """The absolute path."""
        return str(self._path)

    @property
    def file_name(self) -> str:
        """The name of the file."""
        return self._path.name

    @property
    def _path(self) -> Path:
        return resolved(self.path)

    def look(self) -> Offer:
        """The size of the file."""
        try:
            if not self._path.is_file():
                raise SourceFailed("there is no such file", where=self.label)
            return Offer(size=self._path.stat().st_size)
        except OSError as error:
            raise SourceFailed(error.strerror or "cannot be read", where=self.label) from error

    def extra_space(self, size: int) -> int:
        """Nothing beside the copy."""
        return 0

    def fetch(self, part: Part, offer: Offer, meter: Meter) -> None:
        """Copy."""
        part.restart()
        meter.start(0)
        try:
            with self._path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    part.write(chunk)
                    meter.to(part.size)
        except OSError as error:
            raise SourceFailed(error.strerror or "cannot be read", where=self.label) from error
        part.sync()
