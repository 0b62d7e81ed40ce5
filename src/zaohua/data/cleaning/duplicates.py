"""Exact duplicates: documents and lines, remembered as 64-bit hashes in bounded memory."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import ClassVar

import xxhash

from zaohua.data.cleaning.shingles import character_units, line_units
from zaohua.data.records import Dropped, Record

_FIRST_SLOTS = 1 << 12


def document_key(record: Record, *, labelled: bool = True) -> int:
    """A 64-bit hash of what the record says: letters and digits, case folded, and who says it.

    Args:
        record: what to hash. Source, position and meta do not count.
        labelled: whether the same text under another label is another document.
    """
    digest = xxhash.xxh3_64()
    digest.update(record.kind.encode() if labelled else b"")
    if labelled and record.label is not None:
        digest.update(f"\0{record.label!r}".encode("utf-8", "surrogatepass"))
    _feed(digest, "text", record.text)
    for group in (record.messages, record.chosen, record.rejected):
        digest.update(b"\1")
        for turn in group:
            _feed(digest, turn.role, turn.content)
    return int(digest.intdigest())


class SeenHashes:
    """A set of hashes that grows to ``capacity`` and then forgets the oldest generation.

    At least the last ``capacity`` distinct hashes are remembered exactly. A generation takes 16 to
    32 bytes a hash, half as much again while it grows; there are at most two.

    Args:
        capacity: at least 1.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._current = _Table()
        self._older: _Table | None = None

    def add(self, value: int) -> bool:
        """Remember ``value``; whether it was known."""
        value = value or 1
        if value in self._current:
            return True
        known = self._older is not None and value in self._older
        if self._current.count >= self.capacity:
            self._older, self._current = self._current, _Table()
        self._current.insert(value)
        return known


@dataclass(slots=True)
class ExactDuplicates:
    """Keeps the first of documents that say the same.

    Attributes:
        capacity: how many documents are remembered.
    """

    name: ClassVar[str] = "duplicates"
    capacity: int = 8_000_000
    _seen: SeenHashes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._seen = SeenHashes(self.capacity)

    def apply(self, record: Record) -> Record | Dropped:
        """The record, or dropped as ``duplicate``."""
        if self._seen.add(document_key(record)):
            return Dropped(record, self.name, "duplicate")
        return record


@dataclass(slots=True)
class DuplicateLines:
    """Removes lines that stood in an earlier text, of plain texts only.

    Attributes:
        least: shorter lines (in letters, digits and characters) are left alone.
        capacity: how many lines are remembered.
        least_left: a text that loses so much that a smaller share stays is dropped as
            ``duplicate_lines``.
    """

    name: ClassVar[str] = "duplicate_lines"
    least: int = 15
    capacity: int = 8_000_000
    least_left: float = 0.3
    _seen: SeenHashes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._seen = SeenHashes(self.capacity)

    def apply(self, record: Record) -> Record | Dropped:
        """The record without lines seen before, or dropped."""
        if record.kind != "text":
            return record
        keys = line_keys(record.text, self.least)
        old = self.old_lines(keys)
        return self.without(record, old) if old else record

    def old_lines(self, keys: Iterable[int]) -> list[int]:
        """The numbers of the lines seen before, by their `line_keys`; the others are remembered."""
        return [number for number, key in enumerate(keys) if key and self._seen.add(key)]

    def without(self, record: Record, old: Collection[int]) -> Record | Dropped:
        """The record without the lines of these numbers, or dropped as ``duplicate_lines``."""
        lines = record.text.split("\n")
        gone = set(old)
        new = [line for number, line in enumerate(lines) if number not in gone]
        text = "\n".join(new).strip("\n")
        if not text.strip() or len(text) < self.least_left * len(record.text):
            return Dropped(record, self.name, "duplicate_lines")
        return replace(record, text=text)


def line_keys(text: str, least: int) -> list[int]:
    """A hash of each line of ``text``; 0 for lines of fewer than ``least`` letters and digits."""
    return [
        (xxhash.xxh3_64_intdigest(units.tobytes()) or 1) if len(units) >= least else 0
        for units in line_units(text)
    ]


class _Table:
    """Hashes by open addressing, at most half full. Zero marks a free slot."""

    def __init__(self, slots: int = _FIRST_SLOTS) -> None:
        self._slots = array("Q", bytes(8 * slots))
        self._mask = slots - 1
        self.count = 0

    def __contains__(self, value: int) -> bool:
        return self._slots[self._place(value)] == value

    def insert(self, value: int) -> None:
        """Put in a value that is not there."""
        if self.count * 2 >= len(self._slots):
            self._grow()
        self._slots[self._place(value)] = value
        self.count += 1

    def _place(self, value: int) -> int:
        slots, mask = self._slots, self._mask
        place = value & mask
        while (found := slots[place]) and found != value:
            place = (place + 1) & mask
        return place

    def _grow(self) -> None:
        old = self._slots
        self._slots = array("Q", bytes(16 * len(old)))
        self._mask = len(self._slots) - 1
        for value in old:
            if value:
                self._slots[self._place(value)] = value


def _feed(digest: xxhash.xxh3_64, role: str, text: str) -> None:
    units = character_units(text)
    digest.update(f"\2{role}\0{len(units)}\0".encode())
    if len(units):
        digest.update(units.tobytes())
    else:
        digest.update("".join(text.split()).encode("utf-8", "surrogatepass"))
