"""Cleaned records on their way to the data set: a file for each task, written whole or not at all.

A segment is what a broken run goes on from. It holds the lines of the records that passed the local
steps, what the ordered steps need to know of each (hashes, a sketch, sizes), and the figures.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from zaohua.data.cleaning.near_duplicates import Sketch
from zaohua.data.cleaning.tally import Tally
from zaohua.data.dataset import compressed
from zaohua.data.prepare.sources import Cursor
from zaohua.data.readers.libraries import library
from zaohua.data.records import Unreadable
from zaohua.store.files import write_atomic

Array = NDArray[Any]
_FOR_ORDER = {"bands", "shingles", "shingles_count", "line_keys", "line_keys_count"}


@dataclass(frozen=True, slots=True)
class Passed:
    """A record that passed the local steps.

    Attributes:
        line: as it goes into a shard.
        key: of `document_key`.
        draw: the number from 0 to 1 that decides between training and validation.
        size: characters and bytes of its text.
        line_keys: of each line, for plain texts when duplicate lines are looked for.
    """

    line: bytes
    key: int
    draw: float
    size: tuple[int, int]
    language: str
    label: str
    kind: str
    sketch: Sketch | None
    line_keys: Sequence[int]


@dataclass(slots=True)
class Figures:
    """What else a task found out. ``rejects``: for each step the lines of what it dropped."""

    tally: Tally = field(default_factory=Tally)
    unreadable: list[Unreadable] = field(default_factory=list)
    rejects: dict[str, list[bytes]] = field(default_factory=dict)


class Segment:
    """A segment, read from its file. Its lines are unpacked when they are first asked for."""

    def __init__(self, arrays: dict[str, Array]) -> None:
        self._arrays = arrays
        meta = orjson.loads(arrays["meta"].tobytes())
        self.source: int = meta["source"]
        self.after = Cursor(**meta["after"])
        self.tally = Tally.restored(meta["tally"])
        self.unreadable = [Unreadable(**item) for item in meta["unreadable"]]
        self.names: list[str] = meta["names"]
        self.keys: list[int] = arrays["keys"].tolist()
        self.draws: list[float] = arrays["draws"].tolist()
        self.sizes: list[tuple[int, int]] = list(map(tuple, arrays["sizes"].tolist()))
        self._classes: list[list[int]] = arrays["classes"].tolist()
        self._rejects: list[tuple[str, int]] = meta["rejects"]

    def __len__(self) -> int:
        return len(self.keys)

    def language(self, index: int) -> str:
        """The language of a record."""
        return self.names[self._classes[index][0]]

    def label(self, index: int) -> str:
        """The label of a record as text; empty when it has none."""
        return self.names[self._classes[index][1]]

    def kind(self, index: int) -> str:
        """The kind of a record."""
        return self.names[self._classes[index][2]]

    def line(self, index: int) -> bytes:
        """The line of a record."""
        ends = self._ends("line_bytes")
        return self._lines[ends[index] : ends[index + 1]]

    def line_keys(self, index: int) -> list[int]:
        """The hashes of a record's lines."""
        keys: list[int] = self._run("line_keys", index).tolist()
        return keys

    def sketch(self, index: int) -> Sketch | None:
        """The sketch of a record, if it has one."""
        shingles = self._run("shingles", index)
        if not len(shingles):
            return None
        return Sketch(tuple(self._arrays["bands"][index].tolist()), shingles.copy())

    def rejects(self) -> dict[str, list[bytes]]:
        """For each local step the lines of what it dropped."""
        lines = _unpacked(self._arrays["rejected"]).splitlines(keepends=True)
        found: dict[str, list[bytes]] = {}
        for step, count in self._rejects:
            found[step], lines = lines[:count], lines[count:]
        return found

    @cached_property
    def _lines(self) -> bytes:
        return _unpacked(self._arrays["lines"])

    def _run(self, name: str, index: int) -> Array:
        ends = self._ends(f"{name}_count")
        return self._arrays[name][ends[index] : ends[index + 1]]

    def _ends(self, name: str) -> Array:
        return self._arrays[name]


def write(path: Path, source: int, after: Cursor, passed: list[Passed], figures: Figures) -> None:
    """Write a segment."""
    names: dict[str, int] = {}

    def number(name: str) -> int:
        return names.setdefault(name, len(names))

    classes = [[number(p.language), number(p.label), number(p.kind)] for p in passed]
    rejected = [line for lines in figures.rejects.values() for line in lines]
    meta = {
        "source": source,
        "after": after,
        "tally": figures.tally,
        "unreadable": figures.unreadable,
        "names": list(names),
        "rejects": [(step, len(lines)) for step, lines in figures.rejects.items()],
    }
    arrays: dict[str, Any] = dict(
        meta=np.frombuffer(orjson.dumps(meta), dtype=np.uint8),
        classes=np.array(classes, dtype=np.int32),
        sizes=np.array([p.size for p in passed], dtype=np.int64),
        keys=np.array([p.key for p in passed], dtype=np.uint64),
        draws=np.array([p.draw for p in passed], dtype=np.float64),
        lines=_packed([p.line for p in passed]),
        line_bytes=_bounds([len(p.line) for p in passed]),
        rejected=_packed(rejected),
        **_sketches([p.sketch for p in passed]),
        **_runs("line_keys", [np.array(p.line_keys, dtype=np.uint64) for p in passed]),
    )
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    write_atomic(path, buffer.getvalue())


def read(path: Path, *, sketches: bool = True) -> Segment | None:
    """A segment; ``None`` if there is none or it is damaged: then it is to be made again.

    Args:
        path: its file.
        sketches: whether what the ordered steps need is read too; the lines alone take less.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            wanted = [name for name in arrays.files if sketches or name not in _FOR_ORDER]
            return Segment({name: arrays[name] for name in wanted})
    except (OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError):
        return None
    except Exception as error:
        if type(error).__name__ == "BadZipFile":
            return None
        raise


def _packed(lines: list[bytes]) -> Array:
    return np.frombuffer(compressed(b"".join(lines)), dtype=np.uint8)


def _unpacked(packed: Array) -> bytes:
    zstandard = library("zstandard", "preparing a data set")
    return bytes(zstandard.ZstdDecompressor().decompress(packed.tobytes()))


def _sketches(sketches: list[Sketch | None]) -> dict[str, Array]:
    width = max((len(sketch.bands) for sketch in sketches if sketch), default=0)
    none = (0,) * width
    bands = [sketch.bands if sketch else none for sketch in sketches]
    empty = np.empty(0, dtype=np.uint32)
    runs = _runs("shingles", [sketch.shingles if sketch else empty for sketch in sketches])
    return {"bands": np.array(bands, dtype=np.uint64).reshape(len(sketches), width), **runs}


def _runs(name: str, runs: list[Array]) -> dict[str, Array]:
    flat = np.concatenate(runs) if runs else np.empty(0, dtype=np.uint64)
    return {name: flat, f"{name}_count": _bounds([len(run) for run in runs])}


def _bounds(lengths: list[int]) -> Array:
    return np.concatenate(([0], np.cumsum(np.array(lengths, dtype=np.int64)))).astype(np.int64)
