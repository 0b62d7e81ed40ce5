"""The cells of ik_llama.cpp's cache: which texts are in them, and copies of texts that ended.

A step passes all cells up to the last one in use, so that what nobody goes on with is not left
there: it is copied out, and put back for who begins alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from zaohua.generate.ik.library import Copy, Library

LEAST: Final = 32
"""Tokens that a beginning must have to be shared or kept."""

_Tokens = npt.NDArray[np.int32]


@dataclass(eq=False, slots=True)
class Held:
    """One text in the cache.

    Attributes:
        text: its number.
        known: tokens that were in the cache when it began.
        computed: how many are now.
        length: for how many there is to be room.
    """

    text: int
    known: int = 0
    computed: int = 0
    length: int = 0
    tokens: Sequence[int] = ()


@dataclass(eq=False, slots=True)
class _Kept:
    tokens: _Tokens
    copied: Copy


class Texts:
    """The texts in the cells of ``library``, and ``kept`` bytes of copies, the latest ended."""

    def __init__(self, library: Library, texts: int, kept: int) -> None:
        self._library = library
        self._free = list(range(texts))
        self._held: list[Held] = []
        self._kept: list[_Kept] = []
        self._most = kept

    def begin(self, tokens: Sequence[int], *, fresh: bool = False) -> Held:
        """Hold what is known of the beginning of ``tokens``; never all, the last is to be read.

        ``fresh``: nothing.
        """
        held = Held(self._free.pop())
        if not fresh:
            held.known = held.computed = self._recall(held.text, np.asarray(tokens, np.int32)[:-1])
        held.tokens, held.length = tokens, held.computed
        self._held.append(held)
        return held

    def extend(self, held: Held, length: int) -> bool:
        """Hold enough for ``length`` tokens; without enough cells nothing changes."""
        others = sum(max(one.length - one.computed, 0) for one in self._held if one is not held)
        wanted = max(length, held.length) - held.computed
        if self._library.used + others + wanted > self._library.cells:
            return False
        held.length = max(length, held.length)
        return True

    def fill(self, held: Held, tokens: Sequence[int], computed: int) -> None:
        """The first ``computed`` of ``tokens`` are in the cache, and what follows is not."""
        held.tokens, held.computed = tokens, computed

    def release(self, held: Held) -> None:
        """Let go of a text; a copy is kept of it."""
        self._held.remove(held)
        if held.computed >= max(LEAST, held.known + 1):
            self._library.forget(held.text, held.computed)
            self._keep(held)
        self._library.forget(held.text)
        self._free.append(held.text)

    def _recall(self, text: int, tokens: _Tokens) -> int:
        """Put what is known of ``tokens`` into ``text``; how many of them."""
        now = [(_alike(_computed(held), tokens), held) for held in self._held]
        before = [(_alike(kept.tokens, tokens), kept) for kept in self._kept]
        shared, other = max(now, key=_length, default=(0, None))
        length, kept = max(before, key=_length, default=(0, None))
        if other is not None and shared >= max(length, LEAST):
            self._library.share(other.text, text, shared)
            return shared
        if kept is None or length < LEAST or not self._library.put(text, kept.copied):
            return 0
        self._library.forget(text, length)
        self._kept.remove(kept)
        self._kept.append(kept)
        return length

    def _keep(self, held: Held) -> None:
        """Have a copy of a text, in place of those of its beginnings; the oldest give way."""
        tokens = _computed(held)
        if any(_alike(kept.tokens, tokens) == len(tokens) for kept in self._kept):
            return
        copied = self._library.copied(held.text)
        others = [kept for kept in self._kept if _alike(kept.tokens, tokens) < len(kept.tokens)]
        self._kept = [*others, _Kept(tokens, copied)]
        while self._kept and sum(len(kept.copied) for kept in self._kept) > self._most:
            del self._kept[0]


def _computed(held: Held) -> _Tokens:
    return np.asarray(held.tokens[: held.computed], np.int32)


def _alike(one: _Tokens, other: _Tokens) -> int:
    """How many tokens two texts have in common from their beginning on."""
    length = min(len(one), len(other))
    different = one[:length] != other[:length]
    return int(different.argmax()) if different.any() else length


def _length(found: tuple[int, object]) -> int:
    return found[0]
