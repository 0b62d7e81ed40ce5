"""Many requests to one engine."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator
from typing import cast

import pytest

from zaohua.generate import many
from zaohua.generate.failures import EngineBusy, EngineFailed, RequestRefused
from zaohua.generate.fake import FakeEngine
from zaohua.generate.request import ChatRequest, Message


def ask(text: str) -> ChatRequest:
    return ChatRequest((Message("user", text),))


async def test_results_come_in_order_and_no_more_than_asked_for_run_at_once() -> None:
    running, most = 0, 0

    async def work(number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001 * (5 - number % 5))
        running -= 1
        return number

    got = [one async for one in many.in_order(work, range(40), parallel=3)]
    assert (got, most) == (list(range(40)), 3)


async def test_items_are_taken_only_when_their_turn_is_near() -> None:
    taken = itertools.count()

    async def work(number: int) -> int:
        return number

    results = many.in_order(work, taken, parallel=2)
    got = [await anext(results) for _ in range(10)]
    await cast("AsyncGenerator[int]", results).aclose()
    assert got == list(range(10))
    assert next(taken) <= 10 + many.AHEAD * 2


async def test_what_one_raises_ends_the_others() -> None:
    ended = []

    async def work(number: int) -> int:
        if number == 1:
            raise RequestRefused("no")
        try:
            await asyncio.sleep(60 * number)
        finally:
            ended.append(number)
        return number

    with pytest.raises(RequestRefused):
        _ = [one async for one in many.in_order(work, range(4), parallel=4)]
    assert ended == [0, 2, 3]


async def test_closing_frees_the_engine() -> None:
    engine = FakeEngine()

    async def work(text: str) -> str:
        return (await many.answered(engine, ask(text))).text

    results = many.in_order(work, ["[[say 好]]", "[[slow 9]] [[words 9]]"], parallel=2)
    assert await anext(results) == "好"
    while engine.open < 1:
        await asyncio.sleep(0)
    await cast("AsyncGenerator[str]", results).aclose()
    assert (engine.open, engine.cancelled) == (0, 1)


@pytest.mark.parametrize(
    ("text", "error"), [("[[busy]]", EngineBusy), ("[[fail after 2]]", EngineFailed)]
)
async def test_a_full_or_broken_engine_is_asked_again_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, text: str, error: type[Exception]
) -> None:
    monkeypatch.setattr(many, "LONGEST_WAIT", 0.0)
    engine = FakeEngine()
    with pytest.raises(error):
        await many.answered(engine, ask(text))
    assert engine.failed == many.TRIES


async def test_what_is_refused_is_not_asked_again() -> None:
    engine = FakeEngine(context_length=4)
    with pytest.raises(RequestRefused):
        await many.answered(engine, ask("one two three four five six seven"))
    assert engine.failed == 1
