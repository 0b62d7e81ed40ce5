"""Workers that run but do not answer."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import math
import os
import signal
import time
from collections.abc import AsyncGenerator

import psutil
import pytest

from zaohua.generate.collect import collect
from zaohua.generate.events import Chunk
from zaohua.generate.failures import EngineFailed
from zaohua.generate.fit import plan
from zaohua.generate.llamacpp import start_llamacpp
from zaohua.generate.local_engine import LocalEngine
from zaohua.generate.openvino.engine import start_openvino
from zaohua.generate.request import Sampling
from zaohua.generate.silence import Silence
from zaohua.generate.standstill import BUSY, standstill
from zaohua.store.models import InstalledModel

from .conftest import MACHINE, small_settings
from .streams import ask

SHORT = Sampling(max_tokens=4, temperature=0)
LONG = Sampling(max_tokens=1500, logit_bias={2: -100})
PATIENCE = 1.5


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def numbers(clock: Clock) -> AsyncGenerator[int]:
    for number in range(3):
        clock.now += 5
        yield number


def test_a_silence_begins_with_who_waits_and_ends_with_what_is_heard() -> None:
    clock = Clock()
    silence = Silence(clock)
    clock.now += 50
    assert silence.seconds == 0
    with silence.waiting():
        clock.now += 7
        assert silence.seconds == 7
        with silence.waiting():
            clock.now += 1
            assert silence.seconds == 8
        assert silence.seconds == 0
        with pytest.raises(OSError), silence.waiting():
            clock.now += 2
            raise OSError
        assert silence.seconds == 2
    assert silence.seconds == 0


async def test_a_slow_reader_is_no_silence() -> None:
    clock = Clock()
    silence = Silence(clock)
    told = []
    async for number in silence.before_each(numbers(clock)):
        clock.now += 100
        assert silence.seconds == 0
        told.append(number)
    assert told == [0, 1, 2]


class StandIn:
    """A worker and its server; nothing is heard of it from the beginning."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._begun = time.monotonic()

    @property
    def silent_seconds(self) -> float:
        return time.monotonic() - self._begun

    def processor_seconds(self) -> float:
        return self._share * self.silent_seconds


@pytest.mark.parametrize(
    ("share", "least", "most"),
    [(0.0, 1, BUSY), (1.0, BUSY, math.inf), (math.nan, BUSY, math.inf)],
)
async def test_one_that_is_busy_has_longer(share: float, least: float, most: float) -> None:
    stand_in = StandIn(share)
    assert least <= await standstill(stand_in, stand_in, 0.03) / 0.03 < most


async def start(model: InstalledModel, home: os.PathLike[str], **more: object) -> LocalEngine:
    planned = plan(model, MACHINE, small_settings(home))
    changed = {"stall_seconds": PATIENCE, **more}
    return await start_llamacpp(model, dataclasses.replace(planned, **changed), home)


async def test_a_worker_that_stands_still_is_started_anew(test_model, tmp_path, caplog):
    engine = await start(test_model, tmp_path)
    before, pieces = engine.pid, 0
    try:
        with (
            caplog.at_level(logging.ERROR, "zaohua"),
            pytest.raises(EngineFailed, match=r"^the engine gave no sign for \d s and is started"),
        ):
            async with asyncio.timeout(10):
                async for event in engine.chat(ask(sampling=LONG)):
                    pieces += isinstance(event, Chunk)
                    if pieces == 3:
                        os.kill(before, signal.SIGSTOP)
        answer = await asyncio.wait_for(collect(engine.chat(ask(sampling=SHORT))), 30)
        assert answer.usage.completion_tokens == 4
        assert engine.pid not in {0, before}
        assert not psutil.pid_exists(before)
        [line] = caplog.messages
        assert f"model {test_model.name}: the engine gave no sign for" in line
        assert engine.turnstile.ends == {"stalled": 1}
    finally:
        await engine.aclose()


async def test_who_was_told_nothing_yet_is_answered_by_the_next_worker(test_model, tmp_path):
    engine = await start(test_model, tmp_path)
    try:
        os.kill(engine.pid, signal.SIGSTOP)
        asked = (engine.count_tokens(ask()), collect(engine.chat(ask(sampling=SHORT))))
        count, answer = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 30)
        assert answer.usage.completion_tokens == 4
        assert "gave no sign" in str(count)
    finally:
        await engine.aclose()


async def test_a_slow_reader_does_not_end_it(test_model, tmp_path):
    engine = await start(test_model, tmp_path, stall_seconds=0.5)
    before = engine.pid
    try:
        async for _ in engine.chat(ask(sampling=SHORT)):
            await asyncio.sleep(0.3)
        assert (engine.pid, engine.turnstile.ends) == (before, {})
    finally:
        await engine.aclose()


@pytest.mark.alone
async def test_work_of_which_nothing_is_told_does_not_end_it(test_model, tmp_path):
    """The prompt is one batch, of which nothing is told before it is read."""
    length = 2048
    engine = await start(
        test_model, tmp_path, context_length=length, batch=length, stall_seconds=0.4
    )
    before, longest = engine.pid, 0.0
    try:
        heard = time.monotonic()
        async for _ in engine.chat(ask("river stone " * 160, sampling=SHORT)):
            longest = max(longest, time.monotonic() - heard)
            heard = time.monotonic()
        assert longest > 0.6, "it was silent for too short a time to tell anything"
        assert (engine.pid, engine.turnstile.ends) == (before, {})
    finally:
        await engine.aclose()


@pytest.mark.slow
async def test_openvino_too(test_model, openvino_home, int8):
    planned = plan(test_model, MACHINE, small_settings(openvino_home, stall_seconds=PATIENCE))
    engine = await start_openvino(test_model, planned, openvino_home, int8)
    try:
        os.kill(engine.pid, signal.SIGSTOP)
        answer = await asyncio.wait_for(collect(engine.chat(ask(sampling=SHORT))), 60)
        assert answer.usage.completion_tokens == 4
        assert engine.turnstile.ends == {"stalled": 1}
    finally:
        await engine.aclose()
