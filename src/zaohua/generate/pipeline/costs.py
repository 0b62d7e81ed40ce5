"""What a step costs by how many tokens it computes, as measured, and which guesses that leaves."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Sequence
from typing import Final

_SLOPE: Final = 0.05
"""What one token more is thought to cost, of a step of one token, where it was never measured."""

_FORGOTTEN: Final = 1.1
"""By so much a time grows when it is measured anew: the least of late is what counts, as what else
goes on at the machine only adds to it."""

_LATE: Final = 32
"""Steps since it was last measured, up to which what was measured before counts."""

_DOUBTED: Final = 0.999
"""By so much it is thought less at each step that does not measure it, until it is tried again: it
may have been an accident, and of guesses that are not computed nothing else would come to light."""

Worth = Callable[[Sequence[float]], int]
"""How many guesses to compute, where the first is right with the first chance, it and the second
with the second, and so on."""


class Costs:
    """The seconds of steps, by the tokens they computed."""

    def __init__(self) -> None:
        self._counts: list[int] = []
        self._measured: dict[int, tuple[float, int]] = {}
        """Seconds, and the number of the step, by tokens."""
        self._steps = 0

    def note(self, tokens: int, seconds: float) -> None:
        """A step of so many tokens took so long."""
        self._steps += 1
        if tokens not in self._measured:
            self._counts.insert(bisect(self._counts, tokens), tokens)
        known, step = self._measured.get(tokens, (seconds, 0))
        if self._steps - step <= _LATE:
            seconds = min(known * _FORGOTTEN, seconds)
        self._measured[tokens] = seconds, self._steps

    def worth(self, chances: Sequence[float], writers: int) -> int:
        """How many guesses to compute in a step that writes a token of each of ``writers``, so that
        most is written in the time; ``chances`` as `Worth` says."""
        written = float(writers)
        best, most = 0, written / self._of(writers)
        for count, chance in enumerate(chances, 1):
            written += chance
            if (rate := written / self._of(writers + count)) > most:
                best, most = count, rate
        return best

    def _of(self, tokens: int) -> float:
        """What a step of so many tokens takes, to be compared with others of it."""
        place = bisect(self._counts, tokens)
        near = self._counts[max(place - 1, 0) : place + 1]
        if len(near) < 2 or near[0] > tokens:
            return self._from(near[0], tokens) if near else self._unmeasured(tokens)
        low, high = (self._seconds(count) for count in near)
        return low + (tokens - near[0]) / (near[1] - near[0]) * (high - low)

    def _from(self, count: int, tokens: int) -> float:
        return self._seconds(count) * self._unmeasured(tokens) / self._unmeasured(count)

    def _seconds(self, count: int) -> float:
        seconds, step = self._measured[count]
        return seconds * _DOUBTED ** (self._steps - step)

    @staticmethod
    def _unmeasured(tokens: int) -> float:
        return 1 + _SLOPE * (tokens - 1)
