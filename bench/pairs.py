"""Comparing two ways of doing the same work on a noisy machine: in turn, within pairs."""

from __future__ import annotations

import random
import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Measure = Callable[[int], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Paired:
    """Figures of two contestants, measured in turn; `ours[i]` and `theirs[i]` belong together."""

    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Median over the pairs of ours ÷ theirs."""
        return statistics.median(self.ratios)

    @property
    def ratios(self) -> list[float]:
        """Ours ÷ theirs of each pair."""
        return [a / b for a, b in zip(self.ours, self.theirs, strict=True)]

    @property
    def difference(self) -> float:
        """Median over the pairs of ours - theirs."""
        return statistics.median(a - b for a, b in zip(self.ours, self.theirs, strict=True))

    def row(self, what: str) -> str:
        """A line of a Markdown table: medians, their ratio and its interval."""
        ours, theirs = statistics.median(self.ours), statistics.median(self.theirs)
        spread = self.interval(self.ratios)
        return f"| {what} | {ours:,.1f} | {theirs:,.1f} | {self.ratio:.2f} | {spread} |"

    def interval(self, values: Sequence[float], level: float = 0.9, rounds: int = 2000) -> str:
        """Bootstrap interval of the median of ``values``, as text."""
        rng = random.Random(0)
        medians = sorted(
            statistics.median(rng.choices(values, k=len(values))) for _ in range(rounds)
        )
        cut = int((1 - level) / 2 * rounds)
        return f"{medians[cut]:.3f}–{medians[-cut - 1]:.3f}"


Who = TypeVar("Who")


async def in_turn(
    measure: Callable[[Who, int], Awaitable[float]], ours: Who, theirs: Who, pairs: int
) -> Paired:
    """The same measure of two contestants, in turn."""
    return await alternate(lambda i: measure(ours, i), lambda i: measure(theirs, i), pairs)


async def alternate(ours: Measure, theirs: Measure, pairs: int) -> Paired:
    """Measure both in turn ``pairs`` times, the first of each pair changing sides.

    Each measure is given the pair's number, so that both can do the same work.
    """
    a: list[float] = []
    b: list[float] = []
    for i in range(pairs):
        for ours_now in (i % 2 == 0, i % 2 == 1):
            if ours_now:
                a.append(await ours(i))
            else:
                b.append(await theirs(i))
    return Paired(tuple(a), tuple(b))
