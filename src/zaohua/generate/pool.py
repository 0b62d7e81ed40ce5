"""The models of a server: which there are, which are loaded, lending them out."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urldefrag

from zaohua.errors import NotFoundError
from zaohua.generate.engine import Engine, EngineInfo, Models, ServedModel
from zaohua.generate.failures import EngineBusy, EngineFailed, ModelNotFound
from zaohua.generate.fake import FAKE_SLOTS, FakeModels
from zaohua.generate.fit import Plan, budget_of, plan
from zaohua.generate.http_engine import HttpEngine
from zaohua.generate.setups import start
from zaohua.generate.tuning.choosing import chosen, explained
from zaohua.generate.turnstile import Turnstile
from zaohua.hardware import Hardware, hardware
from zaohua.settings import Settings
from zaohua.store.models import InstalledModel, find, installed

_log = logging.getLogger(__name__)

_FRESH_SECONDS = 1.0

Loader = Callable[[InstalledModel, Plan, Settings], Awaitable[Engine]]
"""Loads a model as planned."""


def open_models(settings: Settings) -> Models:
    """The models that ``settings`` name: a `Pool`, or fake ones for ``engine = "fake"``.

    Loads nothing yet. Close with ``aclose``.
    """
    if settings.engine == "fake":
        return FakeModels(slots=settings.slots or FAKE_SLOTS)
    return Pool(settings)


async def load_worker(model: InstalledModel, planned: Plan, settings: Settings) -> Engine:
    """The usual `Loader`: a worker process in the `chosen` setup.

    Raises:
        MissingExtraError: the engine is not installed.
        EngineFailed: it did not load.
    """
    return await start(model, planned, settings.home, chosen(model, settings))


@dataclass(slots=True)
class _Loaded:
    engine: Engine
    planned: int
    lent: int = 0
    last_used: float = field(default_factory=time.monotonic)

    def memory(self) -> int:
        """Bytes: as planned, or what it has come to take, with copies made for some requests."""
        return max(self.planned, self.engine.resident())


class Pool:
    """Models loaded when asked for, the longest unused unloaded when memory is short.

    Args:
        settings: which models, how much memory.
        load: how to load one.
        machine: what there is to fit into; this machine if not given.
    """

    def __init__(
        self, settings: Settings, *, load: Loader = load_worker, machine: Hardware | None = None
    ) -> None:
        self._settings = settings
        self._load = load
        self._machine = machine or hardware()
        self._loaded: dict[str, _Loaded] = {}
        self._loading: dict[str, asyncio.Task[_Loaded]] = {}
        self._remote: dict[str, HttpEngine] = {}
        self._making_room = asyncio.Lock()
        self._closed = False
        self._read: tuple[float, Sequence[InstalledModel]] = (-math.inf, ())

    @property
    def default(self) -> str:
        """The model of the settings; if it is not here but others are, the first of them."""
        wanted = self._settings.model
        if wanted in self._loaded or wanted in self._settings.engine_urls:
            return wanted
        names = [*(m.name for m in self._installed()), *self._settings.engine_urls]
        return wanted if wanted in names or not names else names[0]

    def list(self) -> list[ServedModel]:
        """Every model that can be asked for, the default first."""
        local = [self._describe(model) for model in self._installed()]
        remote = [ServedModel(name, "remote", "openai") for name in self._settings.engine_urls]
        default = self.default
        return sorted([*local, *remote], key=lambda m: m.name != default)

    def turnstiles(self) -> Mapping[str, Turnstile]:
        """The queues before the models that are loaded, by the models' names."""
        engines = {name: loaded.engine for name, loaded in self._loaded.items()}
        return {name: engine.turnstile for name, engine in engines.items() if engine.turnstile}

    def plan(self, name: str = "") -> Plan:
        """How model ``name`` would be run if it were alone.

        Raises:
            ModelNotFound: no such local model. EngineFailed: it does not fit.
        """
        return plan(self._find(name or self.default), self._machine, self._settings)

    def explain(self, name: str = "") -> str:
        """The engine and the plan of a model on one line, as ``up`` and ``serve`` print it."""
        model = self._find(name or self.default)
        return f"{explained(model, self._settings)}, {self.plan(name).explain()}"

    def use(self, name: str = "") -> AbstractAsyncContextManager[Engine]:
        """Lend the engine of model ``name``, loading it first; lent models are not unloaded.

        Raises:
            ModelNotFound: no such model. EngineBusy: no room beside what is in use.
            EngineFailed: it does not load.
        """
        return self._use(name or self.default)

    @asynccontextmanager
    async def _use(self, name: str) -> AsyncIterator[Engine]:
        if name in self._settings.engine_urls:
            yield self._remote_engine(name)
            return
        loaded = await self._borrow(name)
        try:
            yield loaded.engine
        finally:
            loaded.lent -= 1
            loaded.last_used = time.monotonic()

    async def aclose(self) -> None:
        """Unload everything; nothing is lent any more."""
        self._closed = True
        for task in self._loading.values():
            task.cancel()
        await asyncio.gather(*self._loading.values(), return_exceptions=True)
        engines = [*(loaded.engine for loaded in self._loaded.values()), *self._remote.values()]
        self._loaded.clear()
        self._remote.clear()
        await asyncio.gather(*(engine.aclose() for engine in engines))

    def _installed(self) -> Sequence[InstalledModel]:
        """The installed models, read again after `_FRESH_SECONDS`."""
        read, models = self._read
        if time.monotonic() - read > _FRESH_SECONDS:
            models = installed(self._settings)
            self._read = (time.monotonic(), models)
        return models

    def _describe(self, model: InstalledModel) -> ServedModel:
        loaded = self._loaded.get(model.name)
        loading = model.name in self._loading
        context = loaded.engine.info.context_length if loaded else model.context_length
        return ServedModel(
            name=model.name,
            state="ready" if loaded else "loading" if loading else "available",
            kind=loaded.engine.info.kind if loaded else chosen(model, self._settings).kind,
            context_length=context,
            size=model.size,
            title=model.title,
            licence=model.licence,
            languages=model.languages,
            created=int(model.installed.timestamp()),
            price_prompt=model.price_prompt,
            price_completion=model.price_completion,
            currency=model.currency or "CNY",
            slots=loaded.engine.info.slots if loaded else 0,
        )

    def _remote_engine(self, name: str) -> HttpEngine:
        engine = self._remote.get(name)
        if engine is None:
            address, model = urldefrag(self._settings.engine_urls[name])
            engine = self._remote[name] = HttpEngine(
                address, EngineInfo(name, 0, 0, "openai"), key=self._settings.engine_key,
                model=model or name,
            )  # fmt: skip
        return engine

    def _find(self, name: str) -> InstalledModel:
        """The installed model ``name``. Only the operator's own default may be a file: a client
        must not reach the machine's files by naming one."""
        try:
            return find(self._settings, name, paths=name == self._settings.model)
        except NotFoundError:
            raise ModelNotFound(name, tuple(m.name for m in self.list())) from None

    async def _borrow(self, name: str) -> _Loaded:
        """The loaded model, counted as lent."""
        loaded = self._loaded.get(name)
        while loaded is None:
            if self._closed:
                raise EngineFailed("the models are shut down")
            model = self._find(name)
            await self._wait_for(model)
            loaded = self._loaded.get(model.name)
        loaded.lent += 1
        return loaded

    async def _wait_for(self, model: InstalledModel) -> None:
        """Load ``model``, or wait for whoever is loading it already; it may be unloaded again
        by the time the caller goes on."""
        if model.name in self._loaded:
            return
        task = self._loading.get(model.name)
        if task is None:
            task = asyncio.create_task(self._load_model(model))
            self._loading[model.name] = task
            task.add_done_callback(lambda done: self._loading_done(model.name, done))
        await asyncio.shield(task)

    def _loading_done(self, name: str, task: asyncio.Task[_Loaded]) -> None:
        self._loading.pop(name, None)
        if not task.cancelled() and task.exception() is not None:
            _log.error("model %s did not load: %s", name, task.exception())

    async def _load_model(self, model: InstalledModel) -> _Loaded:
        async with self._making_room:
            planned = await self._make_room(model)
            _log.info("loading %s: %s", model.name, planned.explain())
            loaded = _Loaded(await self._load(model, planned, self._settings), planned.memory)
            self._loaded[model.name] = loaded
        return loaded

    async def _make_room(self, model: InstalledModel) -> Plan:
        """A plan for ``model`` that fits, after unloading what is idle if need be."""
        budget = budget_of(self._machine, self._settings)
        wanted = plan(model, self._machine, self._settings, budget)
        while (free := budget - sum(m.memory() for m in self._loaded.values())) < wanted.memory:
            idle = [(m.last_used, n) for n, m in self._loaded.items() if not m.lent]
            if not idle:
                return self._squeezed(model, free)
            await self._unload(min(idle)[1])
        return wanted

    def _squeezed(self, model: InstalledModel, free: int) -> Plan:
        try:
            return plan(model, self._machine, self._settings, max(free, 0))
        except EngineFailed:
            raise EngineBusy(
                f"there is no room for model '{model.name}' beside those in use", retry_after=5
            ) from None

    async def _unload(self, name: str) -> None:
        _log.info("unloading %s to make room", name)
        await self._loaded.pop(name).engine.aclose()
