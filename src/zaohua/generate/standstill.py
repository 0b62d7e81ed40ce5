"""Whether a worker that runs also works.

A worker that computes may tell nothing for long: OpenVINO reads some prompts without a word. So it
is not ended for its silence alone, but for a silence in which it does nothing: its process takes no
time of the processor. One that is busy has longer, and longer still while its server answers.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final, Protocol

LOOKS: Final = 6
"""In the time that a silence may last."""

IDLE: Final = 0.02
"""Of one core's time, at most, that a worker takes which does nothing: its server's own clock."""

DEAF: Final = 5
"""Times the patience for one that is busy but did not answer, at any look, whether it is well."""

BUSY: Final = 30
"""Times the patience for one that is busy and answers: a prompt of some ten thousand tokens is read
in less on a slow machine."""


class Worker(Protocol):
    """The process."""

    def processor_seconds(self) -> float:
        """Time of the processor that it has taken; NaN if that cannot be told."""


class Server(Protocol):
    """What answers in it."""

    @property
    def silent_seconds(self) -> float:
        """How long those who wait for it have heard nothing."""

    async def alive(self) -> bool:
        """Whether it answers."""


async def standstill(worker: Worker, server: Server, patience: float) -> float:
    """Wait until it stands still; the seconds for which nothing was heard of it by then.

    Args:
        worker: looked at from outside.
        server: asked.
        patience: seconds of silence in which to do nothing is to stand still.
    """
    look = patience / LOOKS
    taken: deque[float] = deque(maxlen=LOOKS)
    unanswered = 0
    while True:
        await asyncio.sleep(look)
        if server.silent_seconds < look:
            taken.clear()
            unanswered = 0
            continue
        taken.append(worker.processor_seconds())
        idle = len(taken) == LOOKS and taken[-1] - taken[0] < IDLE * patience
        if server.silent_seconds < patience:
            continue
        unanswered = 0 if await _answers(server, look) else unanswered + 1
        times = 1 if idle else DEAF if unanswered >= LOOKS else BUSY
        if (silent := server.silent_seconds) >= times * patience:
            return silent


async def _answers(server: Server, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await server.alive()
    except TimeoutError:
        return False
