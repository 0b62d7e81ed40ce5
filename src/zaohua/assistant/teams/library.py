"""The teams there are: those that come with zaohua, and the user's, which stand in for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

from zaohua.assistant.teams.reading import (
    MOST_BYTES,
    SUFFIX,
    name_of,
    read_team,
    read_team_file,
)
from zaohua.assistant.teams.team import Team
from zaohua.errors import NotFoundError, UsageError
from zaohua.settings import Settings
from zaohua.store.files import write_atomic
from zaohua.strict_yaml import read_text

FOLDER = "teams"


@dataclass(frozen=True, slots=True)
class TeamFile:
    """A team, or, with ``problem``, a file that should be one."""

    name: str
    team: Team | None
    own: bool
    problem: str = ""


class ConflictError(UsageError):
    """What is to be done does not fit what is there: the name is taken, the file was changed."""


def team_library(settings: Settings) -> TeamLibrary:
    """The teams of this home."""
    return TeamLibrary(settings.home / FOLDER)


class TeamLibrary:
    """Finds teams by name.

    Args:
        own: the folder of the user's teams, which need not be there.
    """

    def __init__(self, own: Path) -> None:
        self.own = own
        self._shipped = Path(str(files("zaohua.assistant.teams"))) / "shipped"

    def list(self) -> Sequence[TeamFile]:
        """All teams by name, also files that are none."""
        found = self._files()
        return [_read(name, *found[name]) for name in sorted(found)]

    def get(self, name: str) -> Team:
        """The team of that name.

        Raises:
            NotFoundError: there is none; names the nearest.
            UsageError: its file is no team, with all that is wrong in it.
        """
        path, own = self._file(name)
        return read_team_file(path, own=own)

    def source(self, name: str) -> tuple[str, bool]:
        """The text of a file, also of one that is no team, and whether it is the user's.

        Raises:
            NotFoundError: there is none; names the nearest.
            UsageError: it is no text.
        """
        path, own = self._file(name)
        return read_text(path, "a team", MOST_BYTES), own

    def new(self, name: str, start: str = "newsroom") -> Path:
        """The file of a new team of the user's, a copy of ``start`` to be edited.

        Raises:
            NotFoundError: there is no team ``start``.
            UsageError: the name is none, or the file is there already.
        """
        path = self._path(name)
        if path.exists():
            raise UsageError("there is such a team already", where=str(path), mend="edit it")
        write_atomic(path, self.get(start).source.encode())
        return path

    def add(self, name: str, text: str) -> Team:
        """Keep ``text`` as a new team of the user's.

        Raises:
            ConflictError: there is a team of that name.
            UsageError: the name is none, or the text is no team.
        """
        path = self._path(name)
        if name in self._files():
            raise ConflictError(f"there is a team '{name}' already", mend="give another name")
        return _kept(path, name, text)

    def replace(self, name: str, text: str, before: str | None = None) -> Team:
        """Keep ``text`` in the place of a team of the user's.

        Args:
            name: of the team.
            text: of its file from now on.
            before: what its file is thought to hold; None: whatever it holds.

        Raises:
            NotFoundError: there is no such team.
            ConflictError: it is not the user's, or holds something else by now.
            UsageError: the text is no team.
        """
        path = self._own_file(name)
        if before is not None and self.source(name)[0] != before:
            raise ConflictError("the team was changed elsewhere meanwhile", mend="read it again")
        return _kept(path, name, text)

    def remove(self, name: str) -> None:
        """Delete a team of the user's for good; what it worked on stays.

        Raises:
            NotFoundError: there is no such team.
            ConflictError: it is not the user's.
        """
        self._own_file(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        path = self.own / f"{name}{SUFFIX}"
        if path.parent != self.own or not name_of(path):
            raise UsageError(
                f"'{name[:80]}' cannot be the name of a team", mend="small letters, digits and -"
            )
        return path

    def _file(self, name: str) -> tuple[Path, bool]:
        found = self._files()
        if name not in found:
            near = get_close_matches(name, found, 1)
            mend = f"did you mean '{near[0]}'?" if near else "see 'zaohua team list'"
            raise NotFoundError(f"there is no team '{name[:80]}'", mend=mend)
        return found[name]

    def _own_file(self, name: str) -> Path:
        path, own = self._file(name)
        if not own:
            raise ConflictError(
                f"'{name}' comes with zaohua and stays as it is", mend="copy it under another name"
            )
        return path

    def _files(self) -> dict[str, tuple[Path, bool]]:
        shipped = {name: (path, False) for name, path in _inside(self._shipped)}
        return shipped | {name: (path, True) for name, path in _inside(self.own)}


def _kept(path: Path, name: str, text: str) -> Team:
    team = read_team(text, name, where=name, path=path)
    write_atomic(path, text.encode())
    return team


def _read(name: str, path: Path, own: bool) -> TeamFile:
    try:
        return TeamFile(name, read_team_file(path, own=own), own)
    except (UsageError, NotFoundError) as error:
        return TeamFile(name, None, own, error.what)


def _inside(folder: Path) -> list[tuple[str, Path]]:
    try:
        return [(name, path) for path in folder.iterdir() if (name := name_of(path))]
    except OSError:
        return []
