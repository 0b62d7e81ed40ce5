"""A local model in a worker process of its own, watched and restarted."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from zaohua.errors import ZaohuaError
from zaohua.generate.engine import EngineInfo
from zaohua.generate.events import Event, TokenLogprob
from zaohua.generate.failures import EngineBusy, EngineFailed
from zaohua.generate.fit import Plan, parameters_of
from zaohua.generate.http_engine import HttpEngine
from zaohua.generate.in_turn import in_turn, quietly_in_turn
from zaohua.generate.request import ChatRequest, CompletionRequest, Sampling
from zaohua.generate.sampling import advised
from zaohua.generate.standstill import standstill
from zaohua.generate.turnstile import Turnstile
from zaohua.generate.worker_environment import WorkerLog
from zaohua.generate.worker_process import Launch, WorkerProcess
from zaohua.store.models import InstalledModel

_log = logging.getLogger(__name__)

FIRST_DELAY, LONGEST_DELAY = 0.2, 30.0
HEALTHY_SECONDS = 60.0
RESTART_WAIT_SECONDS = 20.0
_NOTICE_SECONDS, _NOTICE_STEPS = 0.5, 10

Told = TypeVar("Told")


class LocalEngine:
    """An `Engine` that owns a worker process. Make one with `start`."""

    def __init__(
        self,
        model: InstalledModel,
        plan: Plan,
        home: Path,
        launch: Launch,
        turnstile: Turnstile | None = None,
    ) -> None:
        self._model = model
        self._advice = Sampling(**model.sampling)
        self._home = home
        self._launch_as = launch
        self._patience = plan.stall_seconds
        name = "".join(c if c.isalnum() or c in "._-" else "_" for c in model.name)
        self._log = WorkerLog(home / "logs" / f"{launch.kind}-{name}.log", launch.key)
        self._info = EngineInfo(
            model.name,
            plan.context_length,
            plan.slots,
            launch.kind,
            parameters_of(model),
            plan.memory,
        )
        self._turnstile = turnstile or Turnstile(
            plan.slots, plan.context_length, max_wait_seconds=plan.max_wait_seconds
        )
        self._worker: WorkerProcess | None = None
        self._engine: HttpEngine | None = None
        self._ready = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    async def start(
        cls,
        model: InstalledModel,
        plan: Plan,
        home: Path,
        launch: Launch,
        turnstile: Turnstile | None = None,
    ) -> LocalEngine:
        """Load ``model`` as ``plan`` and ``launch`` say; ``home/logs`` gets the log.

        ``turnstile`` is that of another engine on the same cores, to have one queue before both.

        Raises:
            EngineFailed: it did not load; says why in one line.
        """
        engine = cls(model, plan, home, launch, turnstile)
        await engine._start()
        engine._watching = asyncio.create_task(engine._watch())
        return engine

    @property
    def info(self) -> EngineInfo:
        """What this model offers."""
        return self._info

    @property
    def turnstile(self) -> Turnstile:
        """The queue before it."""
        return self._turnstile

    @property
    def pid(self) -> int:
        """Process id of the worker; 0 while there is none."""
        return self._worker.pid if self._worker is not None else 0

    @property
    def address(self) -> str:
        """Base URL of the worker; empty while there is none."""
        return self._worker.address if self._worker is not None else ""

    @property
    def key(self) -> str:
        """The worker's secret key, new for each process."""
        return self._launch_as.key

    def chat(self, request: ChatRequest) -> AsyncGenerator[Event]:
        """Answer a conversation; what a request does not say of drawing tokens, the model's maker
        does."""
        request = replace(request, sampling=advised(request.sampling, self._advice))
        ask = partial(self._relay, lambda engine: engine.chat(request))
        return in_turn(self._turnstile, request, ask)

    def complete(self, request: CompletionRequest) -> AsyncGenerator[Event]:
        """Continue a text."""
        ask = partial(self._relay, lambda engine: engine.complete(request))
        return in_turn(self._turnstile, request, ask)

    def score(
        self, request: ChatRequest, answer: str, top: int = 5
    ) -> AsyncGenerator[TokenLogprob]:
        """The model's probability of each token of ``answer``."""
        tokens = self._relay(lambda engine: engine.score(request, answer, top))
        return quietly_in_turn(self._turnstile, request, tokens)

    async def _relay(
        self, ask: Callable[[HttpEngine], AsyncGenerator[Told]]
    ) -> AsyncGenerator[Told]:
        """What ``ask`` gives; asked again if the worker died before it gave anything."""
        for last in (False, True):
            engine, begun = await self._running(), False
            try:
                async with aclosing(ask(engine)) as events:
                    async for event in events:
                        begun = True
                        yield event
                return
            except EngineFailed:
                if begun or last or not await self._lost(engine):
                    raise

    async def _lost(self, engine: HttpEngine) -> bool:
        """Whether the worker behind ``engine`` is gone, or goes within a moment."""
        for _ in range(_NOTICE_STEPS):
            if self._engine is not engine:
                return True
            await asyncio.sleep(_NOTICE_SECONDS / _NOTICE_STEPS)
        return False

    async def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Token ids of ``text``."""
        return await (await self._running()).tokenize(text, special=special)

    async def detokenize(self, tokens: Sequence[int]) -> str:
        """The text of ``tokens``."""
        return await (await self._running()).detokenize(tokens)

    async def count_tokens(self, request: ChatRequest) -> int:
        """Length in tokens of the rendered prompt."""
        return await (await self._running()).count_tokens(request)

    def resident(self) -> int:
        """Bytes of the worker and of what it started; 0 while there is none."""
        return self._worker.resident() if self._worker is not None else 0

    async def alive(self) -> bool:
        """Whether the worker runs and answers."""
        return self._engine is not None and await self._engine.alive()

    async def aclose(self) -> None:
        """End the worker."""
        self._closed = True
        self._ready.set()
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self._drop()

    async def _running(self) -> HttpEngine:
        """The engine, after a restart if one is under way.

        Raises:
            EngineBusy: the restart takes long. EngineFailed: this engine is closed.
        """
        try:
            async with asyncio.timeout(RESTART_WAIT_SECONDS):
                await self._ready.wait()
        except TimeoutError:
            raise EngineBusy(
                f"the engine of model '{self._model.name}' is being restarted", retry_after=5
            ) from None
        if self._closed or self._engine is None:
            raise EngineFailed("the engine is shut down", where=self._model.name)
        return self._engine

    async def _start(self) -> None:
        launch = self._launch_as
        self._worker = await WorkerProcess.start(launch, self._home, self._log)
        self._engine = HttpEngine(
            self._worker.address,
            self._info,
            key=launch.key,
            dialect=launch.kind,
            vocab_size=int(self._model.metadata.get("vocab_size") or 0),
        )
        self._looking = asyncio.create_task(self._end_if_still(self._worker, self._engine))
        self._looking.add_done_callback(_told_if_it_failed)
        self._ready.set()

    async def _end_if_still(self, worker: WorkerProcess, engine: HttpEngine) -> None:
        """Kill a worker that runs but does nothing; `_watch` does the rest."""
        silent = await standstill(worker, engine, self._patience)
        why = f"the engine gave no sign for {silent:.0f} s and is started again"
        engine.end(why)
        worker.kill(why)

    async def _drop(self) -> None:
        worker, engine, self._worker, self._engine = self._worker, self._engine, None, None
        if self._looking is not None:
            self._looking.cancel()
        if engine is not None:
            await engine.aclose()
        if worker is not None:
            await worker.stop()

    async def _watch(self) -> None:
        """Restart the worker whenever it is gone, ever more slowly while it keeps failing."""
        delay = FIRST_DELAY
        while True:
            started = time.monotonic()
            if self._worker is not None:
                code = await self._worker.wait()
                self._ready.clear()
                why = self._worker.killed or f"the engine ended with code {code}"
                _log.error("model %s: %s", self._model.name, why)
                self._turnstile.ends["stalled" if self._worker.killed else "died"] += 1
                await self._drop()
            if time.monotonic() - started > HEALTHY_SECONDS:
                delay = FIRST_DELAY
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY)
            try:
                await self._start()
            except ZaohuaError as error:
                _log.error("the engine could not be restarted: %s", error.line())


def _told_if_it_failed(looking: asyncio.Task[None]) -> None:
    """A watch that ends by an error would otherwise do so in silence."""
    if not looking.cancelled() and (error := looking.exception()) is not None:
        _log.error("nobody looks any more whether the engine works", exc_info=error)
