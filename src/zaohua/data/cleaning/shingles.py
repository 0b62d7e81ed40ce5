"""N-grams as numbers: of characters where no spaces are written, of words elsewhere.

An n-gram's hash is a polynomial in 64-bit arithmetic over its units, computed for a whole text at
once. It does not depend on the process, the platform or the position.
"""

from __future__ import annotations

import re

import numpy as np
import xxhash
from numpy.typing import NDArray

from zaohua.data.cleaning.characters import code_points, word_characters

Hashes = NDArray[np.uint64]
_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(29)
_WORD = re.compile(r"\w+")


def character_units(text: str) -> Hashes:
    """Letters, characters and digits of ``text`` in lower case, without spaces and punctuation."""
    codes = code_points(text.lower())
    return codes[word_characters(codes)].astype(np.uint64)


def words_of(text: str) -> list[str]:
    """Words of ``text``, case folded, without punctuation."""
    return _WORD.findall(text.lower())


def word_units(words: list[str]) -> Hashes:
    """A number for each word."""
    digest = xxhash.xxh3_64_intdigest
    known: dict[str, int] = {word: digest(word.encode()) for word in set(words)}
    return np.fromiter((known[word] for word in words), dtype=np.uint64, count=len(words))


def ngram_hashes(units: Hashes, n: int) -> Hashes:
    """The hash of every run of ``n`` units, in order; empty when there are fewer units."""
    count = len(units) - n + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    hashes = np.zeros(count, dtype=np.uint64)
    for offset in range(n):
        hashes *= _BASE
        hashes += units[offset : offset + count]
    hashes ^= hashes >> _SHIFT
    hashes *= _MIX
    hashes ^= hashes >> _SHIFT
    return hashes


def seen_before(hashes: Hashes) -> NDArray[np.bool_]:
    """For each position, whether the same hash occurs earlier."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    seen = np.zeros(len(hashes), dtype=np.bool_)
    seen[order[1:][ordered[1:] == ordered[:-1]]] = True
    return seen
