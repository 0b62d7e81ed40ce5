"""One request to a model, from admission to the last event: lent, limited, counted, closed.

Every route that makes text goes through `Run`, streaming or not, so that leaving, limits, metrics
and usage work the same everywhere.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import cast

from starlette.requests import Request

from zaohua.generate.collect import Collected, collect
from zaohua.generate.engine import Engine, EngineInfo
from zaohua.generate.events import Chunk, Event, Finished, PromptProgress, Usage, Waiting
from zaohua.generate.failures import RequestRefused
from zaohua.generate.prompt_size import estimate
from zaohua.generate.request import ChatRequest, CompletionRequest
from zaohua.service.errors import ApiError, as_api_error, unsupported
from zaohua.service.limits import Grant, Limits, Unlimited
from zaohua.service.metrics import Metrics
from zaohua.service.security import Caller
from zaohua.service.services import Services
from zaohua.service.sse import unless_gone

FIRST_EVENT_SECONDS = 10.0
"""How long an error can still become a status code; after that the stream starts without one."""

_MODALITIES = {"image_url": "image", "input_audio": "audio", "video_url": "video"}
EngineRequest = ChatRequest | CompletionRequest


class Run:
    """The events of one request; an async iterator that must be closed."""

    def __init__(self, request: Request, caller: Caller, model: str, asked: EngineRequest) -> None:
        parts: Services = request.app.state.services
        self.model = model or parts.models.default
        self.info: EngineInfo | None = None
        self.headers: dict[str, str] = {}
        self._parts = parts
        self._limits: Limits = request.app.state.limits
        self._metrics: Metrics = request.app.state.metrics
        self._caller = caller
        self._asked = replace(asked, user=caller.key_id or asked.user)
        self._started = time.perf_counter()
        self._first: asyncio.Task[Event] | None = None
        self._written: set[int] = set()
        self._source = self._events()

    @property
    def fingerprint(self) -> str:
        """Changes when the model or the kind of engine does."""
        kind = self.info.kind if self.info else ""
        return "fp_" + hashlib.sha256(f"{kind}/{self.model}".encode()).hexdigest()[:10]

    async def begin(self) -> None:
        """Wait for the first event, for a while, so that early failures are raised here."""
        self._first = asyncio.ensure_future(anext(self._source))
        done, _ = await asyncio.wait({self._first}, timeout=FIRST_EVENT_SECONDS)
        if done and (error := self._first.exception()):
            self._first = None
            raise error

    async def __aiter__(self) -> AsyncIterator[Event]:
        """All events."""
        if self._first is not None:
            yield await self._first
        async for event in self._source:
            yield event

    async def aclose(self) -> None:
        """Stop, if it still runs; frees the engine's slot."""
        if self._first is not None and not self._first.done():
            self._first.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._first
        await self._source.aclose()

    async def _events(self) -> AsyncGenerator[Event]:
        async with self._parts.models.use(self.model) as engine:
            self.model, self.info = engine.info.model, engine.info
            _refuse_media(self._asked, engine.info)
            grant = await self._admit(engine)
            self.headers = grant.headers
            with self._metrics.active.labels(self.model).track_inprogress():
                async with aclosing(self._counted(engine, grant)) as events:
                    async for event in events:
                        yield event

    async def _admit(self, engine: Engine) -> Grant | Unlimited:
        key = self._caller.key
        if key is None:
            return Unlimited()
        prompt = await _prompt_tokens(engine, self._asked)
        sampling = self._asked.sampling
        wanted = None if sampling.max_tokens is None else sampling.max_tokens * sampling.n
        return await self._limits.admit(key, prompt, wanted)

    async def _counted(self, engine: Engine, grant: Grant | Unlimited) -> AsyncGenerator[Event]:
        asked = _capped(self._asked, grant.max_tokens)
        source = engine.chat(asked) if isinstance(asked, ChatRequest) else engine.complete(asked)
        usage: Usage | None = None
        prompt: int | None = None
        count = 0
        try:
            async with aclosing(cast("AsyncGenerator[Event]", source)) as events:
                async for event in events:
                    if isinstance(event, Waiting):
                        continue  # a stream begun with it could not be refused with a status
                    if isinstance(event, Chunk):
                        tokens = _tokens(event)
                        if not count and tokens:
                            self._note_first()
                        if not await grant.spend(tokens):
                            break
                        count += tokens
                        self._note(event)
                    elif isinstance(event, PromptProgress):
                        prompt = event.total
                    else:
                        usage = event.usage
                    yield event
            if usage is None:
                for last in self._cut(prompt or 0, count):
                    yield last
        except Exception as error:
            self._metrics.failures.labels(self.model, as_api_error(error).code or "").inc()
            raise
        finally:
            self._book(grant, usage, prompt, count)

    def _note(self, chunk: Chunk) -> None:
        if chunk.finish_reason:
            self._written.discard(chunk.index)
        else:
            self._written.add(chunk.index)

    def _note_first(self) -> None:
        self._metrics.first_token.labels(self.model).observe(time.perf_counter() - self._started)

    def _cut(self, prompt: int, count: int) -> list[Event]:
        """The end of a stream whose quota ran out."""
        ends: list[Event] = [Chunk(i, finish_reason="length") for i in sorted(self._written)]
        return [*ends, Finished(Usage(prompt, count))]

    def _book(
        self, grant: Grant | Unlimited, usage: Usage | None, prompt: int | None, count: int
    ) -> None:
        told = usage or Usage(prompt or 0, count)
        prompt, count = told.prompt_tokens, told.completion_tokens
        self._metrics.count_tokens(self.model, told)
        grant.settle(prompt, count)


