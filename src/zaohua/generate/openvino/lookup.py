"""Prompt lookup by OpenVINO's own pipeline: what followed the same words before is guessed.

A guess stays only where the model writes the same. Many tokens at once round differently than one,
so that another word may come where two were about as likely; not so in our own (`paged.guessing`).
OpenVINO looks up for all requests of a pipeline or for none: there is a second one, loaded when
first asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final

from zaohua.generate.openvino.batch import Batch

GUESSED: Final = 8
"""Tokens guessed a step. All are computed, also where nothing was found."""

WORDS: Final = 3
"""Tokens that must have come before in the same order, at most; fewer will do."""

WORTH: Final = 2.0
"""Tokens a step below which it costs more than it gains."""

PAUSE: Final = 8
"""Requests served without it after it did not gain, before it is tried again."""

_WEIGHT: Final = 0.5
"""Of the last answer in the mean of all."""

_ENOUGH: Final = 4
"""Steps from which an answer says something."""


class Gain:
    """Whether looking up gains, by how many tokens a step the last answers got."""

    def __init__(self) -> None:
        self.tokens_a_step = float(GUESSED)
        self._pause = 0

    def worth_it(self) -> bool:
        """Whether to look up for the next request."""
        if self._pause:
            self._pause -= 1
            return False
        return True

    def note(self, tokens: int, steps: int) -> None:
        """An answer got ``tokens`` in ``steps``."""
        if steps < _ENOUGH:
            return
        self.tokens_a_step += _WEIGHT * (tokens / steps - self.tokens_a_step)
        if self.tokens_a_step < WORTH:
            self._pause, self.tokens_a_step = PAUSE, WORTH


class Lookup:
    """The pipeline that looks up, and whether it gains.

    Args:
        load: gives the requests; may take seconds, and memory for the weights once more.
    """

    def __init__(self, load: Callable[[], Batch]) -> None:
        self._load = load
        self._loading = threading.Lock()
        self.gain = Gain()

    def batch(self) -> Batch:
        """Its requests; blocks while it is loaded."""
        with self._loading:
            return self._batch

    @cached_property
    def _batch(self) -> Batch:
        return self._load()


def possible(body: Mapping[str, Any]) -> bool:
    """Whether a request may be served so: log-probabilities and penalties are not tried with it."""
    penalties = ("presence_penalty", "frequency_penalty")
    neutral = (body.get("repeat_penalty") or 1.0) == 1.0 and not any(map(body.get, penalties))
    return bool(body.get("prompt_lookup")) and neutral and not body.get("logprobs")
