"""How much of a run's limits is left, and the time that it is at work."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from zaohua.assistant.prices import Prices
from zaohua.assistant.teams.values import Limits, Spent
from zaohua.assistant.values import TokenUsage

LEAST_TOKENS = 24
"""A turn that could write less is not begun."""


@dataclass(frozen=True, slots=True)
class Room:
    """What one turn may take: tokens read and written, seconds, and money (None: any)."""

    tokens: int
    seconds: float
    cost: float | None


class Budget:
    """The limits of a run against what it has spent.

    Args:
        limits: of the run.
        spent: before it was taken up.
        clock: seconds.
    """

    def __init__(
        self, limits: Limits, spent: Spent, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits
        self._spent = spent
        self._clock = clock
        self._noted = clock()
        self._begun = 0

    @property
    def reached(self) -> str:
        """Which limit lets no further turn begin; empty if none does."""
        limits, spent = self._limits, self._spent
        if spent.turns + self._begun >= limits.turns:
            return f"limits.turns: {limits.turns} turns were taken"
        if limits.tokens - spent.tokens < LEAST_TOKENS:
            return f"limits.tokens: {spent.tokens} of {limits.tokens} were used"
        if self._seconds >= limits.seconds:
            return f"limits.seconds: {self._seconds:.0f} of {limits.seconds:g} were used"
        if limits.cost is not None and 0 < limits.cost <= spent.cost:
            return f"limits.cost: {spent.cost:g} of {limits.cost:g} were used"
        return ""

    def begin(self, beside: int) -> Room:
        """Begin a turn, one of ``beside`` that are taken at the same time; see `end`."""
        self._begun += 1
        limits, spent = self._limits, self._spent
        cost = None if limits.cost is None else max(0.0, limits.cost - spent.cost) / beside
        tokens = (limits.tokens - spent.tokens) // beside
        return Room(tokens, max(0.1, limits.seconds - self._seconds), cost)

    def end(self) -> None:
        """A turn that was begun is over."""
        self._begun -= 1

    def spend(self, spent: Spent) -> None:
        """Count what a message took."""
        self._spent += spent

    def elapsed(self) -> float:
        """Seconds since this was asked last, which `spend` counts."""
        now = self._clock()
        seconds, self._noted = now - self._noted, now
        return seconds

    @property
    def _seconds(self) -> float:
        return self._spent.seconds + self._clock() - self._noted


def affordable(prices: Prices, model: str, prompt: int, cost: float | None) -> int | None:
    """Tokens that an answer to a prompt may have for ``cost``; None if money sets no bound."""
    if cost is None:
        return None
    prices.learn(model)
    fixed = _price(prices, model, prompt, 0)
    each = _price(prices, model, 0, 1_000_000) / 1_000_000
    return None if each <= 0 else int(max(0.0, cost - fixed) / each)


def price(prices: Prices, message: TokenUsage, model: str) -> float:
    """What the tokens of an answer cost."""
    prices.learn(model)
    return _price(prices, model, message["prompt_tokens"], message["completion_tokens"])


def _price(prices: Prices, model: str, prompt: int, completion: int) -> float:
    usage = TokenUsage(prompt_tokens=prompt, completion_tokens=completion, cached_tokens=0)
    found = prices.cost(model, usage)
    return found["amount"] if found else 0.0
