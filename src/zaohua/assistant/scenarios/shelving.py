"""The documents of a pack as collections: kept up to date with its files, read by everybody."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from zaohua.assistant.scenarios.pack import LANGUAGES, Language, Pack
from zaohua.errors import NotFoundError, UsageError
from zaohua.knowledge import Knowledge, Reader, Shelf, Shelves
from zaohua.knowledge.shelves import KEPT
from zaohua.progress import Progress

_EVERYTHING: Final = Reader(KEPT, everything=True)


def shelve(
    pack: Pack, knowledge: Knowledge, shelves: Shelves, progress: Progress | None = None
) -> Mapping[Language, tuple[str, ...]]:
    """Bring the collections of a pack up to date with its files; their names. Blocking.

    What is new is found by its words at once, by its meaning after `Knowledge.embed`.

    Raises:
        UsageError: somebody has a collection of that name.
    """
    found: dict[Language, tuple[str, ...]] = {}
    for language in LANGUAGES:
        if pack.documents(language):
            name = pack.collection(language)
            _make_ours(name, pack.knowledge(language), knowledge, shelves)
            knowledge.add([pack.knowledge(language)], name, progress=progress)
            found[language] = (name,)
    return found


def _make_ours(name: str, folder: Path, knowledge: Knowledge, shelves: Shelves) -> None:
    """Make the collection, or see that it holds this folder and nothing else."""
    shelf = _shelf(name, shelves)
    if shelf and shelf.owner != KEPT:
        raise UsageError(
            "a collection of that name is there and is not the scenario's",
            where=name,
            mend=f"'zaohua knowledge remove {name}' makes room",
        )
    if shelf and shelf.roots and shelf.roots != (str(folder.absolute()),):
        knowledge.remove(name)
        shelf = None
    if shelf is None:
        shelves.make(name, KEPT, shared=True)


def _shelf(name: str, shelves: Shelves) -> Shelf | None:
    try:
        return shelves.named(name, _EVERYTHING)
    except NotFoundError:
        return None
