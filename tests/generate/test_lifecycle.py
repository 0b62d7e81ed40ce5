"""Workers that die, parents that die, models that come and go."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
import sys
import time

import psutil
import pytest

from zaohua.generate import local_engine
from zaohua.generate.collect import collect
from zaohua.generate.events import Chunk, Finished, PromptProgress
from zaohua.generate.failures import EngineBusy, EngineFailed, ModelNotFound
from zaohua.generate.fit import plan
from zaohua.generate.llamacpp import start_llamacpp
from zaohua.generate.local_engine import LocalEngine
from zaohua.generate.pool import Pool
from zaohua.generate.request import Sampling
from zaohua.hardware import Hardware
from zaohua.store.models import import_file

from .conftest import MACHINE, small_settings
from .streams import ask

SHORT = Sampling(max_tokens=4, temperature=0)
LONG = Sampling(max_tokens=1500, logit_bias={2: -100})

PARENT = """
import asyncio, sys
from pathlib import Path
from zaohua.generate.pool import Pool
from zaohua.settings import Settings

async def main():
    pool = Pool(Settings(home=Path(sys.argv[1]), model=sys.argv[2], context_length=512, threads=1))
    async with pool.use() as engine:
        print(engine.pid, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def start(model, home, **more) -> LocalEngine:
    planned = plan(model, MACHINE, small_settings(home, **more))
    return await start_llamacpp(model, planned, home)


async def test_a_worker_killed_in_the_middle_is_restarted(test_model, tmp_path):
    engine = await start(test_model, tmp_path)
    try:
        before = engine.pid
        assert os.getsid(before) == before, "Ctrl-C in the terminal must not reach it"
        pieces = 0
        with pytest.raises(EngineFailed):
            async for event in engine.chat(ask(sampling=LONG)):
                pieces += isinstance(event, Chunk)
                if pieces == 3:
                    os.kill(before, signal.SIGKILL)
        waiting = asyncio.create_task(collect(engine.chat(ask(sampling=SHORT))))
        assert (await asyncio.wait_for(waiting, 30)).usage.completion_tokens == 4
        assert engine.pid not in {0, before}
        assert await engine.alive()
    finally:
        await engine.aclose()
    assert not psutil.pid_exists(before)
    with pytest.raises(EngineFailed):
        await collect(engine.chat(ask()))


async def test_requests_during_a_long_restart_are_told_to_come_back(
    test_model, tmp_path, monkeypatch
):
    monkeypatch.setattr(local_engine, "RESTART_WAIT_SECONDS", 0.2)
    monkeypatch.setattr(local_engine, "FIRST_DELAY", 30.0)
    engine = await start(test_model, tmp_path)
    try:
        os.kill(engine.pid, signal.SIGKILL)
        while await engine.alive():
            await asyncio.sleep(0.02)
        with pytest.raises(EngineBusy):
            await collect(engine.chat(ask()))
    finally:
        await engine.aclose()


async def test_more_conversations_than_fit_at_once_all_get_answers(test_model, tmp_path):
    planned = plan(test_model, MACHINE, small_settings(tmp_path))
    engine = await start_llamacpp(
        test_model, dataclasses.replace(planned, context_length=512), tmp_path
    )
    try:
        brief = Sampling(max_tokens=3, logit_bias={2: -100})
        requests = [ask(f"{i} " + "river stone " * 110, sampling=brief) for i in range(3)]
        answers = await asyncio.gather(*(collect(engine.chat(r)) for r in requests))
        assert sum(a.usage.prompt_tokens for a in answers) > 512
        assert [a.usage.completion_tokens for a in answers] == [3, 3, 3]
    finally:
        await engine.aclose()


async def test_a_person_gets_a_slot_while_batch_work_fills_the_others(test_model, tmp_path):
    engine = await start(test_model, tmp_path)
    endless = dataclasses.replace(LONG, max_tokens=30)
    asked = [
        dataclasses.replace(ask(f"{n} " + "river stone " * 10, sampling=endless), batch=True)
        for n in range(9)
    ]
    batch = [asyncio.create_task(collect(engine.chat(request))) for request in asked]
    try:
        gate = engine.turnstile
        while gate.running < engine.info.slots - 1:
            await asyncio.sleep(0.02)
        for _ in range(3):
            assert gate.waiting(batch=True), "the batch was over too soon to tell anything"
            before = sum(task.done() for task in batch)
            async for event in engine.chat(ask("Who are you?", sampling=SHORT)):
                if isinstance(event, Chunk):
                    assert sum(task.done() for task in batch) <= before + 1
                    break
        assert sum(gate.records[False].waits[:2]) == 3, "each had a slot at once"
        answers = await asyncio.gather(*batch)
        assert {answer.usage.completion_tokens for answer in answers} == {30}
        assert (gate.running, gate.used) == (0, 0)
    finally:
        await engine.aclose()


async def test_a_long_batch_prompt_gives_way_and_goes_on_where_it_was(test_model, tmp_path):
    planned = plan(test_model, MACHINE, small_settings(tmp_path))
    engine = await start_llamacpp(test_model, dataclasses.replace(planned, batch=32), tmp_path)
    seen: list[str] = []
    half = asyncio.Event()

    async def long_one() -> int:
        request = dataclasses.replace(ask("river stone " * 250, sampling=SHORT), batch=True)
        async for event in engine.chat(request):
            if isinstance(event, PromptProgress) and event.processed > event.total / 4:
                half.set()
            elif isinstance(event, Chunk):
                seen.append("batch")
            elif isinstance(event, Finished):
                cached = event.usage.cached_tokens
        return cached

    try:
        batch = asyncio.create_task(long_one())
        await half.wait()
        await collect(engine.chat(ask("Who are you?", sampling=SHORT)))
        seen.append("person")
        cached = await batch
        assert seen[0] == "person"
        assert cached > 90, "what was read before is not read again"
        assert engine.turnstile.running == 0
    finally:
        await engine.aclose()


async def test_closing_ends_the_worker_and_its_answers(test_model, tmp_path):
    engine = await start(test_model, tmp_path)
    pid = engine.pid
    running = asyncio.create_task(collect(engine.chat(ask(sampling=LONG))))
    await asyncio.sleep(0.3)
    await engine.aclose()
    with pytest.raises(EngineFailed):
        await asyncio.wait_for(running, 5)
    assert not psutil.pid_exists(pid)


@pytest.mark.alone
async def test_a_worker_goes_when_its_parent_is_killed(model_home, test_model):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(model_home), test_model.name,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    worker = int(await asyncio.wait_for(process.stdout.readline(), 60))
    assert psutil.pid_exists(worker)
    process.kill()
    await process.wait()
    begun = time.monotonic()
    while psutil.pid_exists(worker) and psutil.Process(worker).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() - begun < 2
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"hello, I am a text", "not a GGUF"),
        (b"GGUF" + b"x" * 2000, "not a GGUF"),
        (b"", "not a GGUF"),
        (None, "cut short"),
    ],
)
async def test_files_that_are_no_model(test_model, tmp_path, content, says):
    bad = tmp_path / "bad.gguf"
    if content is None:
        with test_model.path.open("rb") as whole:
            content = whole.read(30_000_000)
    bad.write_bytes(content)
    with pytest.raises(EngineFailed, match=says) as caught:
        await start(dataclasses.replace(test_model, name="bad", path=bad), tmp_path)
    assert "\n" not in caught.value.line()
    assert str(bad) in caught.value.line()


