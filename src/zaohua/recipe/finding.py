"""Where recipes are: files of the user's, and those that come with zaohua."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from itertools import takewhile
from pathlib import Path

from zaohua.errors import NotFoundError

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Offer:
    """A recipe that comes with zaohua: its name, what its comment says first, its file."""

    name: str
    about: str
    path: Path


def shipped() -> list[Offer]:
    """The recipes that come with zaohua, by name."""
    folder = Path(str(files("zaohua"))) / "recipes"
    return [Offer(path.stem, _first_sentence(path), path) for path in sorted(folder.glob("*.yaml"))]


def locate(reference: str) -> Path:
    """The file of a recipe, given by path, or by the name of one that comes with zaohua.

    Raises:
        NotFoundError: there is none; names the nearest.
    """
    path = Path(reference).expanduser()
    if path.suffix in SUFFIXES or "/" in reference or path.is_file():
        if path.is_file():
            return path
        raise NotFoundError("there is no such recipe file", where=reference, mend=_known())
    for offer in shipped():
        if offer.name == reference:
            return offer.path
    near = get_close_matches(reference, [offer.name for offer in shipped()], 1)
    mend = f"did you mean '{near[0]}'?" if near else _known()
    raise NotFoundError(f"there is no recipe '{reference[:80]}'", mend=mend)


def _known() -> str:
    names = ", ".join(offer.name for offer in shipped())
    return f"give a YAML file, or one of {names} ('zaohua run --list' tells of them)"


def _first_sentence(path: Path) -> str:
    """Of the comment that a recipe begins with."""
    lines = path.read_text("utf-8").splitlines()
    comment = " ".join(line.lstrip("# ") for line in takewhile(_is_comment, lines))
    return comment.partition(". ")[0].removesuffix(".")


def _is_comment(line: str) -> bool:
    return line.startswith("#")
