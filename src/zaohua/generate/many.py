"""Many requests to one engine: its slots are kept full, the answers come in the order asked."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeVar

from zaohua.generate.collect import Collected, collect
from zaohua.generate.engine import Engine
from zaohua.generate.failures import EngineBusy, EngineFailed
from zaohua.generate.request import ChatRequest

AHEAD = 4
"""Answers that may wait for an earlier one, for each that is worked on."""

TRIES = 3
"""Of a request that the engine was too busy for or broke off."""

LONGEST_WAIT = 30.0
"""Seconds between two tries, at most."""

T = TypeVar("T")
R = TypeVar("R")


async def in_order(
    work: Callable[[T], Awaitable[R]], items: Iterable[T], *, parallel: int
) -> AsyncIterator[R]:
    """The results of ``work`` for all ``items``, ``parallel`` at a time, in the items' order.

    An item is taken only when its turn is near: memory does not grow with their number. What
    ``work`` raises is raised here, and ends the others; so does closing the iterator.
    """
    limit = asyncio.Semaphore(parallel)

    async def one(item: T) -> R:
        async with limit:
            return await work(item)

    begun: deque[asyncio.Task[R]] = deque()
    try:
        for item in items:
            begun.append(asyncio.create_task(one(item)))
            if len(begun) >= AHEAD * parallel:
                yield await begun[0]
                begun.popleft()
        while begun:
            yield await begun[0]
            begun.popleft()
    finally:
        for task in begun:
            task.cancel()
        await asyncio.gather(*begun, return_exceptions=True)


async def answered(engine: Engine, request: ChatRequest) -> Collected:
    """The whole answer; tried again if the engine was full or broke off.

    Raises:
        EngineBusy, EngineFailed: it did so to the last try.
        RequestRefused: it cannot do this.
    """
    for left in reversed(range(TRIES)):
        try:
            return await collect(engine.chat(request))
        except (EngineBusy, EngineFailed) as error:
            if not left:
                raise
            await asyncio.sleep(min(getattr(error, "retry_after", 1.0), LONGEST_WAIT))
    raise AssertionError  # the last try returns or raises
