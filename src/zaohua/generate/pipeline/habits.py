"""What a model writes after the same few tokens, learned as it writes, for whomever.

Only guesses come of it, which change no answer. It holds token numbers in memory, no text, and
ends with the worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from zaohua.generate.pipeline.costs import Worth

ORDERS: Final = (3, 2, 1)
"""Tokens that came before; the more the better."""

LARGEST: Final = 100_000
"""Places after which what was learned first begins to be forgotten; some 15 MB."""

_SUREST: Final = 15
"""Times in a row beyond which a token is not thought surer."""

_LEAST: Final = 0.1
"""Chance of being right below which nothing is guessed, whatever it costs."""

_Context = tuple[int, ...]


class Habits:
    """The token that mostly followed each few tokens, and how often more than others.

    Args:
        largest: contexts known, at most twice as many.
    """

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._new: dict[_Context, tuple[int, int]] = {}
        self._old: dict[_Context, tuple[int, int]] = {}

    def learn(self, written: Sequence[int]) -> None:
        """Note what followed what in an answer."""
        for end in range(1, len(written)):
            for order in ORDERS[-end:]:
                self._note(tuple(written[end - order : end]), written[end])
        if len(self._new) > self._largest:
            self._old, self._new = self._new, {}

    def guess(self, tokens: Sequence[int], most: int, worth: Worth) -> list[int]:
        """At most ``most`` tokens that may follow ``tokens``, as many as are ``worth`` it."""
        text = list(tokens[-max(ORDERS) :])
        guessed: list[int] = []
        chances: list[float] = []
        chance = 1.0
        while len(guessed) < most:
            token, times = self._following(text)
            chance *= _share(times)
            if chance < _LEAST:
                break
            guessed.append(token)
            chances.append(chance)
            text.append(token)
        return guessed[: worth(chances)]

    def _note(self, context: _Context, token: int) -> None:
        usual, times = self._known(context)
        if usual == token:
            times = min(times + 1, _SUREST)
        elif times > 0:
            times -= 1
        else:
            usual, times = token, 0
        self._new[context] = (usual, times)

    def _following(self, text: Sequence[int]) -> tuple[int, int]:
        contexts = (tuple(text[-order:]) for order in ORDERS)
        found = (self._known(context) for context in contexts)
        return next((one for one in found if one[1] >= 0), (-1, -1))

    def _known(self, context: _Context) -> tuple[int, int]:
        return self._new.get(context) or self._old.get(context) or (-1, -1)


def _share(times: int) -> float:
    """How often a token follows that did so ``times`` times more than others (-1: never seen)."""
    return (times + 0.5) / (times + 1.2) if times >= 0 else 0.0
