"""Lets a model use tools until it answers: ask, run the calls, tell the results, ask again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import cast

from zaohua.assistant.tools.toolbox import Toolbox
from zaohua.assistant.tools.values import ToolEnded, ToolResult, ToolStarted
from zaohua.generate.collect import Answer, AnswerBuilder
from zaohua.generate.engine import Engine
from zaohua.generate.events import Chunk, Event, Finished, Timings, Usage
from zaohua.generate.failures import ContextExceeded, RequestRefused
from zaohua.generate.request import ChatRequest, Message, ToolCall, ToolChoice
from zaohua.generate.tool_calls import ToolCallFinder, new_call_id

ROUNDS = 6
AT_ONCE = 8
"""Calls of one round; more are not run."""
SHORTENED = 400
"""Characters left of each result when the context is too short for them."""

Routing = Callable[[str], Sequence[ToolCall]]
"""The calls that a question plainly asks for, made before the model is asked."""
LoopEvent = Event | ToolStarted | ToolEnded


async def run_with_tools(
    engine: Engine,
    request: ChatRequest,
    toolbox: Toolbox,
    *,
    limit: int = ROUNDS,
    route: Routing | None = None,
) -> AsyncGenerator[LoopEvent]:
    """The engine's events of one answer, with those of the tools it uses on the way.

    Chunks carry text and reasoning of all rounds; calls are told by `ToolStarted` and `ToolEnded`.
    One `Finished` ends it, with the usage of all rounds. After ``limit`` rounds of calls, when the
    model repeats itself, or when it twice calls a tool in a way that cannot be read, it is asked
    once more without tools, so there is always an answer. Closing the iterator stops the engine
    and the tools at work.

    Args:
        engine: that answers.
        request: for one answer in free form; its own ``tools`` are not used.
        toolbox: what the model may call.
        limit: rounds of calls.
        route: makes calls from the question before the model is asked.

    Raises:
        RequestRefused: the request asks for several answers or a grammar; and what engines raise.
    """
    if request.sampling.n != 1:
        raise RequestRefused("tools give one answer at a time", param="n")
    if request.grammar is not None:
        raise RequestRefused("an answer in a set form cannot use tools", param="grammar")
    talk = _Talk(request, toolbox, limit)
    if route is not None:
        async with aclosing(talk.routed(route)) as told:
            async for ended in told:
                yield ended
    while not talk.answered:
        async with aclosing(talk.round(engine)) as events:
            async for event in events:
                yield event
    reason = talk.answer.finish_reason
    yield Chunk(0, finish_reason="stop" if reason == "tool_calls" else reason)
    yield talk.finished


def _sum(one: Finished, two: Finished) -> Finished:
    used, more = one.usage, two.usage
    usage = Usage(
        used.prompt_tokens + more.prompt_tokens,
        used.completion_tokens + more.completion_tokens,
        used.cached_tokens + more.cached_tokens,
        used.reasoning_tokens + more.reasoning_tokens,
    )
    took, longer = one.timings, two.timings
    return Finished(
        usage,
        Timings(took.prompt_ms + longer.prompt_ms, took.decode_ms + longer.decode_ms),
    )


class _Talk:
    """One answer on its way."""

    def __init__(self, request: ChatRequest, toolbox: Toolbox, limit: int) -> None:
        self._toolbox = toolbox
        self._left = limit
        self._request = replace(request, tools=toolbox.definitions())
        self.finished = Finished(Usage())
        self._results: dict[tuple[str, str], ToolResult] = {}
        self._unread: set[str] = set()
        self._shortened = False
        self._told_text = False
        self.answered = False
        self.answer: Answer = AnswerBuilder(0).whole()

    async def routed(self, route: Routing) -> AsyncGenerator[LoopEvent]:
        """Make the calls that the question plainly asks for."""
        last = self._request.messages[-1]
        calls = [c for c in route(last.content) if c.name in self._toolbox]
        if last.role == "user" and calls:
            async with aclosing(self._run(AnswerBuilder(0).whole(), calls)) as events:
                async for event in events:
                    yield event
            if all(result.ok for result in self._results.values()):
                self._left = 0  # small models would go on calling instead of answering

    async def round(self, engine: Engine) -> AsyncGenerator[LoopEvent]:
        """Ask once; run the calls, if the model makes any."""
        allowed = self._left > 0 and bool(self._request.tools)
        builder = AnswerBuilder(0)
        try:
            async with aclosing(self._asked(engine, builder, allowed=allowed)) as told:
                async for event in told:
                    yield event
        except ContextExceeded:
            if not self._results or self._shortened:
                raise
            self._shorten()
            return
        self.answer = builder.whole()
        calls = self.answer.tool_calls
        if allowed and calls:
            self._left -= 1
            async with aclosing(self._run(self.answer, calls)) as ran:
                async for ended in ran:
                    yield ended
        else:
            self.answered = True
            if not self.answer.text.strip() and (text := self._stand_in()):
                yield Chunk(0, f"\n\n{text}" if self._told_text else text)

    async def _asked(
        self, engine: Engine, builder: AnswerBuilder, *, allowed: bool
    ) -> AsyncGenerator[Event]:
        request = self._request
        if not allowed:
            request = replace(request, tool_choice=ToolChoice("none"))
        finder = ToolCallFinder(0, request.tools)
        began = botched = False
        stream = cast("AsyncGenerator[Event]", engine.chat(request))
        async with aclosing(stream) as events:
            async for event in events:
                if isinstance(event, Finished):
                    self.finished = _sum(self.finished, event)
                elif not isinstance(event, Chunk):
                    yield event
                else:
                    for chunk in (event,) if allowed else finder.feed(event):
                        botched = botched or (not allowed and not began and _is_call(chunk.text))
                        if botched:
                            continue  # a call in words that no reader understands
                        builder.add(chunk)
                        if chunk.text and self._told_text and not began:
                            yield Chunk(0, "\n\n")
                        began = began or bool(chunk.text)
                        if chunk.text or chunk.reasoning:
                            yield replace(chunk, tool_calls=(), finish_reason=None)
        self._told_text = self._told_text or began

    async def _run(self, said: Answer, calls: Sequence[ToolCall]) -> AsyncGenerator[LoopEvent]:
        """Run calls at the same time; add them and their results to the messages."""
        named = [replace(call, id=call.id or new_call_id()) for call in calls]
        fresh = [call for call in named[:AT_ONCE] if _key(call) not in self._results]
        once = list({_key(call): call for call in fresh}.values())
        results: dict[str, ToolResult] = {}
        tasks = {asyncio.create_task(self._toolbox.call(call)): call for call in once}
        try:
            for call in once:
                yield ToolStarted(call)
            async for result in _as_they_end(tasks):
                results[result.call.id] = self._results[_key(result.call)] = result
                yield ToolEnded(result)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self._note(said, named, results)

    def _note(self, said: Answer, calls: list[ToolCall], results: dict[str, ToolResult]) -> None:
        told = [
            Message("tool", self._text(call, results), tool_call_id=call.id, name=call.name)
            for call in calls
        ]
        made = Message("assistant", said.text, said.reasoning, tuple(calls))
        self._request = replace(
            self._request,
            messages=(*self._request.messages, made, *told),
            tool_choice=ToolChoice("auto"),
        )
        unread = {result.call.name for result in results.values() if not result.read}
        if not results or unread & self._unread:
            self._left = 0
        self._unread |= unread

    def _text(self, call: ToolCall, results: dict[str, ToolResult]) -> str:
        if call.id in results:
            return results[call.id].text
        if _key(call) in self._results:
            return f"You have called this before; the result was: {self._results[_key(call)].text}"
        return f"Error: not run, {AT_ONCE} calls at once are the most"

    def _shorten(self) -> None:
        self._shortened = True
        self._request = replace(
            self._request,
            messages=tuple(
                replace(m, content=f"{m.content[:SHORTENED]}… (cut)")
                if m.role == "tool" and len(m.content) > SHORTENED
                else m
                for m in self._request.messages
            ),
        )

    def _stand_in(self) -> str:
        """What is said when the model, asked for words, says nothing or calls once more."""
        done = [result.text for result in self._results.values() if result.ok]
        return "\n".join(done[-AT_ONCE:])


def _is_call(text: str) -> bool:
    return text.lstrip().startswith('{"name":')


def _key(call: ToolCall) -> tuple[str, str]:
    """Calls with equal keys ask for the same."""
    try:
        return call.name, json.dumps(json.loads(call.arguments), sort_keys=True)
    except (ValueError, RecursionError):
        return call.name, call.arguments.strip()


async def _as_they_end(
    tasks: dict[asyncio.Task[ToolResult], ToolCall],
) -> AsyncIterator[ToolResult]:
    waiting = set(tasks)
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            yield task.result()
