"""One response being made: runs, can be cancelled by id, and is kept at its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from zaohua.generate.events import Chunk, Finished
from zaohua.generate.request import Message, ToolCall
from zaohua.service.errors import as_api_error
from zaohua.service.inference import Run
from zaohua.service.openai.responses import stored
from zaohua.service.openai.responses.writer import Event, ResponseWriter
from zaohua.store.database import Database


@dataclass(slots=True)
class Making:
    """A response on its way. ``messages`` is the conversation that it continues."""

    run: Run
    writer: ResponseWriter
    owner: str
    messages: Sequence[Message]
    database: Database
    running: Running
    cancelled: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[Any] | None = None
    failure: Exception | None = None

    async def events(self) -> AsyncGenerator[Event]:
        """All events from the first to the last, which tells how it ended."""
        self.running.add(self)
        try:
            self.task = asyncio.current_task()
            for event in self.writer.begin():
                yield event
            async with aclosing(self._pieces()) as pieces:
                async for event in pieces:
                    yield event
        finally:
            self.running.remove(self)
            self.over.set()

    async def _pieces(self) -> AsyncGenerator[Event]:
        last: list[Event] = []
        try:
            async for event in self.run:
                if isinstance(event, Chunk):
                    for told in self.writer.add(event):
                        yield told
                elif isinstance(event, Finished):
                    last = self.writer.finish(event.usage)
        except asyncio.CancelledError:
            if not self.cancelled or self.task is None:
                raise
            self.task.uncancel()
            last = self.writer.cancel()
        except Exception as error:
            self.failure = error
            last = self.writer.fail(as_api_error(error))
        await self._keep()
        for told in last:
            yield told

    async def _keep(self) -> None:
        if not self.writer.response["store"]:
            return
        body = self.writer.snapshot()
        messages = [*self.messages, _as_message(self.writer)]
        await asyncio.to_thread(stored.save, self.database, self.owner, body, messages)

    async def aclose(self) -> None:
        """Stop, if it still runs."""
        await self.run.aclose()


def _as_message(writer: ResponseWriter) -> Message:
    text = "".join(
        part["text"]
        for item in writer.output
        if item["type"] == "message"
        for part in item["content"]
    )
    calls = tuple(
        ToolCall(item["call_id"], item["name"], item["arguments"])
        for item in writer.output
        if item["type"] == "function_call"
    )
    return Message("assistant", text, writer.reasoning, calls)


class Running:
    """The responses of one app that are being made, by id."""

    def __init__(self) -> None:
        self._making: dict[str, Making] = {}

    def add(self, making: Making) -> None:
        """It began."""
        self._making[making.writer.id] = making

    def remove(self, making: Making) -> None:
        """It is over."""
        self._making.pop(making.writer.id, None)

    def get(self, owner: str, response_id: str) -> Making | None:
        """The one of that id, if it is the owner's."""
        making = self._making.get(response_id)
        return making if making is not None and making.owner == owner else None

    async def cancel(self, making: Making) -> dict[str, Any]:
        """Stop one and wait until it has stopped."""
        if making.task is not None and not making.cancelled:
            making.cancelled = True
            making.task.cancel()
        await making.over.wait()
        if making.writer.response["status"] == "in_progress":
            making.writer.cancel()
        return making.writer.snapshot()
