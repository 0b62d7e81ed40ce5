"""Near-duplicates: MinHash finds candidates, real Jaccard similarity decides, the first is kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import xxhash
from numpy.typing import NDArray

from zaohua.data.cleaning.shingles import (
    Hashes,
    character_units,
    distinct,
    ngram_hashes,
    word_units,
)
from zaohua.data.cleaning.steps import CHINESE, language_of
from zaohua.data.records import Dropped, Record

Shingles = NDArray[np.uint32]
_PERMUTATIONS = 128
_SEED = 20_260_101
_BYTES_A_BAND = 125


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is remembered of a document: a hash of each band, and its shingles in order of hash.

    Of the shingles' hashes the upper 32 bits are kept, which is enough to compare two documents.
    """

    bands: tuple[int, ...]
    shingles: Shingles

    @property
    def size(self) -> int:
        """About how many bytes it takes while remembered."""
        return int(self.shingles.nbytes) + _BYTES_A_BAND * len(self.bands)


@dataclass(slots=True)
class NearDuplicates:
    """Drops a document whose shingles are mostly those of an earlier one.

    Shingles are runs of characters for Chinese and of words for other languages. A pair that shares
    a band is compared by Jaccard similarity of the shingles themselves; of documents with more
    than ``compared`` shingles the smallest hashes stand for all (error about 1 %).

    Attributes:
        threshold: from which Jaccard similarity on a document is a duplicate.
        characters: length of a Chinese shingle.
        words: length of a shingle elsewhere.
        bands: of the MinHash signature; with 21 bands of 6 rows a pair at 0.8 is found in 99.8 %.
        compared: shingles kept of a document for comparison.
        memory: bytes of sketches; beyond it the oldest are forgotten.
        least: documents with fewer shingles are left to exact de-duplication.
    """

    name: ClassVar[str] = "near_duplicates"
    threshold: float = 0.8
    characters: int = 5
    words: int = 5
    bands: int = 21
    compared: int = 1024
    memory: int = 1 << 30
    least: int = 5
    _kept: OrderedDict[int, Sketch] = field(init=False, repr=False, default_factory=OrderedDict)
    _buckets: dict[int, int | list[int]] = field(init=False, repr=False, default_factory=dict)
    _size: int = field(init=False, repr=False, default=0)
    _next: int = field(init=False, repr=False, default=0)

    def apply(self, record: Record) -> Record | Dropped:
        """The record, or dropped as ``near_duplicate``."""
        sketch = self.sketch(record)
        if sketch is None:
            return record
        return Dropped(record, self.name, "near_duplicate") if self.known(sketch) else record

    def sketch(self, record: Record) -> Sketch | None:
        """The costly part, which depends on this record alone; ``None`` if it is too short."""
        text = record.body()
        if language_of(record) in CHINESE:
            hashes = ngram_hashes(character_units(text), self.characters)
        else:
            hashes = ngram_hashes(word_units(text), self.words)
        shingles = distinct(hashes)
        if len(shingles) < self.least:
            return None
        upper = (shingles[: self.compared] >> np.uint64(32)).astype(np.uint32)
        return Sketch(self._bands_of(shingles), distinct_sorted(upper))

    def known(self, sketch: Sketch) -> bool:
        """Whether an earlier document is this one nearly; if not, it is remembered."""
        candidates = {key for band in sketch.bands for key in self._in(band)}
        for key in sorted(candidates):
            other = self._kept[key].shingles
            if similarity(sketch.shingles, other, self.compared) >= self.threshold:
                return True
        self._remember(sketch)
        return False

    def _bands_of(self, shingles: Hashes) -> tuple[int, ...]:
        from rensa import RMinHash  # type: ignore[import-untyped]

        matrix = RMinHash.digest_matrix_from_flat_token_hashes(
            shingles, [0, len(shingles)], _PERMUTATIONS, _SEED
        )
        row = np.array(matrix.to_rows()[0], dtype=np.uint32)
        rows = _PERMUTATIONS // self.bands
        packed = row[: rows * self.bands].tobytes()
        width = 4 * rows
        return tuple(
            xxhash.xxh3_64_intdigest(packed[band * width : (band + 1) * width], seed=band)
            for band in range(self.bands)
        )

    def _remember(self, sketch: Sketch) -> None:
        key, self._next = self._next, self._next + 1
        self._kept[key] = sketch
        self._size += sketch.size
        for band in sketch.bands:
            others = self._buckets.setdefault(band, key)
            if isinstance(others, list):
                others.append(key)
            elif others != key:
                self._buckets[band] = [others, key]
        while self._size > self.memory and len(self._kept) > 1:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        key, sketch = self._kept.popitem(last=False)
        self._size -= sketch.size
        for band in sketch.bands:
            others = self._buckets[band]
            if isinstance(others, list) and len(others) > 1:
                others.remove(key)
            else:
                del self._buckets[band]

    def _in(self, band: int) -> Iterable[int]:
        """The documents in a bucket: most have one, which is stored without a list around it."""
        found = self._buckets.get(band, ())
        return (found,) if isinstance(found, int) else found


def distinct_sorted(ordered: Shingles) -> Shingles:
    """Each of the sorted values once."""
    first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def similarity(first: Shingles, second: Shingles, compared: int) -> float:
    """Jaccard similarity of two sorted sets of hashes, or its estimate from the smallest ones.

    A set of ``compared`` hashes is taken to be the smallest of a larger set. Then the smallest
    ``compared`` of the union are a uniform sample of it.
    """
    shared = np.intersect1d(first, second, assume_unique=True)
    if max(len(first), len(second)) < compared:
        return len(shared) / (len(first) + len(second) - len(shared))
    union = np.union1d(first, second)[:compared]
    return int(np.isin(shared, union, assume_unique=True).sum()) / len(union)
