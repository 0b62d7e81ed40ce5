"""The templates there are: those that come with zaohua, and the user's, which stand in for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

from zaohua.errors import NotFoundError, UsageError
from zaohua.generate.prompts.reading import SUFFIX, name_of, read_file
from zaohua.generate.prompts.template import Template
from zaohua.settings import Settings
from zaohua.text.instructions import is_chinese
from zaohua.text.language import main_language

FOLDER = "prompts"
FALLBACK = "en"

Folders = Callable[[], Sequence[Path]]


@dataclass(frozen=True, slots=True)
class Listing:
    """A template in one language, or, with ``problem``, a file that should be one."""

    name: str
    language: str
    title: str
    about: str
    version: int
    own: bool
    problem: str = ""


def library(settings: Settings, also: Folders = tuple) -> PromptLibrary:
    """The templates of this home, and those in the folders that ``also`` gives."""
    return PromptLibrary(settings.home / FOLDER, also)


class PromptLibrary:
    """Finds templates by name and language; a file is read again only when it has changed.

    Args:
        own: the folder of the user's templates, which need not be there.
        also: gives folders of more; they do not stand in for the others.
    """

    def __init__(self, own: Path, also: Folders = tuple) -> None:
        self.own = own
        self._also = also
        self._shipped = Path(str(files("zaohua.generate.prompts"))) / "shipped"
        self._read: dict[Path, tuple[tuple[int, int], Template]] = {}

    def listings(self, search: str = "") -> list[Listing]:
        """All templates by name; with ``search`` those that have all its words somewhere."""
        words = search.lower().split()
        listed = (self._listing(path, own=own) for path, own in self._files())
        return [one for one in listed if all(word in _searched(one) for word in words)]

    def names(self) -> list[str]:
        """The names there are."""
        return sorted({named[0] for path, _ in self._files() if (named := name_of(path))})

    def languages(self, name: str) -> list[str]:
        """The languages that template ``name`` is there in; empty for one that serves all."""
        return list(self._named(name))

    def get(self, name: str, language: str = "") -> Template:
        """Template ``name`` in ``language``, or in the one it is there in.

        Raises:
            NotFoundError: there is none of that name; names the nearest.
            UsageError: its file is no template.
        """
        found = self._named(name)
        if not found:
            raise self._unknown(name)
        wanted = next((one for one in (language, "", FALLBACK) if one in found), next(iter(found)))
        path, own = found[wanted]
        return self._template(path, own=own)

    def choose(self, name: str, given: Mapping[str, Any], language: str = "") -> Template:
        """Template ``name`` in ``language``, else in that of what it is given.

        Raises:
            NotFoundError, UsageError: as `get`; UsageError also if it is not there in ``language``.
        """
        there = self.languages(name)
        if language and there and not {language, ""} & set(there):
            mend = f"there are {', '.join(there)}"
            raise UsageError(f"prompt '{name}' is not there in '{language}'", mend=mend)
        return self.get(name, language or language_of(given))

    def _named(self, name: str) -> dict[str, tuple[Path, bool]]:
        """The files of ``name`` by language, and whether they are the user's."""
        return {
            named[1]: (path, own)
            for path, own in self._files()
            if (named := name_of(path)) and named[0] == name
        }

    def _files(self) -> Iterator[tuple[Path, bool]]:
        """Each template's file once, by name, and whether it is the user's."""
        own = {named: path for path in _inside(self.own) if (named := name_of(path))}
        everywhere = {name for name, language in own if not language}
        below = [path for folder in (*self._also(), self._shipped) for path in _inside(folder)]
        found: dict[tuple[str, str], tuple[Path, bool]] = {
            named: (path, False)
            for path in below
            if (named := name_of(path)) and named[0] not in everywhere
        }
        found |= {named: (path, True) for named, path in own.items()}
        for named in sorted(found):
            yield found[named]

    def _template(self, path: Path, *, own: bool) -> Template:
        try:
            about = path.stat()
        except OSError as error:
            raise NotFoundError("the prompt cannot be read", where=str(path)) from error
        stamp = (about.st_mtime_ns, about.st_size)
        known = self._read.get(path)
        if known is None or known[0] != stamp:
            known = self._read[path] = (stamp, read_file(path, own=own))
        return known[1]

    def _listing(self, path: Path, *, own: bool) -> Listing:
        name, language = name_of(path) or (path.stem, "")
        try:
            found = self._template(path, own=own)
        except (UsageError, NotFoundError) as error:
            return Listing(name, language, name, "", 0, own, error.what)
        spec = found.spec
        return Listing(name, found.language, found.title, spec.about, spec.version, own)

    def _unknown(self, name: str) -> NotFoundError:
        near = get_close_matches(name, self.names(), 1)
        mend = f"did you mean '{near[0]}'?" if near else "see 'zaohua prompt list'"
        return NotFoundError(f"there is no prompt '{name[:80]}'", mend=mend)


def language_of(given: Mapping[str, Any]) -> str:
    """The language of the longest text that is given; English where none is plain."""
    texts = [value for value in given.values() if isinstance(value, str)]
    longest = max(texts, key=len, default="")
    return "zh" if is_chinese(longest[:20_000]) else main_language(longest) or FALLBACK


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == SUFFIX)
    except OSError:
        return []


def _searched(listing: Listing) -> str:
    return f"{listing.name} {listing.title} {listing.about}".lower()
