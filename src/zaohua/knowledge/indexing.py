"""What a server does for knowledge by itself: files that came are read, passages get vectors.

Two tasks of their own, so that a file is found by its words soon while the vectors of another one
are made. Both go on where they were after a restart, since what is left to do is in the database.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass

from zaohua.errors import ZaohuaError
from zaohua.knowledge.arrivals import Arrival, Arrivals
from zaohua.knowledge.library import Knowledge
from zaohua.knowledge.values import Limits
from zaohua.progress import Silent

log = logging.getLogger(__name__)

BATCH = 16
"""Passages embedded at once: more is hardly faster, and an answer may have to wait for them."""
PATIENCE_SECONDS = 30.0
"""So long a batch gives way to people; then it goes, lest it never does."""
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Step:
    """How far it is: passages, and the seconds that are left (None: not known yet)."""

    done: int
    total: int
    seconds_left: float | None


class Indexing:
    """Reads and embeds in the background of one event loop.

    Args:
        knowledge: where to.
        arrivals: what is to be read.
        limits: files over them are not read.
        is_busy: whether somebody is being answered, to whom the vectors give way.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        arrivals: Arrivals,
        limits: Limits,
        is_busy: Callable[[], bool],
    ) -> None:
        self._knowledge = knowledge
        self._arrivals = arrivals
        self._limits = limits
        self._is_busy = is_busy
        self._arrived = asyncio.Event()
        self._unembedded = asyncio.Event()
        self._tally = _Tally()
        self._tasks: list[asyncio.Task[None]] = []
        self.still = asyncio.Lock()
        """Held while a file is read: hold it to take files out meanwhile."""
        self.problem = ""
        """Why no vectors can be made; empty if they can."""

    def start(self) -> None:
        """Begin with what an earlier process left."""
        self._arrived.set()
        self._unembedded.set()
        loop = asyncio.get_running_loop()
        self._knowledge.listen(lambda: _tell(loop, self._unembedded))
        self._tasks = [loop.create_task(self._read_all()), loop.create_task(self._embed_all())]

    def wake(self) -> None:
        """Files have come."""
        self._arrived.set()

    @property
    def embedding(self) -> Step | None:
        """How far the vectors are; None if none are being made."""
        return self._tally.step()

    async def aclose(self) -> None:
        """Stop: the file and the batch under way are finished, the rest waits for another start."""
        self._knowledge.listen(None)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        async with self.still:
            self._tasks = []

    async def _read_all(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while arrival := await asyncio.to_thread(self._arrivals.next):
                async with self.still:
                    await _to_its_end(self._read(arrival))
                self._unembedded.set()

    async def _read(self, arrival: Arrival) -> None:
        try:
            await asyncio.to_thread(
                self._knowledge.add, [arrival.path], arrival.collection, limits=self._limits
            )
        except ZaohuaError as error:
            await asyncio.to_thread(self._arrivals.give_up, arrival, error.what)
        except Exception:
            log.exception("a file could not be read")
            reason = "reading it failed; the server's log says what"
            await asyncio.to_thread(self._arrivals.give_up, arrival, reason)

    async def _embed_all(self) -> None:
        while True:
            await self._unembedded.wait()
            self._unembedded.clear()
            try:
                await self._knowledge.embed(self._tally, batch=BATCH, before=self._give_way)
                self.problem = ""
            except ZaohuaError as error:
                log.warning("no vectors were made: %s", error)
                self.problem = error.line()
            except Exception:
                log.exception("making vectors failed")
                self.problem = "something went wrong; the server's log says what"

    async def _give_way(self) -> None:
        latest = time.monotonic() + PATIENCE_SECONDS
        while self._is_busy() and time.monotonic() < latest:  # noqa: ASYNC110 - it only has a flag
            await asyncio.sleep(_LOOK_SECONDS)


def _tell(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    """Set ``event`` from any thread; once its loop is closed, nobody waits for it."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(event.set)


async def _to_its_end(work: Coroutine[None, None, None]) -> None:
    """Do ``work`` even if cancelled: a thread cannot be stopped, so it is waited for."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(asyncio.CancelledError):
            await task
        raise


class _Tally(Silent):
    """A `Progress` that keeps the figures of the step under way."""

    def __init__(self) -> None:
        self._total: int | None = None
        self._done = 0
        self._started = 0.0

    def start(self, label: str, total: int | None, unit: str = "B", done: int = 0) -> None:
        """Count from ``done``."""
        self._total, self._done, self._started = total, done, time.monotonic()

    def advance(self, amount: int) -> None:
        """Count ``amount`` more."""
        self._done += amount

    def finish(self) -> None:
        """Nothing is under way."""
        self._total = None

    def step(self) -> Step | None:
        """The figures now."""
        if self._total is None:
            return None
        spent = time.monotonic() - self._started
        left = (self._total - self._done) * spent / self._done if self._done else None
        return Step(self._done, max(self._total, self._done), left)
