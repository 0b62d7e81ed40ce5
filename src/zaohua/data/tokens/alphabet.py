"""Bytes written as printable characters, and the merges that make whole characters of bytes.

Byte-level BPE keeps each byte as one printable character (Radford et al. 2019). Whole characters
are made first, from their bytes left to right, so that no token holds parts of two characters.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

Merge = tuple[str, str]

_EULER = 0.5772156649


@lru_cache(maxsize=1)
def byte_characters() -> tuple[str, ...]:
    """[256]: the printable character that stands for each byte."""
    plain = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return tuple(chr(byte) if byte in plain else chr(next(others)) for byte in range(256))


@lru_cache(maxsize=1)
def character_bytes() -> dict[str, int]:
    """The byte that each of the `byte_characters` stands for."""
    return {character: byte for byte, character in enumerate(byte_characters())}


def spelled(text: str) -> str:
    """``text`` as byte-level BPE writes it: one character for each of its UTF-8 bytes."""
    letters = byte_characters()
    return "".join(letters[byte] for byte in text.encode())


def own_characters(counts: Counter[str], vocab_size: int) -> list[str]:
    """The characters beyond ASCII that get a token of their own, the commonest first.

    A token should be as frequent as the rarest of a vocabulary of this size can be expected to be:
    1 / (V (ln V + γ)) of the text, by Zipf's law. At most half of the vocabulary is spent on them.
    """
    total = counts.total()
    rarest = max(2.0, total / (vocab_size * (math.log(vocab_size) + _EULER)))
    wide = [(-n, c) for c, n in counts.items() if ord(c) > 0x7F and n >= rarest]
    return [character for _, character in sorted(wide)[: vocab_size // 2]]


def character_merges(characters: Iterable[str]) -> list[Merge]:
    """The merges that make these characters of their bytes, each pair once, in their order."""
    merges: dict[Merge, None] = {}
    for character in characters:
        letters = spelled(character)
        for end in range(1, len(letters)):
            merges[letters[:end], letters[end]] = None
    return list(merges)
