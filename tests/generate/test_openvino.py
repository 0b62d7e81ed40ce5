"""What is OpenVINO's alone: its worker's life, its cache, what it leaves to llama.cpp."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from pathlib import Path
from typing import Any

import gguf
import httpx
import psutil
import pytest

from tests.generate.conftest import small_plan
from tests.generate.streams import QUOTED, ask
from zaohua.errors import MissingExtraError
from zaohua.generate.collect import collect
from zaohua.generate.events import Chunk, PromptProgress
from zaohua.generate.failures import EngineFailed
from zaohua.generate.formats import derived
from zaohua.generate.openvino import engine as openvino_engine
from zaohua.generate.openvino.engine import lack, reads, start_openvino
from zaohua.generate.openvino.lookup import GUESSED, PAUSE, Gain, possible
from zaohua.generate.openvino.weights import readable
from zaohua.generate.pool import Pool
from zaohua.generate.request import (
    ChatRequest,
    CompletionRequest,
    Grammar,
    Message,
    Sampling,
    Tool,
    ToolChoice,
)
from zaohua.generate.weights import rewrite
from zaohua.settings import Settings
from zaohua.store.gguf import read_metadata
from zaohua.store.models import InstalledModel, import_file, remove

GREEDY = Sampling(max_tokens=8, temperature=0)
NUMBERS = CompletionRequest(" ".join(map(str, range(1, 60))), Sampling(1200, temperature=0))
"""Goes on and on."""

Q4_1 = 3
"""ggml's number of the format."""


GOING_ON = ChatRequest((Message("user", "x"), Message("assistant", "y")))


@pytest.mark.parametrize(
    ("request_", "lacking", "of_all"),
    [
        (ask(sampling=GREEDY), "", False),
        (ask(sampling=Sampling(logprobs=True)), "", False),
        (ask(sampling=Sampling(seed=1)), "a seed", False),
        (ask(sampling=Sampling(seed=1, temperature=0)), "", False),
        (ask(sampling=Sampling(logit_bias={1: 1.0})), "logit_bias", False),
        (ask(sampling=Sampling(logprobs=True, top_logprobs=2)), "top_logprobs", False),
        (ask(grammar=Grammar("json")), "a form", False),
        (ask(grammar=Grammar("regex", "[ab]")), "a form", False),
        (ask(grammar=Grammar("gbnf", "root ::= [ab]")), "a gbnf", True),
        (ask(tools=(Tool("add"),)), "", False),
        (ask(tools=(Tool("add"),), tool_choice=ToolChoice("required")), "a call", False),
        (ask(tools=(Tool("add"),), tool_choice=ToolChoice("auto", "add")), "a call", False),
        (GOING_ON, "", False),
        (CompletionRequest("x", suffix="y"), "a suffix", True),
        (CompletionRequest("x"), "", False),
    ],
)
def test_what_openvino_cannot_do_is_known_before_it_is_asked(
    request_: ChatRequest | CompletionRequest, lacking: str, of_all: bool
) -> None:
    assert lack(request_).startswith(lacking)
    assert bool(lack(request_)) == bool(lacking)
    assert lack(request_, paged=True) == (lack(request_) if of_all else "")