async def start(request: Request, caller: Caller, model: str, asked: EngineRequest) -> Run:
    """A `Run` whose first event is there or on its way.

    Raises:
        ApiError: the request is refused, or the client left.
    """
    run = Run(request, caller, model, asked)
    try:
        await unless_gone(request, run.begin())
    except BaseException:
        await run.aclose()
        raise
    return run


async def collected(
    request: Request, caller: Caller, model: str, asked: EngineRequest
) -> tuple[Run, Collected]:
    """The whole answers, for requests that do not stream; stops at once if the client leaves."""
    run = Run(request, caller, model, asked)

    async def gather() -> Collected:
        await run.begin()
        return await collect(aiter(run))

    try:
        return run, await unless_gone(request, gather())
    finally:
        await run.aclose()


def _tokens(chunk: Chunk) -> int:
    if chunk.logprobs:
        return len(chunk.logprobs)
    return 1 if chunk.text or chunk.reasoning or chunk.tool_calls else 0


def _capped(asked: EngineRequest, budget: int | None) -> EngineRequest:
    """The request, its answers kept within ``budget`` tokens together."""
    if budget is None:
        return asked
    sampling = asked.sampling
    share = budget // sampling.n
    if sampling.max_tokens is not None:
        share = min(share, sampling.max_tokens)
    return replace(asked, sampling=replace(sampling, max_tokens=share))


async def _prompt_tokens(engine: Engine, asked: EngineRequest) -> int:
    """Prompt tokens to reckon with; a guess for engines that cannot count."""
    try:
        if isinstance(asked, ChatRequest):
            return await engine.count_tokens(asked)
        if isinstance(asked.prompt, str):
            return len(await engine.tokenize(asked.prompt, special=True))
    except RequestRefused:
        return estimate(asked)
    return len(asked.prompt)


def _refuse_media(asked: EngineRequest, info: EngineInfo) -> None:
    if isinstance(asked, CompletionRequest):
        return
    for part in (part for message in asked.messages for part in message.media):
        kind = str(part.get("type"))
        if _MODALITIES.get(kind, kind) not in info.input_modalities:
            raise unsupported("messages", f"'{info.model}' cannot read content of type '{kind}'")


def require_model(model: str | None) -> str:
    """The model asked for; empty for the default one."""
    if model is not None and len(model) > 512:
        raise ApiError(404, "there is no such model", code="model_not_found", param="model")
    return model or ""
