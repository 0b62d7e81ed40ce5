"""An artefact while it is made: a hidden folder beside its place, moved there when it is whole."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from zaohua.progress import Progress, Silent
from zaohua.store.files import sha256_of, sync_folder, write_atomic
from zaohua.store.manifest import Manifest, ManifestFile, code_version

Kind = Literal["dataset", "tokenizer", "tokens", "checkpoint", "adapter", "report"]

MANIFEST: Final = "manifest.json"
VERSION_DIGITS: Final = 12
NOTICEABLE_BYTES: Final = 256 * 2**20
"""What takes long enough to hash that a person wants to see it."""


@dataclass(slots=True)
class Work:
    """An artefact being made. Its folder survives a kill; the next maker of the same goes on in it.

    Attributes:
        path: the folder to write into.
        resumed: whether files of an earlier, broken attempt are in it.
        metrics, details, licence: set before the block ends; they go into the manifest.
    """

    kind: Kind
    name: str
    version: str
    path: Path
    resumed: bool
    metrics: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    licence: str = "unknown"


def version_of(kind: Kind, inputs: Sequence[str], recipe: Mapping[str, Any]) -> str:
    """12 hexadecimal digits that stand for what an artefact is made from.

    Raises:
        TypeError, ValueError: the recipe holds something that is no JSON value.
    """
    made_from = {"kind": kind, "inputs": list(inputs), "recipe": dict(recipe)}
    canonical = json.dumps(
        made_from, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()[:VERSION_DIGITS]


def begin(kind: Kind, name: str, version: str, home: Path) -> Work:
    """The folder to work in, below the artefact's own ``home``; a broken attempt's if any.

    What that attempt left half written is removed: it would become part of the artefact.
    """
    path = work_folder(home, version)
    path.mkdir(parents=True, exist_ok=True)
    for part in list(path.rglob(".*.part")):
        if part.is_dir():
            shutil.rmtree(part)
        else:
            part.unlink(missing_ok=True)
    return Work(kind, name, version, path, resumed=any(path.iterdir()))


def work_folder(home: Path, version: str) -> Path:
    """Where a version is while it is made; a leading dot keeps it apart from finished ones."""
    return home / f".{version}.work"


def finish(
    work: Work, inputs: Sequence[str], recipe: Mapping[str, Any], progress: Progress
) -> Manifest:
    """Hash what was made, write its manifest, move the folder to its place in one rename."""
    manifest = Manifest(
        kind=work.kind,
        name=work.name,
        version=work.version,
        files=hashed(work.path, progress, f"hashing {work.kind} {work.name}"),
        source="made here",
        reference=f"{work.kind}/{work.name}",
        licence=work.licence,
        code_version=code_version(),
        created=datetime.now(UTC),
        inputs=tuple(inputs),
        metrics=work.metrics,
        details=work.details,
        recipe=dict(recipe),
    )
    write_atomic(work.path / MANIFEST, manifest.to_json())
    place = work.path.with_name(work.version)
    shutil.rmtree(place, ignore_errors=True)
    work.path.replace(place)
    sync_folder(place.parent)
    return manifest


def hashed(folder: Path, progress: Progress, label: str) -> tuple[ManifestFile, ...]:
    """Every file below ``folder`` but its manifest, sorted by path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    files = [path for path in files if path != folder / MANIFEST]
    total = sum(path.stat().st_size for path in files)
    shown = progress if total >= NOTICEABLE_BYTES else Silent()
    shown.start(label, total)
    try:
        return tuple(_file(path, folder, shown) for path in files)
    finally:
        shown.finish()


def _file(path: Path, folder: Path, progress: Progress) -> ManifestFile:
    _sync(path)
    inside = path.relative_to(folder).as_posix()
    return ManifestFile(inside, sha256_of(path, progress), path.stat().st_size)


def _sync(path: Path) -> None:
    """Put a file on the disk for good before its hash vouches for it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
