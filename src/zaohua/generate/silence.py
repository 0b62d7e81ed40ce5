"""How long those who wait for a server have heard nothing of it."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import TypeVar

Told = TypeVar("Told")


class Silence:
    """Begins when somebody waits and with whatever is heard, ends when nobody waits any more.

    Who is told something and has not asked for more does not wait: a slow reader is no silence.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting = 0
        self._since = 0.0

    @property
    def seconds(self) -> float:
        """Its length so far; 0 while nobody waits."""
        return self._clock() - self._since if self._waiting else 0.0

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Somebody waits; something was heard if this is left without an error."""
        if not self._waiting:
            self._since = self._clock()
        self._waiting += 1
        try:
            yield
            self._since = self._clock()
        finally:
            self._waiting -= 1

    async def before_each(self, told: AsyncGenerator[Told]) -> AsyncGenerator[Told]:
        """``told``, waited for piece by piece."""
        async with aclosing(told):
            while True:
                try:
                    with self.waiting():
                        piece = await anext(told)
                except StopAsyncIteration:
                    return
                yield piece
