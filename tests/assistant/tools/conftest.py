"""Engines that answer as they are told, round by round."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from zaohua.generate.events import Chunk, Event, Finished, Timings, ToolCallDelta, Usage
from zaohua.generate.fake import FakeEngine
from zaohua.generate.request import ChatRequest


@dataclass(frozen=True)
class Round:
    """What the engine says in one round: text, then calls as ``(name, arguments)``."""

    text: str = ""
    calls: Sequence[tuple[str, str]] = ()


class Scripted(FakeEngine):
    """The fake engine with a text for each round; the last one is said again and again."""

    def __init__(self, *rounds: Round, delay: float = 0.0) -> None:
        super().__init__(delay=delay)
        self.rounds = rounds
        self.asked: list[ChatRequest] = []

    async def _chat(self, request: ChatRequest) -> AsyncGenerator[Event]:
        said = self.rounds[min(len(self.asked), len(self.rounds) - 1)]
        self.asked.append(request)
        for word in said.text.split(" "):
            await asyncio.sleep(self.delay)
            yield Chunk(0, f"{word} " if said.text else "")
        for number, (name, arguments) in enumerate(said.calls):
            yield Chunk(0, tool_calls=(ToolCallDelta(number, f"c{number}", name),))
            yield Chunk(0, tool_calls=(ToolCallDelta(number, arguments=arguments),))
        yield Chunk(0, finish_reason="tool_calls" if said.calls else "stop")
        yield Finished(Usage(10, 5, 2, 1), Timings(1.0, 2.0))
