"""Guesses how a text goes on: as it did after the same words before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

WORDS: Final = (3, 2)
"""Tokens that must have come before in the same order; the more the better."""


class Guesser:
    """Remembers what followed where in one text that grows."""

    def __init__(self) -> None:
        self._after: dict[tuple[int, ...], int] = {}
        self._seen = 0

    def guess(self, tokens: Sequence[int], most: int) -> list[int]:
        """At most ``most`` tokens that may follow ``tokens``, which begin as the last ones did."""
        for end in range(max(self._seen, min(WORDS)), len(tokens)):
            for words in WORDS:
                if end >= words:
                    self._after[tuple(tokens[end - words : end])] = end
        self._seen = len(tokens)
        found = (self._after.get(tuple(tokens[-words:])) for words in WORDS)
        place = next((place for place in found if place is not None), None)
        return [] if place is None else list(tokens[place : place + most])
