"""What characters a text is made of, counted with numpy: the ground of all rules without words."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_OTHER, _HAN, _KANA, _HANGUL, _LATIN, _LETTER, _DIGIT, _SPACE, _PUNCTUATION, _SYMBOL = range(10)
_HAN_RANGES = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
_KANA_RANGES = ((0x3041, 0x3096), (0x30A1, 0x30FA), (0x31F0, 0x31FF), (0xFF66, 0xFF9D))
_HANGUL_RANGES = ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF))
_LATIN_RANGES = ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x24F))
_WIDE_LATIN = ((0xFF21, 0xFF3A), (0xFF41, 0xFF5A), (0x1E00, 0x1EFF))
_NAMED = 0x20000


@dataclass(frozen=True, slots=True)
class Profile:
    """Numbers of characters of each sort. ``letters`` are those of other scripts."""

    total: int
    han: int
    kana: int
    hangul: int
    latin: int
    letters: int
    digits: int
    spaces: int
    punctuation: int
    symbols: int

    @property
    def all_letters(self) -> int:
        """Letters and characters of every script."""
        return self.han + self.kana + self.hangul + self.latin + self.letters

    @property
    def visible(self) -> int:
        """Characters that are not white space."""
        return self.total - self.spaces


@lru_cache(maxsize=2)
def profile(text: str) -> Profile:
    """Count the sorts of characters in ``text``."""
    codes = code_points(text)
    counts = np.bincount(_sorts()[codes], minlength=10).tolist()
    return Profile(len(codes), *counts[_HAN:])


def code_points(text: str) -> NDArray[np.uint32]:
    """The characters of ``text`` as numbers."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def word_characters(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which of ``codes`` are letters, characters or digits."""
    return _words()[codes]


@lru_cache(maxsize=1)
def _words() -> NDArray[np.bool_]:
    sorts = _sorts()
    mask: NDArray[np.bool_] = (sorts >= _HAN) & (sorts <= _DIGIT)
    return mask


@lru_cache(maxsize=1)
def _sorts() -> NDArray[np.uint8]:
    table = np.zeros(0x110000, dtype=np.uint8)
    kinds = {"N": _DIGIT, "Z": _SPACE, "P": _PUNCTUATION, "S": _SYMBOL, "L": _LETTER, "M": _LETTER}
    for code in range(_NAMED):
        table[code] = kinds.get(unicodedata.category(chr(code))[0], _OTHER)
    table[[9, 10, 11, 12, 13]] = _SPACE
    table[0xFFFD] = _OTHER
    for ranges, sort in (
        (_HAN_RANGES, _HAN),
        (_KANA_RANGES, _KANA),
        (_HANGUL_RANGES, _HANGUL),
        (_LATIN_RANGES + _WIDE_LATIN, _LATIN),
    ):
        for first, last in ranges:
            table[first : last + 1] = sort
    return table
