"""Guesses how a text goes on: as it did after the same words before, or as the model is wont to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from zaohua.generate.pipeline.costs import Worth
from zaohua.generate.pipeline.habits import Habits

WORDS: Final = (3, 2)
"""Tokens that must have come before in the same order; the more the better."""

MOST: Final = 16
"""Tokens guessed at once."""

_FIRST: Final = 0.5
"""Share of guesses thought to be right before any was seen."""

_SUREST: Final = 0.99
"""Share of guesses that are right beyond which none is thought to be."""

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

    def guess(self, tokens: Sequence[int], most: int, worth: Worth) -> list[int]:
        """At most ``most`` tokens that may follow ``tokens``, which begin as the last ones did; as
        many as are ``worth`` it."""
        self._judge(tokens[self._seen :])
        for end in range(max(self._seen, min(WORDS)), len(tokens)):
            for words in WORDS:
                if end >= words:
                    self._after[tuple(tokens[end - words : end])] = end
        self._seen = len(tokens)
        found = (self._after.get(tuple(tokens[-words:])) for words in WORDS)
        place = next((place for place in found if place is not None), None)
        self._found = () if place is None else tokens[place : place + MOST]
        right = min(self._right, _SUREST)
        chances = [right**count for count in range(1, min(most, len(self._found)) + 1)]
        given = self._found[: worth(chances)]
        return list(given) or self._habits.guess(tokens, min(most, MOST), worth)

    def _judge(self, written: Sequence[int]) -> None:
        """Compare the last guess with what was written since."""
        pairs = list(zip(self._found, written, strict=False))
        if pairs:
            right = next((n for n, (one, other) in enumerate(pairs) if one != other), len(pairs))
            self._right += _WEIGHT * (right / len(pairs) - self._right)
