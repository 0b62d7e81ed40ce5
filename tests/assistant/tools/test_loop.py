"""The loop: calls are run and told, and there is always an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from tests.assistant.tools.conftest import Round, Scripted
from zaohua.assistant.tools import Toolbox, ToolEnded, ToolStarted, run_with_tools, tool_of
from zaohua.generate.collect import collect
from zaohua.generate.engine import Engine
from zaohua.generate.events import Chunk, Finished
from zaohua.generate.failures import ContextExceeded, EngineFailed, RequestRefused
from zaohua.generate.fake import FakeEngine
from zaohua.generate.request import ChatRequest, Grammar, Message, Sampling, ToolCall

ASKED = ChatRequest((Message("user", "What is 2 + 3?"),))


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


async def nap(seconds: float) -> str:
    """Sleep."""
    await asyncio.sleep(seconds)
    return f"slept {seconds}"


def long_text() -> str:
    """Say much."""
    return "word " * 700


BOX = Toolbox([tool_of(one) for one in (add, nap, long_text)])
ADD = ("add", '{"a": 2, "b": 3}')


async def told(engine: Engine, request: ChatRequest = ASKED, **given: Any) -> list[Any]:
    async with aclosing(run_with_tools(engine, request, BOX, **given)) as events:
        return [event async for event in events]


def text_of(events: list[Any]) -> str:
    return "".join(event.text for event in events if isinstance(event, Chunk))


def results_of(events: list[Any]) -> list[str]:
    return [event.result.text for event in events if isinstance(event, ToolEnded)]


async def test_a_call_is_run_and_its_result_told() -> None:
    engine = Scripted(Round("Let me see.", [ADD]), Round("It is 5."))
    events = await told(engine)
    assert results_of(events) == ["5"]
    assert text_of(events) == "Let me see. \n\nIt is 5. "
    assert [type(event) for event in events if isinstance(event, ToolStarted | ToolEnded)] == [
        ToolStarted,
        ToolEnded,
    ]
    assert [event.finish_reason for event in events if isinstance(event, Chunk)][-1] == "stop"
    assert not any(event.tool_calls for event in events if isinstance(event, Chunk))
    [finished] = [event for event in events if isinstance(event, Finished)]
    assert events[-1] is finished
    assert (finished.usage.prompt_tokens, finished.usage.completion_tokens) == (20, 10)
    assert (finished.usage.cached_tokens, finished.usage.reasoning_tokens) == (4, 2)
    assert finished.timings.decode_ms == 4.0
    made, answer = engine.asked[1].messages[-2:]
    assert (made.role, made.content, made.tool_calls[0].name) == (
        "assistant",
        "Let me see. ",
        "add",
    )
    assert (answer.role, answer.content, answer.tool_call_id) == ("tool", "5", "c0")
    assert engine.asked[1].tools == BOX.definitions()


async def test_the_events_are_those_of_an_engine() -> None:
    events = run_with_tools(Scripted(Round(calls=[ADD]), Round("five")), ASKED, BOX)

    async def engine_events() -> AsyncIterator[Any]:
        async for event in events:
            if not isinstance(event, ToolStarted | ToolEnded):
                yield event

    got = await collect(engine_events())
    assert (got.text, got.answers[0].finish_reason, got.usage.total_tokens) == ("five ", "stop", 30)


async def test_the_fake_engine_uses_a_tool() -> None:
    request = ChatRequest((Message("user", "[[tool]] 加一下"),))
    events = await told(FakeEngine(), request)
    assert text_of(events) == "The tool says: 0"


async def test_parallel_calls_run_together_and_are_told_in_order() -> None:
    both = asyncio.Barrier(2)

    async def meet(seconds: float) -> str:
        """Wait for the other call, then sleep."""
        await both.wait()
        return await nap(seconds)

    slow, quick = ("meet", '{"seconds": 0.5}'), ("meet", '{"seconds": 0.1}')
    engine = Scripted(Round(calls=[slow, quick]), Round("ok"))
    box = Toolbox([tool_of(meet, seconds=20)])
    async with aclosing(run_with_tools(engine, ASKED, box)) as running:
        events = [event async for event in running]
    assert results_of(events) == ["slept 0.1", "slept 0.5"]


async def test_the_last_round_has_no_tools() -> None:
    calls = [Round(calls=[("add", f'{{"a": {n}, "b": 1}}')]) for n in range(9)]
    engine = Scripted(*calls)
    events = await told(engine, limit=3)
    assert [request.tool_choice.mode for request in engine.asked] == ["auto"] * 3 + ["none"]
    assert results_of(events) == ["1", "2", "3"]
    assert text_of(events) == "1\n2\n3"  # the model had nothing to say but another call


async def test_a_call_written_as_the_last_answer_is_not_shown() -> None:
    engine = Scripted(Round(calls=[ADD]), Round('{"name": "add", "arguments": {"a": 1, "b": 1}}'))
    events = await told(engine, limit=1)
    assert text_of(events) == "5"


async def test_a_call_that_nobody_can_read_is_not_shown_as_the_last_answer() -> None:
    botched = '{"name": "add", "arguments": {"a": 1}} {"name": "additionalProperties", false}'
    engine = Scripted(Round(calls=[ADD]), Round(botched))
    assert text_of(await told(engine, limit=1)) == "5"


async def test_a_repeated_call_is_not_run_again_and_ends_the_calls() -> None:
    again = ("add", '{"b": 3, "a": 2}')
    engine = Scripted(Round(calls=[ADD]), Round(calls=[again]), Round("It is 5."))
    events = await told(engine)
    assert results_of(events) == ["5"]
    assert text_of(events) == "It is 5. "
    assert engine.asked[2].messages[-1].content.endswith("the result was: 5")
    assert engine.asked[2].tool_choice.mode == "none"


async def test_the_same_call_twice_in_a_round_runs_once() -> None:
    engine = Scripted(Round(calls=[ADD, ADD]), Round("5"))
    assert results_of(await told(engine)) == ["5"]


async def test_what_was_wrong_is_told_once() -> None:
    wrong = [Round(calls=[("add", f'{{"a": 1, "c": {n}}}')]) for n in range(9)]
    engine = Scripted(*wrong)
    events = await told(engine)
    assert len(results_of(events)) == 2
    assert "c: there is no such argument, there are: a, b" in results_of(events)[0]
    assert len(engine.asked) == 3
    assert engine.asked[-1].tool_choice.mode == "none"


async def test_too_many_calls_at_once() -> None:
    many = [("add", f'{{"a": {n}, "b": 0}}') for n in range(12)]
    engine = Scripted(Round(calls=many), Round("ok"))
    assert len(results_of(await told(engine))) == 8
    assert "not run" in engine.asked[1].messages[-1].content


async def test_no_tools_at_all() -> None:
    engine = Scripted(Round("Hello."))
    async with aclosing(run_with_tools(engine, ASKED, Toolbox([]))) as events:
        assert text_of([event async for event in events]) == "Hello. "


async def test_calls_made_from_the_question() -> None:
    engine = Scripted(Round("It is 5."))
    events = await told(engine, route=lambda text: [ToolCall("", *ADD), ToolCall("", "none", "")])
    assert results_of(events) == ["5"]
    assert engine.asked[0].messages[-1].content == "5"


async def test_results_give_way_when_the_context_is_short() -> None:
    class Short(Scripted):
        async def _chat(self, request: ChatRequest) -> Any:
            if sum(len(message.content) for message in request.messages) > 2000:
                raise ContextExceeded(5000, 2000)
            async for event in super()._chat(request):
                yield event

    engine = Short(Round(calls=[("long_text", "")]), Round("Much was said."))
    events = await told(engine)
    assert text_of(events) == "Much was said. "
    assert len(engine.asked[1].messages[-1].content) < 500
    with pytest.raises(ContextExceeded):
        await told(engine, ChatRequest((Message("user", "x" * 3000),)))


@pytest.mark.parametrize("stop", ["while a tool runs", "while the engine speaks"])
async def test_closing_stops_the_tool_and_the_engine(stop: str) -> None:
    ended: list[str] = []

    async def slow() -> str:
        """Take long."""
        try:
            await asyncio.sleep(30)
        finally:
            ended.append("tool")
        return ""

    first = Round(calls=[("slow", "")]) if stop == "while a tool runs" else Round("a b c d")
    engine = Scripted(first, delay=0.02)
    events = run_with_tools(engine, ASKED, Toolbox([tool_of(slow)]))
    async for event in events:
        if isinstance(event, ToolStarted):
            await asyncio.sleep(0.05)
            break
        if isinstance(event, Chunk) and event.text:
            break
    await events.aclose()
    await asyncio.sleep(0)
    assert engine.open == 0
    assert (ended == []) if stop != "while a tool runs" else True
    assert engine.cancelled == (1 if stop == "while the engine speaks" else 0)


async def test_cancelling_stops_the_tool() -> None:
    ended = asyncio.Event()

    async def slow() -> str:
        """Take long."""
        try:
            await asyncio.sleep(30)
        finally:
            ended.set()
        return ""

    box = Toolbox([tool_of(slow)])
    engine = Scripted(Round(calls=[("slow", "")]))

    async def read() -> None:
        async for _ in run_with_tools(engine, ASKED, box):
            pass

    task = asyncio.create_task(read())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(ended.wait(), 1)


async def test_an_engine_that_fails_raises() -> None:
    with pytest.raises(EngineFailed):
        await told(FakeEngine(), ChatRequest((Message("user", "[[fail]]"),)))


@pytest.mark.parametrize(
    "change",
    [{"sampling": Sampling(n=2)}, {"grammar": Grammar("json")}],
    ids=["answers", "grammar"],
)
async def test_what_cannot_use_tools_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(RequestRefused):
        await told(FakeEngine(), ChatRequest(ASKED.messages, **change))
