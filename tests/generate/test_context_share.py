"""Many answers in one pool of context."""

from __future__ import annotations

import asyncio

import pytest

from zaohua.generate.collect import collect
from zaohua.generate.context_share import ContextShare, beginning, estimate
from zaohua.generate.events import Chunk, Finished, PromptProgress, Usage
from zaohua.generate.request import CompletionRequest, Sampling

from .streams import ask


async def answer(prompt: int, words: int, gate: asyncio.Event | None = None):
    yield PromptProgress(prompt, 0, prompt)
    for _ in range(words):
        if gate is not None:
            await gate.wait()
        await asyncio.sleep(0)
        yield Chunk(0, "x")
    yield Chunk(0, finish_reason="stop")
    yield Finished(Usage(prompt, words))


def sized(tokens: int, **sampling) -> CompletionRequest:
    return CompletionRequest(tuple(range(tokens)), Sampling(**sampling))


async def test_a_request_waits_for_room_in_order():
    pool, gate = ContextShare(1000), asyncio.Event()
    first = asyncio.create_task(collect(pool.run(sized(600, max_tokens=10), answer(600, 3, gate))))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(collect(pool.run(sized(500, max_tokens=10), answer(500, 3))))
    third = asyncio.create_task(collect(pool.run(sized(10, max_tokens=10), answer(10, 3))))
    await asyncio.sleep(0.01)
    assert not second.done()
    assert not third.done()
    third.cancel()
    gate.set()
    assert (await first).text == (await second).text == "xxx"
    assert pool.used == 0


async def test_a_lone_request_may_take_all():
    pool = ContextShare(100)
    assert (await collect(pool.run(sized(5000), answer(90, 400)))).answers[
        0
    ].finish_reason == "stop"


async def test_the_youngest_gives_way_when_answers_outgrow_the_pool():
    pool, gate = ContextShare(300), asyncio.Event()
    old = asyncio.create_task(collect(pool.run(sized(100, max_tokens=5), answer(100, 100, gate))))
    young = asyncio.create_task(collect(pool.run(sized(100, max_tokens=5), answer(100, 100, gate))))
    await asyncio.sleep(0.01)
    gate.set()
    whole, cut = await asyncio.gather(old, young)
    assert (len(whole.text), whole.answers[0].finish_reason) == (100, "stop")
    assert cut.answers[0].finish_reason == "length"
    assert 0 < len(cut.text) < 100
    assert cut.usage.completion_tokens == len(cut.text)
    assert pool.used == 0


async def test_stopping_gives_the_room_back():
    pool = ContextShare(100)
    running = pool.run(sized(90), answer(90, 50))
    async for _ in running:
        break
    assert pool.used == 90
    await running.aclose()
    assert pool.used == 0


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [("river stone " * 100, 200, 500), ("时间管理" * 100, 200, 600), ("", 0, 10)],
)
def test_estimates(text, least, most):
    assert least <= estimate(ask(text)) <= most


def test_beginnings():
    assert beginning(Sampling(max_tokens=5, n=2)) == 10
    assert beginning(Sampling()) == 256