async def test_a_model_without_chat_template_gets_chatml(test_model, tmp_path, caplog):
    bare = dataclasses.replace(
        test_model, metadata={**test_model.metadata, "has_chat_template": False}
    )
    engine = await start(bare, tmp_path)
    try:
        assert "has no chat template" in caplog.text
        prompt = await engine.detokenize(await engine.tokenize("x"))
        assert prompt == "x"
        system_free = await engine.count_tokens(ask("x"))
        assert system_free < 15
    finally:
        await engine.aclose()


@pytest.fixture
def two_models(test_model, tmp_path):
    settings = small_settings(tmp_path / "home", model="one")
    for name in ("one", "two"):
        import_file(settings, test_model.path, name=name)
    return settings


def room_for(models: int, settings) -> Hardware:
    """A machine that holds ``models`` of the test model, but not one more."""
    from zaohua.store.models import find

    needed = plan(find(settings, "one"), MACHINE, settings, 400 * 2**20).memory
    free = int(needed * (models + 0.5) / 0.75)
    return Hardware(total=2 * free, free=free, cores=1)


async def test_two_models_side_by_side_and_the_longest_unused_goes(two_models):
    pool = Pool(two_models, machine=room_for(2, two_models))
    try:
        async with pool.use() as one, pool.use("two") as two:
            assert {one.info.model, two.info.model} == {"one", "two"}
            answers = await asyncio.gather(
                collect(one.chat(ask(sampling=SHORT))), collect(two.chat(ask(sampling=SHORT)))
            )
            assert answers[0].text == answers[1].text
        assert [m.state for m in pool.list()] == ["ready", "ready"]
        with pytest.raises(ModelNotFound):
            async with pool.use("none"):
                pass
    finally:
        await pool.aclose()


async def test_an_idle_model_makes_room_a_lent_one_does_not(two_models):
    pool = Pool(two_models, machine=room_for(1, two_models))
    try:
        async with pool.use("one"):
            with pytest.raises(EngineBusy):
                async with pool.use("two"):
                    pass
        async with pool.use("two") as two:
            assert await two.alive()
        states = {m.name: m.state for m in pool.list()}
        assert states == {"one": "available", "two": "ready"}
    finally:
        await pool.aclose()
