"""Chooses the next token of an answer from the model's logits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from zaohua.generate.pipeline.asked import Asked
from zaohua.generate.pipeline.batch import Said
from zaohua.generate.pipeline.forms import Logits

_UNLIKELY: Final = 16.0
"""Tokens e^16 times less likely than the likeliest are never drawn."""


class Chooser:
    """The choices of one answer to ``prompt``, as ``asked``."""

    def __init__(self, asked: Asked, prompt: Sequence[int]) -> None:
        self._asked = asked
        self._random = np.random.default_rng(asked.seed)
        self._prompt = frozenset(prompt)
        self._written: Counter[int] = Counter()

    @property
    def over(self) -> bool:
        """Whether the form is whole."""
        return self._asked.form is not None and self._asked.form.over

    def certain(self) -> list[int]:
        """The tokens that will be next whatever the model says: of a forced answer, of a form."""
        if self._asked.forced:
            return list(self._forced)
        return self._asked.form.certain() if self._asked.form is not None else []

    @property
    def _forced(self) -> Sequence[int]:
        return self._asked.forced[self._written.total() :]

    def choose(self, logits: Logits) -> Said:
        """The next token, after ``logits``; that of a forced answer, as long as it goes on.

        Raises:
            ValueError: no token can come next in the form.
        """
        if forced := self._forced:
            return self.take(forced[0], logits)
        return self.take(self._chosen(self._allowed(logits)), logits)

    def take(self, token: int, logits: Logits) -> Said:
        """``token`` is the next one, whatever ``logits`` say.

        Raises:
            ValueError: the form does not let it.
        """
        self._written[token] += 1
        if self._asked.form is not None:
            self._asked.form.take(token)
        if not self._asked.logprobs:
            return Said(token)
        return said_of(logits, token, self._asked.alternatives)

    def _chosen(self, logits: Logits) -> int:
        asked = self._asked
        if not asked.temperature:
            return int(logits.argmax())
        scaled = logits / asked.temperature
        candidates = np.flatnonzero(scaled > scaled.max() - _UNLIKELY)
        order = candidates[np.argsort(-scaled[candidates], kind="stable")]
        order = order[: asked.top_k or None]
        shares = np.exp(scaled[order].astype(np.float64) - float(scaled[order[0]]))
        shares /= shares.sum()
        within = np.cumsum(shares) - shares < asked.top_p
        shares *= within & (shares >= asked.min_p * shares[0])
        return int(self._random.choice(order, p=shares / shares.sum()))

    def _allowed(self, logits: Logits) -> Logits:
        """With biases and penalties, and without what the form does not let."""
        asked = self._asked
        repeats = asked.repeat_penalty != 1.0
        if repeats or asked.biases or asked.presence_penalty or asked.frequency_penalty:
            logits = logits.copy()
        if repeats:
            seen = np.fromiter(self._prompt | self._written.keys(), np.int64)
            at = logits[seen]
            factor = asked.repeat_penalty
            logits[seen] = np.where(at > 0, at / factor, at * factor)
        for token, bias in asked.biases.items():
            logits[token] += bias
        if asked.presence_penalty or asked.frequency_penalty:
            for token, count in self._written.items():
                logits[token] -= asked.presence_penalty + asked.frequency_penalty * count
        return logits if asked.form is None else asked.form.masked(logits)


def log_probability(logits: Logits, token: int) -> float:
    """The natural logarithm of a token's probability."""
    return float(logits[token]) - _log_of_sum(logits)


def said_of(logits: Logits, token: int, alternatives: int) -> Said:
    """A token with its natural log-probability and those of the likeliest, likeliest first."""
    total = _log_of_sum(logits)
    best = np.argpartition(-logits, alternatives)[:alternatives]
    likeliest = sorted(((int(one), float(logits[one]) - total) for one in best), key=_likeliest)
    return Said(token, float(logits[token]) - total, tuple(likeliest))


def _log_of_sum(logits: Logits) -> float:
    largest = float(logits.max())
    return largest + float(np.log(np.exp(logits.astype(np.float64) - largest).sum()))


def _likeliest(alternative: tuple[int, float]) -> float:
    return -alternative[1]
