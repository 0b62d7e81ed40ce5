"""How many threads compute a step: all, or one fewer while others want the processor.

Threads wait for each other many times a step. What is fastest on a quiet machine, to wait awake,
takes several times as long where a thread has to share its core; then one thread fewer is faster.
"""

from __future__ import annotations

from typing import Final

TRIAL: Final = 2
"""Steps by which the other number is tried."""

SOON: Final = 32
LATE: Final = 512
"""Steps until it is tried again: at first, and where nothing has changed for long."""

SUDDEN: Final = 2.0
"""Times as long as usual, twice in a row: it is tried at once."""

BETTER: Final = 0.9
"""Of the time of a step, to be taken."""


class Crew:
    """So many threads at ``most``; ``size`` is for the next step."""

    def __init__(self, most: int) -> None:
        self.size = most
        self._usual = most
        self._other = max(most - 1, 1)
        self._before: dict[int, float] = {}
        """Seconds that a step took, by its rows, until it took much longer."""
        self._now: dict[int, float] = {}
        """Of late."""
        self._tried: dict[int, float] = {}
        self._left = self._pause = SOON
        self._slow = 0

    def note(self, rows: int, seconds: float) -> None:
        """A step of so many rows took ``seconds`` with `size` threads."""
        if self._usual == self._other:
            return
        self._left -= 1
        if self.size != self._usual:
            self._tried[rows] = min(seconds, self._tried.get(rows, seconds))
            if self._left <= 0:
                self._decide()
            return
        self._now[rows] = (self._now.get(rows, seconds) + seconds) / 2
        before = self._before.setdefault(rows, seconds)
        if seconds > SUDDEN * before:
            self._slow += 1
        else:
            self._slow, self._before[rows] = 0, (before + seconds) / 2
        if self._left <= 0 or self._slow > 1:
            self.size, self._tried = self._other, {}
            self._left, self._slow = TRIAL, 0

    def _decide(self) -> None:
        known = self._tried.keys() & self._now.keys()
        ours, theirs = (sum(times[rows] for rows in known) for times in (self._now, self._tried))
        if theirs < BETTER * ours:
            self._usual, self._other, self._now = self._other, self._usual, self._tried
            self._pause = SOON
        else:
            self._pause = min(2 * self._pause, LATE)
        self._before = dict(self._now)
        self.size, self._left = self._usual, self._pause
