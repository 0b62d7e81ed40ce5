"""Chooses the next token of an answer from the model's logits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Logits = npt.NDArray[np.float32]
"""Of one place: float32[vocabulary]."""

_UNLIKELY: Final = 16.0
"""Tokens e^16 times less likely than the likeliest are never drawn."""


class Chooser:
    """The choices of one answer to ``prompt``.

    Args:
        config: an ``openvino_genai.GenerationConfig``.
    """

    def __init__(self, config: Any, prompt: Sequence[int]) -> None:
        self._config = config
        self._random = np.random.default_rng(config.rng_seed)
        self._prompt = frozenset(prompt)
        self._written: Counter[int] = Counter()

    def choose(self, logits: Logits) -> tuple[int, float]:
        """A token, and its natural log-probability if that was asked for, else 0."""
        token = self._chosen(self._penalised(logits))
        self._written[token] += 1
        return token, log_probability(logits, token) if self._config.logprobs else 0.0

    def _chosen(self, logits: Logits) -> int:
        config = self._config
        if not config.do_sample:
            return int(logits.argmax())
        scaled = logits / config.temperature
        candidates = np.flatnonzero(scaled > scaled.max() - _UNLIKELY)
        order = candidates[np.argsort(-scaled[candidates], kind="stable")]
        order = order[: min(config.top_k, len(order))]
        shares = np.exp(scaled[order].astype(np.float64) - float(scaled[order[0]]))
        shares /= shares.sum()
        within = np.cumsum(shares) - shares < config.top_p
        shares *= within & (shares >= config.min_p * shares[0])
        return int(self._random.choice(order, p=shares / shares.sum()))

    def _penalised(self, logits: Logits) -> Logits:
        config = self._config
        repeats = config.repetition_penalty != 1.0
        if not (repeats or config.presence_penalty or config.frequency_penalty):
            return logits
        logits = logits.copy()
        if repeats:
            seen = np.fromiter(self._prompt | self._written.keys(), np.int64)
            at = logits[seen]
            factor = config.repetition_penalty
            logits[seen] = np.where(at > 0, at / factor, at * factor)
        for token, count in self._written.items():
            logits[token] -= config.presence_penalty + config.frequency_penalty * count
        return logits


def log_probability(logits: Logits, token: int) -> float:
    """The natural logarithm of a token's probability."""
    largest = float(logits.max())
    total = np.exp(logits.astype(np.float64) - largest).sum()
    return float(logits[token]) - largest - float(np.log(total))
