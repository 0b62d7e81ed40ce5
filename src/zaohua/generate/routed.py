"""A model served by two engines of one queue: which one, is decided request by request."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

from zaohua.generate.engine import EngineInfo
from zaohua.generate.events import Event, TokenLogprob
from zaohua.generate.failures import EngineFailed
from zaohua.generate.local_engine import LocalEngine
from zaohua.generate.request import ChatRequest, CompletionRequest
from zaohua.generate.turnstile import Turnstile

_log = logging.getLogger(__name__)

Asked = ChatRequest | CompletionRequest


class RoutedEngine:
    """An `Engine` of two: the usual one, and another, loaded when first needed.

    Args:
        usual: answers what the other does not.
        start_other: loads the other one.
        for_other: what of a request is for the other one; empty if nothing is.
        needed: whether the usual one cannot do it. If it can, it does when the other does not
            start.
        name: of the other one, for the log.
    """

    def __init__(
        self,
        usual: LocalEngine,
        start_other: Callable[[], Awaitable[LocalEngine]],
        for_other: Callable[[Asked], str],
        *,
        needed: bool,
        name: str,
    ) -> None:
        self._usual = usual
        self._start_other = start_other
        self._for_other = for_other
        self._needed = needed
        self._name = name
        self._other: LocalEngine | None = None
        self._starting = asyncio.Lock()

    @property
    def info(self) -> EngineInfo:
        """What this model offers."""
        return self._usual.info

    @property
    def turnstile(self) -> Turnstile:
        """The queue before both."""
        return self._usual.turnstile

    @property
    def pid(self) -> int:
        """Process id of the usual worker; 0 while there is none."""
        return self._usual.pid

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Event]:
        """Answer a conversation."""
        engine = await self._for(self._for_other(request))
        async with aclosing(engine.chat(request)) as events:
            async for event in events:
                yield event

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[Event]:
        """Continue a text."""
        engine = await self._for(self._for_other(request))
        async with aclosing(engine.complete(request)) as events:
            async for event in events:
                yield event

    async def score(
        self, request: ChatRequest, answer: str, top: int = 5
    ) -> AsyncGenerator[TokenLogprob]:
        """The model's probability of each token of ``answer``."""
        async with aclosing(self._usual.score(request, answer, top)) as tokens:
            async for token in tokens:
                yield token

    async def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Token ids of ``text``."""
        return await self._usual.tokenize(text, special=special)

    async def detokenize(self, tokens: Sequence[int]) -> str:
        """The text of ``tokens``."""
        return await self._usual.detokenize(tokens)

    async def count_tokens(self, request: ChatRequest) -> int:
        """Length in tokens of the rendered prompt."""
        return await self._usual.count_tokens(request)

    def resident(self) -> int:
        """Bytes of both workers."""
        return self._usual.resident() + (self._other.resident() if self._other else 0)

    async def alive(self) -> bool:
        """Whether the worker runs and answers."""
        return await self._usual.alive()

    async def aclose(self) -> None:
        """End both workers."""
        async with self._starting:
            other, self._other = self._other, None
        await self._usual.aclose()
        if other is not None:
            await other.aclose()

    async def _for(self, what: str) -> LocalEngine:
        if not what:
            return self._usual
        async with self._starting:
            _log.info("%s asks for %s: %s answers", self.info.model, what, self._name)
            if self._other is None:
                try:
                    self._other = await self._start_other()
                except EngineFailed:
                    if self._needed:
                        raise
                    return self._usual
            return self._other
