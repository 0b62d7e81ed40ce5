"""The packs there are: those that come with zaohua, and the user's, which stand in for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from zaohua.assistant.scenarios.pack import HEAD, Pack
from zaohua.assistant.scenarios.reading import read_pack
from zaohua.errors import NotFoundError, UsageError, ZaohuaError
from zaohua.problems import nearest
from zaohua.settings import Settings

FOLDER: Final = "scenarios"


@dataclass(frozen=True, slots=True)
class Broken:
    """A folder that should be a pack and is none, and why."""

    name: str
    folder: Path
    problem: str


def packs(settings: Settings) -> Packs:
    """The packs of this home."""
    return Packs(settings.home / FOLDER)


def shipped() -> Path:
    """The folder of the packs that come with zaohua."""
    return Path(str(files("zaohua.assistant.scenarios"))) / "shipped"


class Packs:
    """Finds packs by name; a ``scenario.yaml`` is read again only when it has changed.

    Args:
        own: the folder of the user's packs, which need not be there.
    """

    def __init__(self, own: Path) -> None:
        self.own = own
        self._read: dict[Path, tuple[tuple[int, int], Pack]] = {}

    def names(self) -> list[str]:
        """The names there are, also of broken ones."""
        return sorted(self._folders())

    def all(self) -> list[Pack | Broken]:
        """All packs by name, and what should be one."""
        return [self._one(name, folder, yours=yours) for name, (folder, yours) in self._sorted()]

    def get(self, name: str) -> Pack:
        """Pack ``name``.

        Raises:
            NotFoundError: there is none; names the nearest.
            UsageError: it is broken, with all that is wrong.
        """
        found = self._folders().get(name)
        if found is None:
            mend = nearest(name, self.names()) if self.names() else "see 'zaohua scenario list'"
            raise NotFoundError(f"there is no scenario '{name[:80]}'", mend=mend)
        folder, yours = found
        return self._pack(folder, yours=yours)

    def template_folders(self) -> list[Path]:
        """The folders of the prompt templates of all packs."""
        return [folder / "templates" for _, (folder, _) in self._sorted()]

    def _folders(self) -> dict[str, tuple[Path, bool]]:
        found = {folder.name: (folder, False) for folder in _inside(shipped())}
        return found | {folder.name: (folder, True) for folder in _inside(self.own)}

    def _sorted(self) -> list[tuple[str, tuple[Path, bool]]]:
        return sorted(self._folders().items())

    def _one(self, name: str, folder: Path, *, yours: bool) -> Pack | Broken:
        try:
            return self._pack(folder, yours=yours)
        except UsageError as error:
            return Broken(name, folder, told(error))

    def _pack(self, folder: Path, *, yours: bool) -> Pack:
        head = folder / HEAD
        try:
            about = head.stat()
        except OSError:
            return read_pack(folder, yours=yours)
        stamp = (about.st_mtime_ns, about.st_size)
        known = self._read.get(folder)
        if known is None or known[0] != stamp:
            known = self._read[folder] = (stamp, read_pack(folder, yours=yours))
        return known[1]


def told(error: ZaohuaError) -> str:
    """What is wrong with a pack, without the folder it lies in."""
    return f"{error.what}: {error.mend}" if error.mend else error.what


def _inside(folder: Path) -> Iterator[Path]:
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return
    yield from (path for path in found if path.is_dir() and path.name[0] not in "._")
