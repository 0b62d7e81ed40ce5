"""Long texts on the fake engine: parted, in parallel, put together; a stop loses nothing."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import environment
from zaohua.errors import UnavailableError
from zaohua.generate.collect import Collected
from zaohua.generate.failures import EngineFailed
from zaohua.generate.fake import FakeEngine
from zaohua.generate.long import Ask, PartDone, Task, Whole, process
from zaohua.generate.long.journal import Journal, Kept, key_of
from zaohua.generate.long.room import Room, fits, measure
from zaohua.generate.many import answered
from zaohua.generate.prompts import PromptLibrary, Reply, Wishes, run
from zaohua.generate.request import ChatRequest, Message, Sampling
from zaohua.progress import Silent

NOVEL = "".join(
    f"第{n}章\n\n"
    + "".join(f"老人在第{n}天{m}点沿着山路慢慢地走，想着从前的事。\n\n" for m in range(30))
    for n in range(1, 13)
)


def last(request: ChatRequest) -> str:
    return request.messages[-1].content


class Model:
    """Answers by a rule, counts, and can be told to fail."""

    def __init__(self, rule: Callable[[str], str], fail_at: int = 0) -> None:
        self.rule = rule
        self.fail_at = fail_at
        self.asked: list[str] = []
        self.now = self.most = 0

    async def __call__(self, request: ChatRequest) -> Collected:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(0.001)
            self.asked.append(last(request))
            if self.fail_at and len(self.asked) >= self.fail_at:
                raise EngineFailed("gone")
            saying = Message("user", f"[[say {self.rule(last(request))}]]")
            return await answered(FakeEngine(), replace(request, messages=(saying,)))
        finally:
            self.now -= 1


def task(how: str = "map-reduce", text: str = NOVEL, **given: Any) -> Task:
    def asked(said: str) -> ChatRequest:
        return ChatRequest((Message("user", said),), Sampling(max_tokens=60))

    return Task(
        "novel",
        text,
        how,  # type: ignore[arg-type]
        part=lambda part: asked(f"P:{part}"),
        combine=lambda parts, final, of=1: asked(f"C{int(final)}:{'|'.join(parts)}"),
        refine=lambda so_far, part, final: asked(f"R:{so_far}:{part}"),
        **given,
    )


async def steps(wanted: Task, ask: Ask, **given: Any) -> list[PartDone | Whole]:
    room = given.pop("room", Room(400, 4))
    return [one async for one in process(wanted, ask, room, progress=Silent(), **given)]


async def test_in_order_gives_back_the_text_a_model_repeats():
    model = Model(lambda said: said[2:].strip())
    found = await steps(task("in-order"), model)
    whole = found[-1]
    assert isinstance(whole, Whole)
    assert whole.answer.text == NOVEL.strip()
    assert whole.parts == len(found) - 1 > 10
    assert "".join(one.text for one in found if isinstance(one, PartDone)).strip() == NOVEL.strip()
    assert model.most == 4


async def test_map_reduce_asks_each_part_once_and_puts_all_together():
    model = Model(lambda said: f"note{said.count('老人')}" if said[0] == "P" else said[:40])
    found = await steps(task(), model)
    parts = [said for said in model.asked if said[0] == "P"]
    assert "".join(said[2:] for said in parts) == NOVEL
    assert isinstance(found[-1], Whole)
    assert found[-1].answer.text.startswith("C1:")
    assert [said[:2] for said in model.asked].count("C1") == 1


async def test_a_combination_that_does_not_fit_is_done_in_steps():
    model = Model(lambda said: "长" * 60)
    found = await steps(task(), model, room=Room(300, 4))
    assert isinstance(found[-1], Whole)
    combined = [said for said in model.asked if said[0] == "C"]
    assert len(combined) > 3
    assert combined[-1].startswith("C1:")


async def test_the_output_has_sections_each_about_its_share_of_the_text():
    model = Model(lambda said: f"{said[2:].strip()[:4]}" if said[0] == "P" else f"<{said}>")
    asked = replace(task(), sections=3, combine=_by_share)
    found = await steps(asked, model)
    whole = found[-1]
    assert isinstance(whole, Whole)
    notes = [one.text for one in found if isinstance(one, PartDone)]
    sections = whole.answer.text.split("\n\n")
    assert len(sections) == 3
    assert "|".join(section[4:-1] for section in sections) == "|".join(notes)
    assert {section[:4] for section in sections} == {"<C3:"}


def _by_share(parts: Sequence[str], *, final: bool, of: int = 1) -> ChatRequest:
    said = f"C{of if final else 0}:{'|'.join(parts)}"
    return ChatRequest((Message("user", said),), Sampling(max_tokens=200))


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_task_bounds_its_parts(language: str):
    text = NOVEL if language == "zh" else "The old man walked on. He said it was late.\n\n" * 200
    asked: list[ChatRequest] = []

    async def ask(request: ChatRequest) -> Collected:
        asked.append(request)
        return await answered(FakeEngine(), request)

    await steps(replace(task(text=text), most=100), ask)
    room = Room(400, 4)
    parts = [one for one in asked if last(one)[0] == "P"]
    assert "".join(last(one)[2:] for one in parts) == text
    assert all(room.size(last(one)[2:]) <= 100 for one in parts)


async def test_parts_with_nothing_in_them_are_left_out():
    model = Model(lambda said: "42" if "第3天5点" in said or said[0] == "C" else "NONE of it")
    found = await steps(task(skip="none", empty="not said"), model)
    assert isinstance(found[-1], Whole)
    assert found[-1].answer.text == "42"
    assert "NONE" not in model.asked[-1]
    found = await steps(task(skip="none", empty="not said"), Model(lambda said: "**None**"))
    assert isinstance(found[-1], Whole)
    assert found[-1].answer.text == "not said"


async def test_refine_carries_one_answer_through():
    model = Model(lambda said: str(int(said.split(":")[1] or 0) + 1))
    found = await steps(task("refine"), model)
    whole = found[-1]
    assert isinstance(whole, Whole)
    assert whole.answer.text == str(whole.parts) == str(len(found) - 1)
    assert model.most == 1


async def test_a_part_whose_answer_is_cut_off_is_halved():
    async def ask(request: ChatRequest) -> Collected:
        said = last(request)[2:].strip()
        short = replace(request, messages=(Message("user", f"[[say {said}]]"),))
        bound = replace(short.sampling, max_tokens=60)
        return await answered(FakeEngine(), replace(short, sampling=bound))

    found = await steps(task("in-order", NOVEL[:3000]), ask)
    assert isinstance(found[-1], Whole)
    assert found[-1].answer.text == NOVEL[:3000].strip()
    assert found[-1].answers > found[-1].parts


async def test_a_part_that_does_not_fit_is_halved():
    engine = FakeEngine(context_length=300)
    found = await steps(task("map-reduce", NOVEL[:1500]), partial(answered, engine))
    assert isinstance(found[-1], Whole)


@pytest.mark.parametrize("how", ["map-reduce", "in-order", "refine"])
async def test_after_a_failure_what_is_done_is_not_asked_for_again(how: str, tmp_path: Path):
    def rule(said: str) -> str:
        return f"{len(said)}.{said[-20:].strip()}"

    unbroken = Model(rule)
    expected = (await steps(task(how), unbroken))[-1]
    broken = Model(rule, fail_at=10)
    with pytest.raises(EngineFailed):
        await steps(task(how), broken, work=tmp_path)
    (kept,) = tmp_path.glob("*.jsonl")
    done = len(kept.read_text("utf-8").splitlines())
    assert done >= 6
    again = Model(rule)
    found = (await steps(task(how), again, work=tmp_path))[-1]
    assert isinstance(found, Whole)
    assert isinstance(expected, Whole)
    assert found.answer == expected.answer
    assert len(again.asked) == len(unbroken.asked) - done
    assert list(tmp_path.iterdir()) == []


def test_a_line_that_was_not_written_whole_is_forgotten(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    requests = [ChatRequest((Message("user", str(n)),)) for n in range(3)]
    with pytest.raises(KeyError), Journal(path) as journal:
        for request in requests[:2]:
            journal.put(request, Kept("好", False))
        raise KeyError
    with path.open("ab") as file:
        file.write(b'{"key": "half')
    with Journal(path) as journal:
        assert len(journal) == 2
        assert journal.get(requests[1]) == Kept("好", False)
        assert journal.get(requests[2]) is None
        journal.put(requests[2], Kept("b", True))
        assert journal.get(requests[2]) == Kept("b", True)
    assert not path.exists()


def test_one_process_at_a_time(tmp_path: Path):
    with Journal(tmp_path / "a.jsonl"), pytest.raises(UnavailableError, match="another process"):
        Journal(tmp_path / "a.jsonl")


def test_another_seed_is_another_question():
    one = ChatRequest((Message("user", "a"),))
    assert key_of(one) != key_of(replace(one, sampling=Sampling(seed=1)))
    assert key_of(one) == key_of(replace(one, batch=True, user="x"))


async def test_the_room_is_shared_by_the_slots():
    engine = FakeEngine(context_length=8192, slots=4)
    room = await measure(engine, NOVEL)
    assert (room.tokens, room.parallel) == (2048, 4)
    many = await measure(FakeEngine(context_length=2048, slots=64), NOVEL)
    assert (many.tokens, many.parallel) == (1024, 2)
    tokens = len(await engine.tokenize(NOVEL))
    assert tokens <= room.size(NOVEL) <= 1.3 * tokens


async def test_what_fits_is_asked_at_once():
    engine = FakeEngine(context_length=1000)
    short, long = (ChatRequest((Message("user", "字" * n),)) for n in (300, 900))
    assert await fits(engine, short, "in-order")
    assert not await fits(engine, long, "map-reduce")
    assert not await fits(engine, ChatRequest((Message("user", "字" * 600),)), "in-order")
    assert await fits(engine, short, "map-reduce", 400)
    assert not await fits(engine, short, "map-reduce", 200)


async def test_a_template_parts_what_does_not_fit(tmp_path: Path):
    engine = FakeEngine(context_length=1024, slots=4)
    template = PromptLibrary(tmp_path).get("translate", "zh")
    wishes = Wishes(work=tmp_path)
    given = {"text": NOVEL}
    told = [one async for one in run(template, given, engine, partial(answered, engine),
                                     wishes=wishes)]  # fmt: skip
    reply = told[-1]
    assert isinstance(reply, Reply)
    assert reply.parts == len(told) - 1 > 3
    short = [
        one async for one in run(template, {"text": "你好"}, engine, partial(answered, engine))
    ]
    assert [type(one) for one in short] == [Reply]


async def test_only_the_last_combination_keeps_to_json(tmp_path: Path):
    engine = FakeEngine(context_length=2048, slots=2)
    asked: list[ChatRequest] = []

    async def ask(request: ChatRequest) -> Collected:
        asked.append(request)
        return await answered(engine, request)

    template = PromptLibrary(tmp_path).get("keywords", "zh")
    told = [one async for one in run(template, {"text": NOVEL}, engine, ask)]
    assert [request.grammar is not None for request in asked] == [
        *([False] * (len(asked) - 1)),
        True,
    ]
    assert isinstance(told[-1], Reply)
    assert told[-1].value == ["x"]


def test_killed_and_run_again_it_goes_on_and_gives_the_same(tmp_path: Path):
    (tmp_path / "novel.txt").write_text(NOVEL[:4000], "utf-8")
    home = tmp_path / "home"
    (home / "prompts").mkdir(parents=True)
    slow = "---\ninputs: {text: {}}\nlong: in-order\n---\n译：{{ text }} [[slow 0.0004]]"
    (home / "prompts" / "slow.md").write_text(slow, "utf-8")
    command = [sys.executable, "-m", "zaohua", "generate", "-t", "slow", "-i", "novel.txt",
               "--long", "in-order", "--json"]  # fmt: skip
    variables = environment(home, ZAOHUA_ENGINE="fake", ZAOHUA_SLOTS="8")
    process = subprocess.Popen(command, cwd=tmp_path, env=variables, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)  # fmt: skip
    assert process.stdout is not None
    end = time.monotonic() + 30
    while time.monotonic() < end:
        kept = list((home / "work" / "long").glob("*.jsonl"))
        if kept and kept[0].read_bytes().count(b"\n") >= 2:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    (kept_file,) = (home / "work" / "long").glob("*.jsonl")
    done = kept_file.read_bytes().count(b"\n")
    assert done >= 2

    def finished() -> dict[str, Any]:
        whole = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True,
                               stdin=subprocess.DEVNULL, check=True)  # fmt: skip
        told: dict[str, Any] = json.loads(whole.stdout)
        return told

    resumed, unbroken = finished(), finished()
    assert resumed["text"] == unbroken["text"]
    assert resumed["answers"] == unbroken["answers"] - done
