"""N-grams as numbers: of characters where no spaces are written, of words elsewhere.

An n-gram's hash is a polynomial in 64-bit arithmetic over its units, computed for a whole text at
once. It does not depend on the process, the platform or the position. The units of the last texts
are kept, since several steps ask for them one after another.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import xxhash
from numpy.typing import NDArray

from zaohua.data.cleaning.characters import code_points, word_characters

Hashes = NDArray[np.uint64]
_BASE = 0x9E3779B97F4A7C15
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(29)
_WORD = re.compile(r"\w+")
_LINE_FEED = 10


@lru_cache(maxsize=2)
def character_units(text: str) -> Hashes:
    """Letters, characters and digits of ``text`` in lower case, without spaces and punctuation."""
    codes = code_points(text.lower())
    units = codes[word_characters(codes)].astype(np.uint64)
    units.flags.writeable = False
    return units


def line_units(text: str) -> list[Hashes]:
    """`character_units` of each line of ``text``, computed for all lines at once."""
    codes = code_points(text.lower())
    inside = word_characters(codes)
    units = codes[inside].astype(np.uint64)
    ends = np.cumsum(inside)[codes == _LINE_FEED]
    return np.split(units, ends)


@lru_cache(maxsize=2)
def spaced_words(text: str) -> tuple[str, ...]:
    """What stands between white space in ``text``."""
    return tuple(text.split())


@lru_cache(maxsize=2)
def words_of(text: str) -> tuple[str, ...]:
    """Words of ``text`` in lower case, without punctuation."""
    return tuple(_WORD.findall(text.lower()))


@lru_cache(maxsize=2)
def word_units(text: str) -> Hashes:
    """A number for each word of ``text``."""
    words = words_of(text)
    units = np.fromiter(map(_number, words), dtype=np.uint64, count=len(words))
    units.flags.writeable = False
    return units


@lru_cache(maxsize=1 << 16)
def _number(word: str) -> int:
    return xxhash.xxh3_64_intdigest(word.encode())


def ngram_hashes(units: Hashes, n: int) -> Hashes:
    """The hash of every run of ``n`` units, in order; empty when there are fewer units."""
    if len(units) < n:
        return np.empty(0, dtype=np.uint64)
    hashes = _polynomials(units, n)
    hashes = hashes ^ (hashes >> _SHIFT)
    hashes *= _MIX
    hashes ^= hashes >> _SHIFT
    return hashes


def _polynomials(units: Hashes, n: int) -> Hashes:
    if n == 1:
        return units
    half = n // 2
    part = _polynomials(units, half)
    whole = part[: len(part) - half] * np.uint64(pow(_BASE, half, 1 << 64)) + part[half:]
    if n % 2:
        whole = whole[:-1] * np.uint64(_BASE) + units[n - 1 :]
    return whole


def distinct(hashes: Hashes) -> Hashes:
    """Each hash once, in ascending order."""
    ordered = np.sort(hashes)
    first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def seen_before(hashes: Hashes) -> NDArray[np.bool_]:
    """For each position, whether the same hash occurs earlier."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    seen = np.zeros(len(hashes), dtype=np.bool_)
    seen[order[1:][ordered[1:] == ordered[:-1]]] = True
    return seen
