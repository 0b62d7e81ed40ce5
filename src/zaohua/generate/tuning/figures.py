"""What is measured of one way to run a model, and how long work takes by it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal, get_args

Workload = Literal["chat", "readers", "documents"]
"""One person who talks; many at once; long texts that are read and answered shortly."""

WORKLOADS: Final[tuple[Workload, ...]] = get_args(Workload)


@dataclass(frozen=True, slots=True)
class Figures:
    """Tokens a second, 0 where it was not worth measuring. Memory is bytes of the worker process.

    Attributes:
        short_prompt, long_prompt: read, of prompts of 128 and 1,024 tokens.
        one, four, eight: written, by so many answers at once, all together.
    """

    short_prompt: float
    long_prompt: float
    one: float
    four: float
    eight: float
    memory: int

    def seconds(self, workload: Workload) -> float:
        """How long a typical piece of that work takes; endless where a figure is missing.

        ``chat``: 128 new tokens are read and 150 written. ``readers``: eight answers of 128
        tokens to 128 new ones. ``documents``: 1,024 tokens are read and 64 written.
        """
        if workload == "chat":
            return _at(128, self.short_prompt) + _at(150, self.one)
        if workload == "readers":
            return _at(8 * 128, self.short_prompt) + _at(8 * 128, self.eight)
        return _at(1024, self.long_prompt) + _at(64, self.one)


def _at(tokens: int, rate: float) -> float:
    return tokens / rate if rate > 0 else math.inf
