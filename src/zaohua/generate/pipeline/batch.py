"""Requests that are worked on together: one thread steps the pipeline, all others wait for it."""

from __future__ import annotations

import asyncio
import math
import os
import threading
import time
import traceback
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from zaohua.generate.pipeline.asked import Asked

EVERY: Final = 0.1
"""Seconds from one telling of an answer's tokens to the next, at least. Each wakes three programs,
on cores that compute, and takes 2 to 3 ms from them: with 0.05 answers took 1.03 to 1.05 times as
long. The first token, how far a prompt is read, and the end are told at once."""

BROKEN_EXIT = 70
"""Exit code after a step that failed: the pipeline's state is unknown, a new process is better."""


@dataclass(frozen=True, slots=True)
class Said:
    """A token that was written, its natural log-probability and those of the likeliest tokens, as
    far as they are asked for."""

    token: int
    logprob: float = 0.0
    alternatives: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Tokens:
    """What one or several steps gave, and how it ended if it did.

    Attributes:
        read: tokens of the prompt computed so far, where that is told.
        cached: how many of them were in the cache before.
        guessed: tokens that were guessed, right or not.
        accepted: how many of them were right.
    """

    said: Sequence[Said]
    ended: str = ""
    read: int = 0
    cached: int = 0
    guessed: int = 0
    accepted: int = 0

    def then(self, more: Tokens) -> Tokens:
        """These and ``more``, as if they had come together."""
        return Tokens(
            [*self.said, *more.said],
            more.ended,
            max(self.read, more.read),
            more.cached,
            self.guessed + more.guessed,
            self.accepted + more.accepted,
        )

    @property
    def ids(self) -> list[int]:
        """The tokens."""
        return [said.token for said in self.said]


class Work(Protocol):
    """One request in a pipeline."""

    def news(self) -> Tokens:
        """What came since it was last asked.

        Raises:
            RuntimeError: it cannot be answered.
        """

    def cancel(self) -> None:
        """It is not wanted any more."""


class Pipeline(Protocol):
    """What steps many requests together."""

    def add(self, tokens: Sequence[int], asked: Asked) -> Work:
        """Take a request in.

        Raises:
            ValueError, RuntimeError: it cannot be answered.
        """

    def step(self) -> None:
        """Compute one batch."""


@dataclass(eq=False, slots=True)
class _Job:
    tokens: Sequence[int]
    asked: Asked
    loop: asyncio.AbstractEventLoop
    told: asyncio.Queue[Tokens | Exception] = field(default_factory=asyncio.Queue)
    work: Work | None = None
    left: bool = False
    begun: bool = False
    waiting: Tokens = Tokens(())
    told_at: float = -math.inf

    def tell(self, news: Tokens | Exception) -> None:
        self.loop.call_soon_threadsafe(self.told.put_nowait, news)

    def note(self, news: Tokens) -> None:
        """Tell what came, with what waited, or let it wait (see `EVERY`)."""
        at_once = news.ended or news.read > self.waiting.read or (news.said and not self.begun)
        self.begun = self.begun or bool(news.said)
        self.waiting = self.waiting.then(news)
        if at_once or (self.waiting.said and time.monotonic() - self.told_at >= EVERY):
            self.tell_waiting()

    def tell_waiting(self) -> None:
        """Tell what waits."""
        self.tell(self.waiting)
        self.waiting = Tokens((), read=self.waiting.read, cached=self.waiting.cached)
        self.told_at = time.monotonic()


class Batch:
    """All requests of one pipeline."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._work = threading.Condition()
        self._arrived: list[_Job] = []
        self._jobs: list[_Job] = []
        threading.Thread(target=self._run, name="steps", daemon=True).start()

    async def generate(self, tokens: Sequence[int], asked: Asked) -> AsyncIterator[Tokens]:
        """Tokens as they come; leaving the iterator ends the work at the next step.

        Args:
            tokens: of the prompt.
            asked: what is to follow them.

        Raises:
            ValueError, RuntimeError: what the pipeline says of the request.
        """
        job = _Job(tokens, asked, asyncio.get_running_loop())
        with self._work:
            self._arrived.append(job)
            self._work.notify()
        try:
            while True:
                news = await job.told.get()
                if isinstance(news, Exception):
                    raise news
                yield news
                if news.ended:
                    return
        finally:
            job.left = True

    def _run(self) -> None:
        while True:
            with self._work:
                while not (self._arrived or self._jobs):
                    self._work.wait()
                arrived, self._arrived = self._arrived, []
            self._admit(arrived)
            if self._jobs:
                self._step()

    def _admit(self, arrived: Sequence[_Job]) -> None:
        for job in arrived:
            if job.left:
                continue
            try:
                job.work = self._pipeline.add(job.tokens, job.asked)
            except Exception as error:
                job.tell(error)
            else:
                self._jobs.append(job)

    def _step(self) -> None:
        try:
            self._pipeline.step()
            self._jobs = [job for job in self._jobs if not _done(job)]
        except Exception:
            traceback.print_exc()
            os._exit(BROKEN_EXIT)


def _done(job: _Job) -> bool:
    """Note the news of a job; whether it is over."""
    assert job.work is not None  # noqa: S101
    if job.left:
        job.work.cancel()
        return True
    try:
        news = job.work.news()
    except RuntimeError as error:
        job.tell_waiting()
        job.tell(error)
        return True
    job.note(news)
    return bool(news.ended)
