"""Guesses how a text goes on: as it did after the same words before, or as the model is wont to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from zaohua.generate.pipeline.habits import Habits

WORDS: Final = (3, 2)
"""Tokens that must have come before in the same order; the more the better."""

MOST: Final = 16
"""Tokens guessed at once."""

_COST: Final = 0.05
"""What it costs to compute a guess, of what a step costs that writes one token of each answer."""

_FIRST: Final = 0.5
"""Share of guesses thought to be right before any was seen."""

_WEIGHT: Final = 0.3
"""Of the last guess in the mean of all."""


class Guesser:
    """Remembers what followed where in one text that grows, and how often it followed again.

    Guesses that it does not give, since they would cost more than they gain, are judged as well.

    Args:
        habits: what is guessed where the text has nothing.
    """

    def __init__(self, habits: Habits | None = None) -> None:
        self._habits = habits or Habits()
        self._after: dict[tuple[int, ...], int] = {}
        self._seen = 0
        self._right = _FIRST
        self._found: Sequence[int] = ()

    def guess(self, tokens: Sequence[int], most: int, writers: int = 1) -> list[int]:
        """At most ``most`` tokens that may follow ``tokens``, which begin as the last ones did.

        Args:
            tokens: the text so far.
            most: tokens that would be used.
            writers: answers that are written together.
        """
        self._judge(tokens[self._seen :])
        for end in range(max(self._seen, min(WORDS)), len(tokens)):
            for words in WORDS:
                if end >= words:
                    self._after[tuple(tokens[end - words : end])] = end
        self._seen = len(tokens)
        found = (self._after.get(tuple(tokens[-words:])) for words in WORDS)
        place = next((place for place in found if place is not None), None)
        self._found = () if place is None else tokens[place : place + MOST]
        cost = min(_COST * (1 + writers), 1.0)
        given = self._found[: min(most, self._worth(cost))]
        return list(given) or self._habits.guess(tokens, cost, min(most, MOST))

    def _judge(self, written: Sequence[int]) -> None:
        """Compare the last guess with what was written since."""
        pairs = list(zip(self._found, written, strict=False))
        if pairs:
            right = next((n for n, (one, other) in enumerate(pairs) if one != other), len(pairs))
            self._right += _WEIGHT * (right / len(pairs) - self._right)

    def _worth(self, cost: float) -> int:
        """Tokens of a guess that are likely enough to be all right."""
        if self._right <= cost:
            return 0
        return math.floor(math.log(cost) / math.log(min(self._right, 0.99)))
