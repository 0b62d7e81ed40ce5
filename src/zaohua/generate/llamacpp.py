"""A local model in a llama.cpp process of its own, watched and restarted."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TypeVar

from zaohua.errors import ZaohuaError
from zaohua.generate.context_share import ContextShare
from zaohua.generate.engine import EngineInfo
from zaohua.generate.events import Event, TokenLogprob
from zaohua.generate.failures import EngineBusy, EngineFailed
from zaohua.generate.fit import MIB, Plan, parameters_of
from zaohua.generate.http_engine import HttpEngine
from zaohua.generate.llamacpp_worker import F16, Q8_0, WorkerConfig
from zaohua.generate.request import ChatRequest, CompletionRequest
from zaohua.generate.worker_environment import WorkerLog
from zaohua.generate.worker_process import WorkerProcess
from zaohua.store.models import InstalledModel

_log = logging.getLogger(__name__)

DEFAULT_TEMPLATE = "chatml"
"""The chat template of models that bring none: ``<|im_start|>role\\ncontent<|im_end|>``."""

FIRST_DELAY, LONGEST_DELAY = 0.2, 30.0
HEALTHY_SECONDS = 60.0
RESTART_WAIT_SECONDS = 20.0
_NOTICE_SECONDS, _NOTICE_STEPS = 0.5, 10

Told = TypeVar("Told")


class LlamaCppProcess:
    """An `Engine` that owns a worker process. Make one with `start`."""

    def __init__(
        self, model: InstalledModel, plan: Plan, home: Path, *, slots_endpoint: bool = False
    ) -> None:
        self._model = model
        self._home = home
        self._key = secrets.token_urlsafe(32)
        self._config = _config(model, plan, self._key, slots_endpoint=slots_endpoint)
        name = "".join(c if c.isalnum() or c in "._-" else "_" for c in model.name)
        self._log = WorkerLog(home / "logs" / f"llamacpp-{name}.log", self._key)
        self._info = EngineInfo(
            model.name,
            plan.context_length,
            plan.slots,
            "llamacpp",
            parameters_of(model),
            plan.memory,
        )
        self._share = ContextShare(plan.context_length)
        self._worker: WorkerProcess | None = None
        self._engine: HttpEngine | None = None
        self._ready = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    async def start(
        cls, model: InstalledModel, plan: Plan, home: Path, *, slots_endpoint: bool = False
    ) -> LlamaCppProcess:
        """Load ``model`` as ``plan`` says; ``home/logs`` gets the log.

        Raises:
            EngineFailed: it did not load; says why in one line.
        """
        process = cls(model, plan, home, slots_endpoint=slots_endpoint)
        await process._launch()
        process._watching = asyncio.create_task(process._watch())
        return process

    @property
    def info(self) -> EngineInfo:
        """What this model offers."""
        return self._info

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
        return self._key

    def chat(self, request: ChatRequest) -> AsyncGenerator[Event]:
        """Answer a conversation."""
        return self._share.run(request, self._relay(lambda engine: engine.chat(request)))

    def complete(self, request: CompletionRequest) -> AsyncGenerator[Event]:
        """Continue a text."""
        return self._share.run(request, self._relay(lambda engine: engine.complete(request)))

    def score(
        self, request: ChatRequest, answer: str, top: int = 5
    ) -> AsyncGenerator[TokenLogprob]:
        """The model's probability of each token of ``answer``."""
        return self._relay(lambda engine: engine.score(request, answer, top))

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

    async def _launch(self) -> None:
        if self._config.chat_template:
            _log.warning(
                "model %s has no chat template: %s is used", self._model.name, DEFAULT_TEMPLATE
            )
        self._worker = await WorkerProcess.start(self._config, self._home, self._log)
        self._engine = HttpEngine(
            self._worker.address,
            self._info,
            key=self._key,
            dialect="llamacpp",
            vocab_size=int(self._model.metadata.get("vocab_size") or 0),
        )
        self._ready.set()

    async def _drop(self) -> None:
        worker, engine, self._worker, self._engine = self._worker, self._engine, None, None
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
                _log.error("the engine of model %s ended with code %d", self._model.name, code)
                await self._drop()
            if time.monotonic() - started > HEALTHY_SECONDS:
                delay = FIRST_DELAY
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY)
            try:
                await self._launch()
            except ZaohuaError as error:
                _log.error("the engine could not be restarted: %s", error.line())


def _config(model: InstalledModel, plan: Plan, key: str, *, slots_endpoint: bool) -> WorkerConfig:
    has_template = model.metadata.get("has_chat_template", True)
    return WorkerConfig(
        path=str(model.path),
        key=key,
        context_length=plan.context_length,
        slots=plan.slots,
        threads=plan.threads,
        batch=plan.batch,
        cache_type=F16 if plan.cache_type == "f16" else Q8_0,
        cache_ram_mib=plan.prefix_cache // MIB,
        chat_template="" if has_template else DEFAULT_TEMPLATE,
        slots_endpoint=slots_endpoint,
    )
