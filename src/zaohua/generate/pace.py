"""How fast an engine has lately worked: running estimates, from which waiting times are told."""

from __future__ import annotations

from collections.abc import Callable

_KEPT = 0.9
"""Weight that what was measured keeps when the next measurement comes."""

_HALF_LIFE = 60.0
"""Seconds in which a peak sinks to half its height."""


class ReadingPace:
    """Prompt tokens a second of the whole engine, while it reads at least one prompt."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._reading = 0
        self._since = 0.0
        self._tokens = 0.0
        self._seconds = 0.0

    def begin(self) -> None:
        """One more prompt is being read."""
        if not self._reading:
            self._since = self._clock()
        self._reading += 1

    def end(self, tokens: int) -> None:
        """One of the prompts is read, or given up; ``tokens`` of it were read."""
        now = self._clock()
        if tokens:
            self._tokens = _KEPT * self._tokens + tokens
            self._seconds = _KEPT * self._seconds + now - self._since
        self._since = now
        self._reading -= 1

    def seconds(self, tokens: int) -> float:
        """Time to read ``tokens``; 0 while nothing is known."""
        return tokens * self._seconds / self._tokens if self._tokens else 0.0


class Mean:
    """A mean in which the last values count most; 0 while there are none."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._weight = 0.0

    def add(self, value: float) -> None:
        """Count ``value``."""
        self._sum = _KEPT * self._sum + value
        self._weight = _KEPT * self._weight + 1

    @property
    def value(self) -> float:
        """The mean."""
        return self._sum / self._weight if self._weight else 0.0


class Peak:
    """The largest of the values noted lately: it sinks with time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._height = 0.0
        self._since = clock()

    def note(self, value: float) -> None:
        """Count ``value``."""
        self._height, self._since = max(value, self.value), self._clock()

    @property
    def value(self) -> float:
        """The peak now."""
        return float(self._height * 0.5 ** ((self._clock() - self._since) / _HALF_LIFE))
