"""Whether a worker that runs also works.

A worker that computes may tell nothing for long, and may not even answer whether it is well, where
a library holds Python's lock meanwhile. So a worker is not ended for its silence alone, but for a
silence in which its process takes no time of the processor. One that is busy has longer.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final, Protocol

LOOKS: Final = 6
"""In the time that a silence may last."""

IDLE: Final = 0.02
"""Of one core's time, at most, that a worker takes which does nothing: its server's own clock."""

BUSY: Final = 30
"""Times the patience for one that is busy: a slow machine reads ten thousand tokens in less."""


class Worker(Protocol):
    """The process."""

    def processor_seconds(self) -> float:
        """Time of the processor that it has taken; NaN if that cannot be told."""


class Server(Protocol):
    """What answers in it."""

    @property
    def silent_seconds(self) -> float:
        """How long those who wait for it have heard nothing."""


async def standstill(worker: Worker, server: Server, patience: float) -> float:
    """Wait until it stands still; the seconds for which nothing was heard of it by then.

    Args:
        worker: looked at from outside.
        server: listened to.
        patience: seconds of silence in which to do nothing is to stand still.
    """
    look = patience / LOOKS
    taken: deque[float] = deque(maxlen=LOOKS)
    while True:
        await asyncio.sleep(look)
        if (silent := server.silent_seconds) < look:
            taken.clear()
            continue
        taken.append(worker.processor_seconds())
        idle = len(taken) == LOOKS and taken[-1] - taken[0] < IDLE * patience
        if silent >= patience * (1 if idle else BUSY):
            return silent
