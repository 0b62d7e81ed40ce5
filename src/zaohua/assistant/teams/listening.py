"""One question to a model: its text as it comes, until it, a limit, a stop or a fault ends it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from zaohua.assistant.allowance import Allowance
from zaohua.assistant.prices import Prices
from zaohua.assistant.teams.limits import LEAST_TOKENS, Room, affordable
from zaohua.assistant.teams.values import MessageState
from zaohua.assistant.tools import BoundTool, Toolbox, ToolEnded, run_with_tools
from zaohua.errors import ZaohuaError
from zaohua.generate.engine import Engine, Models
from zaohua.generate.events import Chunk, Finished, PromptProgress
from zaohua.generate.prompt_size import estimate
from zaohua.generate.request import ChatRequest
from zaohua.safety import AnswerGuard
from zaohua.text.circles import LINES, Circles

MOST_TOKENS: Final = 1024
"""Of an answer whose role does not say: small models do not always come to an end."""

_MOST_AGAIN: Final = 3
"""Lines one after the other that were all there before."""

_LET_GO_SECONDS = 5.0

Admit = Callable[[], Awaitable[Allowance]]
"""Gives leave to use tokens for one turn."""


@dataclass(slots=True)
class Heard:
    """What came of a question. ``state`` and ``note`` say how it ended."""

    model: str = ""
    text: str = ""
    finish_reason: str = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    tools: list[dict[str, Any]] = field(default_factory=list)
    state: MessageState = "complete"
    note: str = ""
    limit: str = ""
    """The limit that ended it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, of which model, with which tools, and what it may take."""

    request: ChatRequest
    model: str
    tools: Sequence[BoundTool]
    room: Room
    guard: AnswerGuard | None
    admit: Admit | None


class Listener:
    """Asks one question and hands on the text as it comes.

    Args:
        say: is given each piece.
    """

    def __init__(
        self, models: Models, prices: Prices, question: Question, say: Callable[[str], None]
    ) -> None:
        self._models = models
        self._prices = prices
        self._question = question
        self._say = say
        self._heard = Heard(model=question.model)
        self._capped = ""
        self._circles = Circles(_MOST_AGAIN, LINES)

    async def listen(self, stop: asyncio.Event) -> Heard:
        """What came; also when ``stop`` is set, when time runs out, and when the engine fails."""
        began = time.monotonic()
        work = asyncio.create_task(self._ask())
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait(
                {work, stopped},
                timeout=self._question.room.seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
            ended = work.done()
        finally:
            stopped.cancel()
            work.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await asyncio.wait({work}, timeout=_LET_GO_SECONDS)
        if not ended and stop.is_set():
            self._end("stopped", "a person stopped it")
        elif not ended:
            self._cut("limits.seconds")
        elif (error := work.exception()) is not None:
            self._fail(error)
        elif self._capped and self._heard.finish_reason == "length":
            self._cut(self._capped)
        self._heard.seconds = time.monotonic() - began
        self._heard.text = self._heard.text.strip()
        return self._heard

    def _end(self, state: MessageState, note: str) -> None:
        self._heard.state, self._heard.note = state, note

    def _cut(self, limit: str) -> None:
        self._end("cut", f"{limit} ended it")
        self._heard.limit = limit

    def _fail(self, error: BaseException) -> None:
        if not isinstance(error, ZaohuaError):
            raise error
        self._end("failed", error.line())

    async def _ask(self) -> None:
        async with self._models.use(self._question.model) as engine:
            self._heard.model = engine.info.model
            allowance = await self._question.admit() if self._question.admit else None
            try:
                request = await self._within(engine.info.model, allowance)
                if request is not None:
                    await self._stream(engine, request, allowance)
            finally:
                if allowance is not None:
                    heard = self._heard
                    allowance.settle(heard.prompt_tokens, heard.completion_tokens)

    async def _within(self, model: str, allowance: Allowance | None) -> ChatRequest | None:
        """The request with an answer that the limits have room for; None if they have none."""
        request, room = self._question.request, self._question.room
        prompt = estimate(request)
        paid = await asyncio.to_thread(affordable, self._prices, model, prompt, room.cost)
        bounds = {"limits.tokens": room.tokens - prompt}
        bounds |= {} if paid is None else {"limits.cost": paid}
        if allowance is not None and allowance.max_tokens is not None:
            bounds["the key's quota"] = allowance.max_tokens
        tightest = min(bounds, key=lambda name: bounds[name])
        wanted = request.sampling.max_tokens or MOST_TOKENS
        if bounds[tightest] < min(LEAST_TOKENS, wanted):
            self._capped, self._heard.finish_reason = tightest, "length"
            return None
        if bounds[tightest] < wanted:
            self._capped = tightest
        most = min(bounds[tightest], wanted)
        return replace(request, sampling=replace(request.sampling, max_tokens=most))

    async def _stream(
        self, engine: Engine, request: ChatRequest, allowance: Allowance | None
    ) -> None:
        tools = self._question.tools
        events = run_with_tools(engine, request, Toolbox(tools)) if tools else engine.chat(request)
        guard = self._question.guard
        async with aclosing(cast("AsyncGenerator[Any]", events)) as stream:
            async for event in stream:
                if isinstance(event, Chunk):
                    if self._take(guard.feed(event.text) if guard else event.text):
                        self._heard.text = self._circles.without(self._heard.text)
                        self._heard.note = "ended where it began to repeat itself"
                        return
                    self._heard.finish_reason = event.finish_reason or self._heard.finish_reason
                    tokens = int(bool(event.text or event.reasoning))
                    self._heard.completion_tokens += tokens
                    if allowance is not None and not await allowance.spend(tokens):
                        self._capped, self._heard.finish_reason = "the key's quota", "length"
                        break
                else:
                    self._note(event)
        if guard is not None:
            self._take(guard.finish())

    def _take(self, text: str) -> bool:
        """Whether the answer has begun to go round in circles."""
        if text:
            self._heard.text += text
            self._say(text)
        return self._circles.feed(text)

    def _note(self, event: object) -> None:
        if isinstance(event, PromptProgress):
            self._heard.prompt_tokens = max(self._heard.prompt_tokens, event.total)
        elif isinstance(event, ToolEnded):
            call, result = event.result.call, event.result
            self._heard.tools.append(
                {
                    "name": call.name,
                    "arguments": call.arguments,
                    "result": result.text,
                    "ok": result.ok,
                    "seconds": round(result.seconds, 3),
                }
            )
        elif isinstance(event, Finished):
            self._heard.prompt_tokens = event.usage.prompt_tokens
            self._heard.completion_tokens = event.usage.completion_tokens
