"""Requests that are worked on together: one thread steps the pipeline, all others wait for it."""

from __future__ import annotations

import asyncio
import itertools
import os
import threading
import traceback
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

BROKEN_EXIT = 70
"""Exit code after a step that failed: the pipeline's state is unknown, a new process is better."""


class Pipeline(Protocol):
    """What is used of ``openvino_genai.ContinuousBatchingPipeline``."""

    def add_request(self, number: int, tokens: Any, config: Any) -> Any:
        """Take a request in; its handle."""

    def step(self) -> None:
        """Compute one batch."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What one or several steps gave: ids, natural log-probabilities, how it ended if it did."""

    ids: list[int]
    logprobs: list[float]
    ended: str = ""


@dataclass(eq=False, slots=True)
class _Job:
    tokens: Any
    config: Any
    loop: asyncio.AbstractEventLoop
    told: asyncio.Queue[Tokens | Exception] = field(default_factory=asyncio.Queue)
    handle: Any = None
    left: bool = False

    def tell(self, news: Tokens | Exception) -> None:
        self.loop.call_soon_threadsafe(self.told.put_nowait, news)


class Batch:
    """All requests of one pipeline."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._numbers = itertools.count()
        self._work = threading.Condition()
        self._arrived: list[_Job] = []
        self._jobs: list[_Job] = []
        threading.Thread(target=self._run, name="openvino-steps", daemon=True).start()

    async def generate(self, tokens: Any, config: Any) -> AsyncIterator[Tokens]:
        """Tokens as they come; leaving the iterator ends the work at the next step.

        Args:
            tokens: int64[1, length], an OpenVINO tensor.
            config: ``openvino_genai.GenerationConfig``.

        Raises:
            ValueError, RuntimeError: what the pipeline says of the request.
        """
        job = _Job(tokens, config, asyncio.get_running_loop())
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
                job.handle = self._pipeline.add_request(next(self._numbers), job.tokens, job.config)
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
    """Tell the news of a job; whether it is over."""
    if job.left:
        job.handle.cancel()
        return True
    ids: list[int] = []
    logprobs: list[float] = []
    ended = ""
    while job.handle.can_read():
        for output in job.handle.read().values():
            ids += output.generated_ids
            logprobs += output.generated_log_probs
            ended = output.finish_reason.name if output.finish_reason.name != "NONE" else ended
    status = job.handle.get_status().name
    if status == "IGNORED":
        job.tell(RuntimeError("the cache is too small for this prompt"))
        return True
    if not ended and status != "RUNNING":
        ended = "STOP"
    if ids or ended:
        job.tell(Tokens(ids, logprobs, ended))
    return bool(ended)
