"""Streams that wait for their turn and share one pool of context."""

from __future__ import annotations

import asyncio

import pytest

from zaohua.generate import in_turn as module
from zaohua.generate.collect import collect
from zaohua.generate.events import Chunk, Finished, PromptProgress, Usage, Waiting
from zaohua.generate.failures import EngineFailed
from zaohua.generate.in_turn import in_turn, quietly_in_turn
from zaohua.generate.prompt_size import beginning, estimate
from zaohua.generate.request import CompletionRequest, Sampling
from zaohua.generate.turnstile import Turnstile

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


def run(gate: Turnstile, request: CompletionRequest, *told) -> asyncio.Task:
    return asyncio.create_task(collect(in_turn(gate, request, lambda: answer(*told))))


async def test_a_request_waits_for_room_in_order():
    pool, gate = Turnstile(8, 1000), asyncio.Event()
    first = run(pool, sized(600, max_tokens=10), 600, 3, gate)
    await asyncio.sleep(0.01)
    second = run(pool, sized(500, max_tokens=10), 500, 3)
    third = run(pool, sized(10, max_tokens=10), 10, 3)
    await asyncio.sleep(0.01)
    assert not second.done()
    assert not third.done()
    third.cancel()
    gate.set()
    assert (await first).text == (await second).text == "xxx"
    assert pool.used == 0


async def test_a_lone_request_may_take_all():
    pool = Turnstile(8, 100)
    whole = await run(pool, sized(5000), 90, 400)
    assert whole.answers[0].finish_reason == "stop"


@pytest.mark.parametrize("older_is_batch", [False, True])
async def test_who_gives_way_when_answers_outgrow_the_pool(older_is_batch):
    pool, gate = Turnstile(8, 400), asyncio.Event()
    asked = CompletionRequest(tuple(range(100)), Sampling(max_tokens=5), batch=older_is_batch)
    old = run(pool, asked, 100, 150, gate)
    await asyncio.sleep(0.01)
    young = run(pool, sized(100, max_tokens=5), 100, 150, gate)
    await asyncio.sleep(0.01)
    gate.set()
    answers = await asyncio.gather(old, young)
    cut, whole = answers if older_is_batch else reversed(answers)
    assert (len(whole.text), whole.answers[0].finish_reason) == (150, "stop")
    assert cut.answers[0].finish_reason == "length"
    assert 0 < len(cut.text) < 150
    assert cut.usage.completion_tokens == len(cut.text)
    assert pool.used == 0


async def test_stopping_gives_the_room_back():
    pool = Turnstile(8, 100)
    running = in_turn(pool, sized(90), lambda: answer(90, 50))
    async for _ in running:
        break
    assert pool.used == 90
    await running.aclose()
    assert pool.used == pool.running == 0


async def test_a_stream_that_fails_gives_its_slot_back():
    async def broken():
        yield PromptProgress(10, 0, 5)
        raise EngineFailed("gone")

    gate = Turnstile(1)
    for _ in range(2):
        with pytest.raises(EngineFailed):
            await collect(in_turn(gate, sized(10), broken))
    assert gate.running == 0


async def test_a_batch_prompt_that_is_read_gives_way_and_comes_back():
    asked = 0

    async def long_prompt():
        nonlocal asked
        asked += 1
        for processed in range(0, 100, 10):
            yield PromptProgress(100, 0, processed)
            if processed and asked == 1:
                await asyncio.Event().wait()
        async for event in answer(100, 3):
            yield event

    async def told():
        request = CompletionRequest(tuple(range(100)), Sampling(max_tokens=5), batch=True)
        return [event async for event in in_turn(gate, request, long_prompt)]

    gate, hold = Turnstile(4), asyncio.Event()
    batch = asyncio.create_task(told())
    await asyncio.sleep(0.01)
    person = run(gate, sized(10), 10, 3, hold)
    await asyncio.sleep(0.01)
    assert (gate.running, gate.waiting(batch=True)) == (1, 1)
    hold.set()
    assert (await person).text == "xxx"
    events = await batch
    assert asked == 2
    assert sum(isinstance(event, Chunk) for event in events) == 4
    assert isinstance(events[-1], Finished)
    assert sum(gate.records[True].waits) == 1
    assert gate.running == gate.waiting(batch=True) == 0


async def test_who_waits_long_is_told_and_told_again(monkeypatch):
    monkeypatch.setattr(module, "WORTH_TELLING", 0.01)
    monkeypatch.setattr(module, "_TELL_SECONDS", 0.02)
    gate, hold = Turnstile(1), asyncio.Event()
    first = run(gate, sized(10), 10, 3, hold)
    await asyncio.sleep(0.05)
    waits = []
    async for event in in_turn(gate, sized(10), lambda: answer(10, 3)):
        if isinstance(event, Waiting):
            waits.append(event.seconds)
            if len(waits) == 3:
                hold.set()
    assert len(waits) >= 3
    assert all(seconds >= 0.04 for seconds in waits)
    await first


async def test_a_long_prompt_comes_with_the_time_that_it_will_take(monkeypatch):
    monkeypatch.setattr(module, "WORTH_TELLING", 0.01)
    times = iter(range(100))
    gate = Turnstile(1, clock=lambda: float(next(times)))

    async def told(batch: bool) -> list[float | None]:
        request = CompletionRequest(tuple(range(10)), Sampling(), batch=batch)
        events = [event async for event in in_turn(gate, request, reading)]
        return [event.seconds for event in events if isinstance(event, PromptProgress)]

    async def reading():
        yield PromptProgress(10, 0, 0)
        async for event in answer(10, 3):
            yield event

    assert await told(batch=False) == [None, None]
    first, last = await told(batch=False)
    assert first is not None
    assert first > 0
    assert last is None
    assert await told(batch=True) == [None, None]


async def test_batch_work_is_told_nothing_while_it_waits(monkeypatch):
    monkeypatch.setattr(module, "WORTH_TELLING", 0.001)
    gate, hold = Turnstile(1), asyncio.Event()
    first = run(gate, sized(10), 10, 3, hold)
    await asyncio.sleep(0.01)
    request = CompletionRequest("x", Sampling(), batch=True)
    asyncio.get_running_loop().call_later(0.05, hold.set)
    events = [event async for event in in_turn(gate, request, lambda: answer(10, 3))]
    assert isinstance(events[0], PromptProgress)
    await first


async def test_what_is_not_an_answer_takes_a_slot_too():
    async def numbers():
        for n in range(3):
            await asyncio.sleep(0)
            yield n

    gate, hold = Turnstile(1), asyncio.Event()
    first = run(gate, sized(10), 10, 3, hold)
    await asyncio.sleep(0.01)

    async def all_numbers():
        return [n async for n in quietly_in_turn(gate, sized(1), numbers())]

    second = asyncio.create_task(all_numbers())
    await asyncio.sleep(0.01)
    assert (gate.running, gate.waiting(batch=False)) == (1, 1)
    hold.set()
    await first
    assert await second == [0, 1, 2]
    assert gate.running == 0


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [("river stone " * 100, 200, 500), ("时间管理" * 100, 200, 600), ("", 0, 10)],
)
def test_estimates(text, least, most):
    assert least <= estimate(ask(text)) <= most


def test_beginnings():
    assert beginning(Sampling(max_tokens=5, n=2)) == 10
    assert beginning(Sampling()) == 256
