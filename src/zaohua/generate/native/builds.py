"""What has been compiled here: one folder each below ``engines`` in the home, with what it is."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from zaohua.generate.native.products import LLAMACPP, PRODUCTS, Product
from zaohua.hardware import processor
from zaohua.store.blobs import Blobs
from zaohua.store.files import write_atomic

_RECORD = "build.json"


@dataclass(frozen=True, slots=True)
class Build:
    """A program or library compiled on this machine.

    Attributes:
        key: of its source, instructions and compiler; the name of its folder.
        source: sha256 of what was compiled.
        instructions: the processor's, used by it; empty: all that the compiler found.
        compiler: its name and version.
        seconds: that compiling took.
        name: of the product.
        recipe: a hash of all that it was told; empty: made before that was kept, and used where
            none of it was ours.
    """

    folder: Path
    key: str
    version: str
    source: str
    instructions: tuple[str, ...]
    compiler: str
    seconds: float
    name: str = LLAMACPP.name
    recipe: str = ""

    @property
    def product(self) -> Product:
        """What was compiled."""
        return next(one for one in PRODUCTS if one.name == self.name)

    @property
    def file(self) -> Path:
        """The program or library."""
        return self.folder / self.product.file

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.file.stat().st_size

    def told(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "folder": str(self.folder), "size": self.size}


def recipe_of(product: Product, instructions: Sequence[str]) -> str:
    """Of what a build of ``product`` with ``instructions`` is told, files of ours included."""
    told = json.dumps(product.recipe(instructions))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def engines(home: Path) -> Path:
    """The folder of all that is compiled."""
    return home / "engines"


def tools(home: Path) -> Path:
    """The folder of CMake and Ninja, where they came as wheels."""
    return engines(home) / "tools"


def keep(build: Build) -> None:
    """Write down what it is; from then on it is used."""
    told = {**asdict(build), "folder": ""}
    write_atomic(build.folder / _RECORD, json.dumps(told, indent=1).encode() + b"\n")


def builds(home: Path) -> list[Build]:
    """All that are whole, the newest first."""
    records = [folder / _RECORD for folder in _folders(home)]
    newest = sorted(records, key=lambda record: record.stat().st_mtime, reverse=True)
    return [build for record in newest if (build := _read(record)) is not None]


def built(
    home: Path, product: Product = LLAMACPP, flags: Iterable[str] | None = None
) -> Build | None:
    """That of ``product`` which runs here: of the source this version uses, for a processor with
    ``flags``.

    ``flags`` are those of this machine if not given.
    """
    has = frozenset(flags) if flags is not None else processor().flags
    made = (build for build in builds(home) if build.name == product.name)
    return next((build for build in made if _runs(build, has)), None)


def usable_builds(home: Path) -> list[Build]:
    """All that run here, one of each product."""
    found = (built(home, product) for product in PRODUCTS)
    return [build for build in found if build is not None]


def remove(home: Path) -> int:
    """Delete all that was compiled and what was fetched for it; the bytes freed."""
    folders = [*engines(home).glob("*.part"), tools(home), *_folders(home)]
    cache = Blobs(home / "cache")
    return sum(map(_delete, folders)) + sum(cache.delete(one.source.sha256) for one in PRODUCTS)


def _folders(home: Path) -> list[Path]:
    return [record.parent for record in engines(home).glob(f"*/{_RECORD}")]


def _delete(folder: Path) -> int:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    shutil.rmtree(folder, ignore_errors=True)
    return size


def _runs(build: Build, flags: frozenset[str]) -> bool:
    needed = {"avx512f" if name == "avx512" else name for name in build.instructions}
    same = build.recipe == recipe_of(build.product, build.instructions)
    known = same or not (build.recipe or build.product.named)
    return known and build.source == build.product.source.sha256 and needed <= flags


def _read(record: Path) -> Build | None:
    try:
        told = json.loads(record.read_bytes())
        instructions = tuple(told.pop("instructions"))
        build = Build(**{**told, "folder": record.parent, "instructions": instructions})
        return build if build.file.is_file() else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration):
        return None
