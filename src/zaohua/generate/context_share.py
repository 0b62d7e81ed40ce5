"""Shares one model's context among the answers under way.

llama.cpp's slots draw on one pool of context, so that a single conversation can have all of it; but
when the pool runs out, every answer under way fails. So requests wait here until there is room for
their prompt and a beginning, and when answers outgrow the pool all the same, the youngest ends with
``length`` and the others go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

from zaohua.generate.events import Chunk, Event, Finished, PromptProgress, Usage
from zaohua.generate.request import ChatRequest, CompletionRequest, Sampling

BEGINNING = 256
"""Tokens of answer there must be room for before a request starts."""

_MARGIN = 32
_ASCII_PER_TOKEN = 3.0
_TOKENS_PER_OTHER = 1.2
_PER_MESSAGE = 8


class Share:
    """The tokens that one request takes up."""

    def __init__(self, owner: ContextShare, tokens: int) -> None:
        self._owner = owner
        self.tokens = tokens

    @property
    def must_end(self) -> bool:
        """Whether the pool has run out and this request is the one to give way."""
        return self._owner.crowded and self._owner.youngest is self


class ContextShare:
    """A pool of ``capacity`` tokens, given out in the order of asking."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._shares: list[Share] = []
        self._queue = asyncio.Lock()
        self._freed = asyncio.Event()

    @property
    def used(self) -> int:
        """Tokens taken up now."""
        return sum(share.tokens for share in self._shares)

    @property
    def crowded(self) -> bool:
        """Whether there is more than one request and the pool is as good as full."""
        return len(self._shares) > 1 and self.used > self._capacity - _MARGIN

    @property
    def youngest(self) -> Share | None:
        """The request that started last."""
        return self._shares[-1] if self._shares else None

    @asynccontextmanager
    async def take(self, prompt: int, answer: int) -> AsyncIterator[Share]:
        """Wait for room for ``prompt`` tokens and ``answer`` more; a lone request always has it."""
        async with self._queue:
            while self._shares and self.used + prompt + answer + _MARGIN > self._capacity:
                self._freed.clear()
                await self._freed.wait()
            share = Share(self, prompt)
            self._shares.append(share)
        try:
            yield share
        finally:
            self._shares.remove(share)
            self._freed.set()

    async def run(
        self, request: ChatRequest | CompletionRequest, events: AsyncGenerator[Event]
    ) -> AsyncGenerator[Event]:
        """``events`` once there is room for ``request``; ended early if it must give way."""
        async with (
            self.take(estimate(request), beginning(request.sampling)) as share,
            aclosing(events) as stream,
        ):
            tally = _Tally(request.sampling.n)
            async for event in stream:
                share.tokens += tally.count(event, share.tokens)
                yield event
                if share.must_end and tally.answering:
                    break
            else:
                return
        for last in tally.ending():
            yield last


class _Tally:
    """What one stream has told so far."""

    def __init__(self, answers: int) -> None:
        self._open = set(range(answers))
        self._prompt = PromptProgress(0, 0, 0)
        self._completion = 0

    @property
    def answering(self) -> bool:
        return self._completion > 0 and bool(self._open)

    def count(self, event: Event, before: int) -> int:
        """How many tokens ``event`` adds to the ``before`` that were reckoned with."""
        if isinstance(event, PromptProgress):
            first = not self._prompt.total
            self._prompt = event
            return event.total - before if first else 0
        if isinstance(event, Finished):
            return 0
        if event.finish_reason is not None:
            self._open.discard(event.index)
            return 0
        self._completion += 1
        return 1

    def ending(self) -> list[Event]:
        usage = Usage(self._prompt.total, self._completion, self._prompt.cached)
        cut = [Chunk(index, finish_reason="length") for index in sorted(self._open)]
        return [*cut, Finished(usage)]


def beginning(sampling: Sampling) -> int:
    """Tokens of answer to reckon with at first."""
    wanted = BEGINNING if sampling.max_tokens is None else min(sampling.max_tokens, BEGINNING)
    return wanted * sampling.n


def estimate(request: ChatRequest | CompletionRequest) -> int:
    """Prompt tokens of ``request``, guessed from its characters, rather too many than too few."""
    if isinstance(request, CompletionRequest):
        prompt = request.prompt
        return _tokens(prompt) if isinstance(prompt, str) else len(prompt)
    told = sum(_PER_MESSAGE + _tokens(m.content) for m in request.messages)
    calls = sum(_tokens(c.arguments) for m in request.messages for c in m.tool_calls)
    tools = sum(_tokens(f"{t.description}{t.parameters}") for t in request.tools)
    return told + calls + tools


def _tokens(text: str) -> int:
    other = len(text.encode("utf-8", "replace")) - len(text)
    foreign = min(len(text), -(-other // 2))
    return int((len(text) - foreign) / _ASCII_PER_TOKEN + foreign * _TOKENS_PER_OTHER)
