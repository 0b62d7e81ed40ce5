"""What the pipeline asks of the library that computes: a cache of texts, and a graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

Logits = npt.NDArray[np.float32]
"""float32[rows, vocabulary]."""


class Held(Protocol):
    """One text's place in the cache."""

    @property
    def known(self) -> int:
        """Tokens from its beginning on that are in the cache when it begins."""


H = TypeVar("H", bound=Held)
"""The places of one cache; its graphs take no others."""


class Cache(Protocol[H]):
    """Keys and values of texts, which those that begin alike may share."""

    def begin(self, tokens: Sequence[int], *, fresh: bool = False) -> H:
        """Hold what is known of the beginning of ``tokens``, but never all: the last is to be
        read. ``fresh``: hold nothing yet."""

    def extend(self, held: H, length: int) -> bool:
        """Hold room for ``length`` tokens; without enough room nothing changes."""

    def fill(self, held: H, tokens: Sequence[int], computed: int) -> None:
        """The first ``computed`` of ``tokens`` are in the cache; others may begin with them."""

    def release(self, held: H) -> None:
        """Let go of all."""


@dataclass(frozen=True, slots=True)
class Piece(Generic[H]):
    """Tokens of one text to be computed.

    What comes of a piece is the same to the last bit, whatever is computed beside it. A token has
    another rounding in a piece of its own than among others.

    Attributes:
        start: how many came before.
        held: the text's place in the cache.
        told: after how many of its last tokens logits are wanted.
    """

    tokens: Sequence[int]
    start: int
    held: H
    told: int = 1


class Graph(Protocol[H]):
    """A model that computes."""

    def logits(self, pieces: Sequence[Piece[H]]) -> Logits:
        """Compute ``pieces`` together; what each asks to be told, in their order:
        float32[rows, vocabulary], valid until the next call."""
