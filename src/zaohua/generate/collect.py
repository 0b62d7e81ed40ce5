"""Gathers the events of a stream into whole answers, for callers that do not stream."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import cast

from zaohua.generate.events import (
    Chunk,
    Event,
    Finished,
    FinishReason,
    Timings,
    TokenLogprob,
    ToolCallDelta,
    Usage,
)
from zaohua.generate.failures import EngineFailed
from zaohua.generate.request import ToolCall


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer."""

    index: int
    text: str
    reasoning: str
    tool_calls: tuple[ToolCall, ...]
    logprobs: tuple[TokenLogprob, ...]
    finish_reason: FinishReason


@dataclass(frozen=True, slots=True)
class Collected:
    """All answers of a request, in order of index, and what they took."""

    answers: tuple[Answer, ...]
    usage: Usage
    timings: Timings

    @property
    def text(self) -> str:
        """The text of the first answer."""
        return self.answers[0].text if self.answers else ""


@dataclass(slots=True)
class _Call:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)

    def add(self, delta: ToolCallDelta) -> None:
        self.id = self.id or delta.id
        self.name = self.name or delta.name
        self.arguments.append(delta.arguments)

    def whole(self) -> ToolCall:
        return ToolCall(self.id, self.name, "".join(self.arguments))


class AnswerBuilder:
    """Adds up the chunks of one answer."""

    def __init__(self, index: int) -> None:
        self.index = index
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: dict[int, _Call] = {}
        self._logprobs: list[TokenLogprob] = []
        self._finish: FinishReason = "stop"

    def add(self, chunk: Chunk) -> None:
        """Take one more chunk."""
        self._text.append(chunk.text)
        self._reasoning.append(chunk.reasoning)
        self._logprobs.extend(chunk.logprobs)
        for delta in chunk.tool_calls:
            self._calls.setdefault(delta.index, _Call()).add(delta)
        self._finish = chunk.finish_reason or self._finish

    def whole(self) -> Answer:
        """The answer so far."""
        return Answer(
            self.index,
            "".join(self._text),
            "".join(self._reasoning),
            tuple(self._calls[i].whole() for i in sorted(self._calls)),
            tuple(self._logprobs),
            self._finish,
        )


async def collect(events: AsyncIterator[Event]) -> Collected:
    """Read ``events`` to the end; closes the iterator if cancelled on the way.

    Raises:
        EngineFailed: the stream ended without `Finished`, and whatever the stream raises.
    """
    builders: dict[int, AnswerBuilder] = {}
    finished: Finished | None = None
    async with aclosing(cast("AsyncGenerator[Event]", events)) as stream:
        async for event in stream:
            if isinstance(event, Chunk):
                builders.setdefault(event.index, AnswerBuilder(event.index)).add(event)
            elif isinstance(event, Finished):
                finished = event
    if finished is None:
        raise EngineFailed("the engine broke off its answer")
    answers = tuple(builders[i].whole() for i in sorted(builders))
    return Collected(answers, finished.usage, finished.timings)