async def test_a_request_it_cannot_do_goes_to_llamacpp_and_the_log_says_so(
    test_model: InstalledModel, openvino_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    settings = Settings(
        home=openvino_home, engine="openvino", context_length=1024, slots=2, threads=1
    )
    pool = Pool(settings)
    pool._find = lambda name: test_model  # type: ignore[method-assign]
    async with pool.use("any") as engine:
        assert engine.info.kind == "openvino"
        yes = Grammar("gbnf", 'root ::= "yes"')
        assert (await collect(engine.chat(ask(grammar=yes)))).text == "yes"
        assert "asks for a gbnf: llama.cpp answers" in caplog.text
        workers = {engine.pid, engine._other.pid}
    await pool.aclose()
    assert len(workers) == 2
    assert not any(map(psutil.pid_exists, workers))


async def test_a_worker_killed_in_the_middle_is_restarted(
    test_model: InstalledModel, openvino_home: Path
) -> None:
    planned = small_plan(test_model, openvino_home)
    engine = await start_openvino(test_model, planned, openvino_home)
    try:
        before, pieces = engine.pid, 0
        with pytest.raises(EngineFailed):
            async for event in engine.complete(NUMBERS):
                pieces += isinstance(event, Chunk)
                if pieces == 3:
                    os.kill(before, signal.SIGKILL)
        waiting = asyncio.create_task(collect(engine.chat(ask(sampling=GREEDY))))
        assert (await asyncio.wait_for(waiting, 60)).usage.completion_tokens > 0
        assert engine.pid not in {0, before}
    finally:
        await engine.aclose()
    assert not psutil.pid_exists(before)


@pytest.mark.alone
async def test_an_answer_that_is_left_makes_room_within_a_second(openvino) -> None:
    answers = [openvino.complete(NUMBERS) for _ in range(openvino.info.slots)]
    for answer in answers:
        async for event in answer:
            if isinstance(event, Chunk):
                break
    for answer in answers:
        await answer.aclose()
    begun = time.monotonic()
    await collect(openvino.chat(ask(sampling=Sampling(max_tokens=1, temperature=0))))
    assert time.monotonic() - begun < 3.0


async def test_more_requests_than_slots_all_get_answers(openvino) -> None:
    asked = [ask(f"Say {n}.", sampling=GREEDY) for n in range(3 * openvino.info.slots)]
    got = await asyncio.gather(*(collect(openvino.chat(request)) for request in asked))
    assert all(answer.text for answer in got)


@pytest.mark.alone
async def test_a_long_prompt_is_read_once(openvino) -> None:
    turns = (Message("user", "Once upon a time there was a mill by the river. " * 60),)
    first = await collect(openvino.chat(ChatRequest(turns, GREEDY)))
    more = (*turns, Message("assistant", first.text), Message("user", "Go on."))
    again = await collect(openvino.chat(ChatRequest(more, GREEDY)))
    assert again.usage.prompt_tokens > first.usage.prompt_tokens > 600
    assert again.timings.prompt_ms < first.timings.prompt_ms / 2


async def test_progress_tells_the_length_of_the_prompt(openvino) -> None:
    events = [event async for event in openvino.chat(ask(sampling=GREEDY))]
    told = [event for event in events if isinstance(event, PromptProgress)]
    total = await openvino.count_tokens(ask())
    assert [(one.total, one.processed) for one in told] == [(total, 0), (total, total)]


async def test_the_worker_is_closed_to_others(openvino) -> None:
    async with httpx.AsyncClient(base_url=openvino._usual.address) as client:
        assert (await client.post("/v1/chat/completions", json={})).status_code == 401
        assert (await client.get("/health")).status_code == 401
    command = Path(f"/proc/{openvino.pid}/cmdline").read_text()
    assert openvino._usual.key not in command


def test_weights_it_does_not_read_rightly_are_written_anew_once(
    test_model: InstalledModel, openvino_home: Path, tmp_path: Path
) -> None:
    made = derived(test_model, openvino_home, "q8_0.gguf")
    assert list(made.parent.glob("*.gguf")) == [made]
    before, after = read_metadata(test_model.path), read_metadata(made)
    assert Q4_1 in before["tensor_types"]
    assert Q4_1 not in after["tensor_types"]
    rest = ("tensor_types", "file_type", "quantisation")
    assert {k: v for k, v in before.items() if k not in rest} == {
        k: v for k, v in after.items() if k not in rest
    }
    written = made.stat().st_mtime_ns
    assert readable(test_model.path, made).stat().st_mtime_ns == written
    assert readable(made, tmp_path / "not needed") == made


@pytest.mark.asyncio(loop_scope="module")
async def test_probabilities_are_those_of_the_weights(openvino) -> None:
    """The test model is Q4_1, which OpenVINO takes and reads wrongly."""
    question = ask("Why is the sky blue?", sampling=Sampling(24, temperature=0, logprobs=True))
    answer = (await collect(openvino.chat(question))).answers[0]
    elsewhere = [token.logprob async for token in openvino.score(question, answer.text)]
    here = [token.logprob for token in answer.logprobs]
    apart = [abs(a - b) for a, b in zip(here, elsewhere, strict=False)]
    assert len(apart) > 20
    assert sum(apart) / len(apart) < 0.2


async def test_a_model_with_such_weights_answers_as_before(
    test_model: InstalledModel, tmp_path: Path
) -> None:
    odd = requantised(test_model.path, tmp_path / "odd.gguf", gguf.GGMLQuantizationType.Q5_1)
    settings = Settings(home=tmp_path / "home")
    model = import_file(settings, odd, name="odd")
    engine = await start_openvino(model, small_plan(model, tmp_path), settings.home)
    try:
        question = ask("What is the capital of France?", sampling=Sampling(16, temperature=0))
        assert "Paris" in (await collect(engine.chat(question))).text
    finally:
        await engine.aclose()
    [rewritten] = (settings.home / "blobs" / "derived").iterdir()
    size = rewritten.stat().st_size
    assert remove(settings, "odd") == model.size + size
    assert not rewritten.exists()


def requantised(path: Path, out: Path, kind: gguf.GGMLQuantizationType) -> Path:
    """The file with a matrix of its first layer in another format."""

    def wanted(tensor: gguf.ReaderTensor) -> gguf.GGMLQuantizationType:
        return kind if tensor.name == "blk.0.ffn_up.weight" else tensor.tensor_type

    rewrite(path, out, wanted)
    return out


def test_only_models_it_knows_are_given_to_it(test_model: InstalledModel) -> None:
    assert reads(test_model)
    for other in ({"architecture": "gemma3"}, {"tokenizer": "llama"}, {"has_chat_template": False}):
        told = {**_fields(test_model), "metadata": {**test_model.metadata, **other}}
        assert not reads(test_model.__class__(**told))


def _fields(model: InstalledModel) -> dict:
    return {name: getattr(model, name) for name in model.__dataclass_fields__}


async def test_without_openvino_the_line_says_what_to_install(
    test_model: InstalledModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openvino_engine, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"zaohua\[openvino\]"):
        await start_openvino(test_model, small_plan(test_model, tmp_path), tmp_path)


async def test_looking_up_the_prompt_gives_the_same_answer_in_fewer_steps(openvino) -> None:
    sampling = Sampling(max_tokens=120, temperature=0)
    usual = await collect(openvino.chat(ask(QUOTED, sampling=sampling)))
    before = openvino.resident()
    asked = ask(QUOTED, sampling=sampling, prompt_lookup=True)
    first, second = await asyncio.gather(*(collect(openvino.chat(asked)) for _ in range(2)))
    assert first.text == second.text == usual.text
    assert usual.usage.completion_tokens < 120, "it ends by itself"
    assert usual.usage.guessed_tokens == 0
    assert first.usage.completion_tokens == usual.usage.completion_tokens
    assert first.usage.accepted_tokens > first.usage.completion_tokens / 2
    assert openvino.resident() > before > 100 << 20, "the second pipeline is counted"


async def test_what_is_left_while_looking_up_makes_room(openvino) -> None:
    asked = ask(QUOTED * 3, sampling=Sampling(1000, temperature=0.8), prompt_lookup=True)
    for _ in range(openvino.info.slots + 1):
        answer = openvino.chat(asked)
        async for event in answer:
            if isinstance(event, Chunk):
                break
        await answer.aclose()
    sampling = Sampling(max_tokens=4, temperature=0)
    again = await collect(openvino.chat(ask(QUOTED, sampling=sampling, prompt_lookup=True)))
    assert again.usage.completion_tokens == 4


@pytest.mark.parametrize(
    ("more", "may"),
    [
        ({}, True),
        ({"repeat_penalty": 1.0, "presence_penalty": 0.0, "temperature": 0.8}, True),
        ({"repeat_penalty": 1.1}, False),
        ({"frequency_penalty": 0.5}, False),
        ({"logprobs": True}, False),
        ({"prompt_lookup": None}, False),
    ],
)
def test_what_is_not_tried_with_looking_up_goes_without(more: dict[str, Any], may: bool) -> None:
    assert possible({"prompt_lookup": True, **more}) is may


def test_looking_up_rests_when_it_does_not_gain() -> None:
    gain = Gain()
    assert gain.worth_it()
    gain.note(3, 3)
    assert gain.worth_it(), "so short an answer says nothing"
    for _ in range(4):
        gain.note(20, 20)
    assert [gain.worth_it() for _ in range(PAUSE + 1)] == [False] * PAUSE + [True]
    gain.note(20, 20)
    assert not gain.worth_it(), "tried again, it rests again"
    fresh = Gain()
    for _ in range(20):
        fresh.note(GUESSED * 10, 20)
        assert fresh.worth_it()
