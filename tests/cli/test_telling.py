from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from zaohua.assistant.circling import until_circling
from zaohua.cli.telling import Screen, Told, tell
from zaohua.cli.terminal import harmless
from zaohua.generate.events import Chunk, Event, Finished, Timings, Usage
from zaohua.generate.failures import EngineFailed
from zaohua.generate.fake import FakeEngine
from zaohua.generate.request import ChatRequest, Message


async def stream(*events: Event) -> AsyncIterator[Event]:
    for event in events:
        yield event


END = Finished(Usage(3, 2), Timings(1.0, 100.0))


async def test_text_is_shown_and_the_last_line_ended(capsys: pytest.CaptureFixture[str]):
    told = await tell(
        stream(Chunk(text="你"), Chunk(text="好", finish_reason="stop"), END), Screen()
    )
    assert capsys.readouterr().out == "你好\n"
    assert (told.answer.text, told.stopped) == ("你好", False)
    assert "20.0 tokens/s" in told.speed()


async def test_an_answer_that_ends_its_line_gets_no_second_one(capsys: pytest.CaptureFixture[str]):
    await tell(stream(Chunk(text="done\n"), END), Screen())
    assert capsys.readouterr().out == "done\n"


async def test_reasoning_never_goes_into_a_pipe(capsys: pytest.CaptureFixture[str]):
    told = await tell(stream(Chunk(reasoning="hm"), Chunk(text="yes"), END), Screen())
    assert capsys.readouterr().out == "yes\n"
    assert told.answer.reasoning == "hm"


async def test_a_stream_that_breaks_off_is_an_error_after_its_text(
    capsys: pytest.CaptureFixture[str],
):
    with pytest.raises(EngineFailed):
        await tell(stream(Chunk(text="half")), Screen())
    assert capsys.readouterr().out == "half\n"


async def test_an_answer_that_goes_round_in_circles_is_ended_and_told():
    engine = FakeEngine()
    request = ChatRequest((Message("user", f"[[say {'over and over, ' * 200}]]"),))
    told = await tell(until_circling(engine.chat(request), "x"), Screen(show=False))
    assert told.answer.text.count("over and over") < 25
    assert told.speed() == "ended: it began to say the same again and again"
    assert (engine.open, told.stopped) == (0, False)


async def test_stopping_keeps_the_text_and_frees_the_engine():
    engine = FakeEngine()
    request = ChatRequest((Message("user", "[[slow 0.05]] [[words 500]]"),))
    task = asyncio.create_task(tell(engine.chat(request), Screen(show=False)))
    await asyncio.sleep(0.5)
    task.cancel()
    told: Told = await task
    assert told.stopped
    assert told.answer.text
    assert told.speed() == "stopped"
    assert (engine.open, engine.cancelled) == (0, 1)


def test_a_model_cannot_steer_the_terminal():
    assert harmless("a\x1b]0;title\x07b\x1b[2Jc\r\x9bd\n\te") == "a]0;titleb[2Jcd\n\te"
    assert harmless("造化 ✓ é") == "造化 ✓ é"
