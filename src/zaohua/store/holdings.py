"""What artefacts take on the disk, and which of them nothing needs any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from zaohua.errors import NotFoundError, UsageError
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts
from zaohua.store.lineage import everything, lineage, reference_of
from zaohua.store.shelf import Shelf

State = Literal["in use", "needed", "old", "unfinished"]


@dataclass(frozen=True, slots=True)
class Holding:
    """One version of an artefact on the disk.

    Attributes:
        reference: ``kind/name@version``.
        state: ``in use``: what its name stands for; ``needed``: something that is in use was made
            from it; ``old``: neither; ``unfinished``: begun, to be gone on with, or left.
        size: bytes of its files.
        created: when it was made, or last written to if it is unfinished.
    """

    reference: str
    state: State
    size: int
    created: datetime


def holdings(settings: Settings) -> list[Holding]:
    """All artefacts, those that take most first."""
    artefacts = Artefacts(settings.home)
    whole = list(artefacts.all())
    in_use = {one.reference for one in whole if artefacts.is_in_use(one)}
    needed = _needed(whole, in_use, settings)
    found = [_finished(one, in_use, needed) for one in whole]
    found += [_unfinished(reference, folder) for reference, folder in artefacts.unfinished()]
    return sorted(found, key=lambda one: one.size, reverse=True)


def remove(name: str, settings: Settings, *, force: bool = False) -> Holding:
    """Free the room of one artefact; what it was.

    Args:
        name: ``name``, ``name@version`` or ``kind/name``, as `zaohua.store.lineage.lineage` takes
            it, or the whole reference of something unfinished.
        settings: of the home.
        force: also if others were made from it. They stay, and their lineage calls it gone.

    Raises:
        NotFoundError: nothing has that name.
        UsageError: others were made from it, or it is a model of the shelf.
        UnavailableError: it is being made.
    """
    held = {one.reference: one for one in holdings(settings)}
    reference = name if name in held else _reference(name, settings)
    users = [reference_of(one) for one in everything(settings) if reference in one.inputs]
    if users and not force:
        others = f" and {len(users) - 1} more" if len(users) > 1 else ""
        raise UsageError(
            f"{reference} is a source of {users[0]}{others}",
            mend="--force removes it all the same; they stay",
        )
    Artefacts(settings.home).delete(reference)
    return held[reference]


def leftovers(settings: Settings, *, unfinished: bool = False) -> list[Holding]:
    """What nothing needs: the old, and with ``unfinished`` what was begun and not ended."""
    states = ("old", "unfinished") if unfinished else ("old",)
    return [one for one in holdings(settings) if one.state in states]


def _reference(name: str, settings: Settings) -> str:
    manifest = lineage(name, settings).manifest
    if manifest is None:
        raise NotFoundError(f"nothing is named '{name[:120]}'")
    if manifest.kind == "model":
        raise UsageError(
            f"{manifest.name} is a model of the shelf",
            mend=f"'zaohua models rm {manifest.name}'; what it was made from is KIND/NAME",
        )
    return reference_of(manifest)


def _needed(whole: Sequence[Artefact], in_use: set[str], settings: Settings) -> set[str]:
    """All that what is in use was made from, the models of the shelf included."""
    made_from = {one.reference: one.manifest.inputs for one in whole}
    wanted = [source for one in in_use for source in made_from[one]]
    wanted += [source for m in Shelf(settings).manifests.all_versions() for source in m.inputs]
    found: set[str] = set()
    while wanted:
        reference = wanted.pop()
        if reference in made_from and reference not in found:
            found.add(reference)
            wanted += made_from[reference]
    return found


def _finished(one: Artefact, in_use: set[str], needed: set[str]) -> Holding:
    state: State = "old"
    if one.reference in in_use:
        state = "in use"
    elif one.reference in needed:
        state = "needed"
    size = sum(file.size for file in one.manifest.files)
    return Holding(one.reference, state, size, one.manifest.created)


def _unfinished(reference: str, folder: Path) -> Holding:
    stats = [path.stat() for path in folder.rglob("*") if path.is_file()]
    written = max((stat.st_mtime for stat in stats), default=folder.stat().st_mtime)
    size = sum(stat.st_size for stat in stats)
    return Holding(reference, "unfinished", size, datetime.fromtimestamp(written, UTC))
