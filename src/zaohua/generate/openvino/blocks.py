"""Blocks of the key and value cache: who holds them, and which beginnings of texts they know."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

import numpy as np

BLOCK: Final = 32
"""Tokens in a block of OpenVINO's cache on a processor."""


@dataclass(slots=True)
class Held:
    """The blocks of one text in order, and the keys of those that are full."""

    blocks: list[int] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)

    @property
    def known(self) -> int:
        """Tokens that are in full blocks."""
        return len(self.keys) * BLOCK


class Blocks:
    """``count`` blocks. A full one is known by all the text up to its end, and is found by who
    begins alike; nobody's known blocks are given away when there are no others, oldest first."""

    def __init__(self, count: int) -> None:
        self._free = list(range(count))
        self._holders = [0] * count
        self._known: dict[bytes, int] = {}
        self._keys: dict[int, bytes] = {}
        self._idle: OrderedDict[int, None] = OrderedDict()

    @property
    def available(self) -> int:
        """How many could be had."""
        return len(self._free) + len(self._idle)

    def begin(self, tokens: Sequence[int], *, fresh: bool = False) -> Held:
        """Hold what is known of the beginning of ``tokens``; never all, the last is to be read.
        ``fresh``: hold nothing yet."""
        held = Held()
        if fresh:
            return held
        for number in range((len(tokens) - 1) // BLOCK):
            key = _key(held.keys, tokens[number * BLOCK : (number + 1) * BLOCK])
            block = self._known.get(key)
            if block is None:
                break
            self._idle.pop(block, None)
            self._holders[block] += 1
            held.blocks.append(block)
            held.keys.append(key)
        return held

    def extend(self, held: Held, length: int) -> bool:
        """Hold enough for ``length`` tokens; without enough blocks nothing changes."""
        more = -(-length // BLOCK) - len(held.blocks)
        if more > self.available:
            return False
        for _ in range(more):
            block = self._taken()
            self._holders[block] = 1
            held.blocks.append(block)
        return True

    def fill(self, held: Held, tokens: Sequence[int], computed: int) -> None:
        """The first ``computed`` of ``tokens`` are in the cache: full blocks become known."""
        for number in range(len(held.keys), computed // BLOCK):
            key = _key(held.keys, tokens[number * BLOCK : (number + 1) * BLOCK])
            held.keys.append(key)
            if key not in self._known:
                self._known[key] = held.blocks[number]
                self._keys[held.blocks[number]] = key

    def release(self, held: Held) -> None:
        """Let go of all, the end first, which is the less likely to be asked for again."""
        for block in reversed(held.blocks):
            self._holders[block] -= 1
            if self._holders[block]:
                continue
            if block in self._keys:
                self._idle[block] = None
            else:
                self._free.append(block)
        held.blocks, held.keys = [], []

    def _taken(self) -> int:
        if self._free:
            return self._free.pop()
        block, _ = self._idle.popitem(last=False)
        del self._known[self._keys.pop(block)]
        return block


def _key(before: Sequence[bytes], tokens: Sequence[int]) -> bytes:
    """Of a block, by its tokens and the key of the one before it."""
    read = np.asarray(tokens, np.int64).tobytes()
    return blake2b(read, key=before[-1] if before else b"", digest_size=16).digest()
