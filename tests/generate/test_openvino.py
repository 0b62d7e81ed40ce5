"""What is OpenVINO's alone: its worker's life, its cache, what it leaves to llama.cpp."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import gguf
import httpx
import psutil
import pytest

from tests.generate.conftest import small_plan
from tests.generate.streams import ask
from zaohua.errors import MissingExtraError, ZaohuaError
from zaohua.generate.collect import collect
from zaohua.generate.events import Chunk
from zaohua.generate.failures import EngineFailed
from zaohua.generate.formats import derived
from zaohua.generate.openvino import engine as openvino_engine
from zaohua.generate.openvino.engine import start_openvino
from zaohua.generate.openvino.readable import readable
from zaohua.generate.pipeline.engine import lack, reads
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
from zaohua.generate.setups import prepared, start
from zaohua.generate.tuning.choosing import UNMEASURED
from zaohua.generate.weights import rewrite
from zaohua.progress import Silent
from zaohua.session import write_weights
from zaohua.settings import Settings
from zaohua.store.gguf import read_metadata
from zaohua.store.models import InstalledModel, import_file, remove

GREEDY = Sampling(max_tokens=8, temperature=0)
NUMBERS = CompletionRequest(" ".join(map(str, range(1, 60))), Sampling(1200, temperature=0))
"""Goes on and on."""

Q4_1 = 3
"""ggml's number of the format."""


@pytest.mark.parametrize(
    ("request_", "lacking"),
    [
        (ask(sampling=Sampling(seed=1, logit_bias={1: 1.0}, logprobs=True, top_logprobs=2)), ""),
        (ask(grammar=Grammar("json")), ""),
        (ask(grammar=Grammar("regex", "[ab]")), ""),
        (ask(grammar=Grammar("gbnf", "root ::= [ab]")), "a gbnf"),
        (ask(tools=(Tool("add"),), tool_choice=ToolChoice("required")), ""),
        (CompletionRequest("x", suffix="y"), "a suffix"),
        (CompletionRequest("x"), ""),
    ],
)
def test_what_our_pipeline_cannot_do_is_known_before_it_is_asked(
    request_: ChatRequest | CompletionRequest, lacking: str
) -> None:
    assert lack(request_) == lacking


async def test_a_request_it_cannot_do_goes_to_llamacpp_and_the_log_says_so(
    test_model: InstalledModel,
    openvino_home: Path,
    int8: Path,
    caplog: pytest.LogCaptureFixture,
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
    test_model: InstalledModel, openvino_home: Path, int8: Path
) -> None:
    planned = small_plan(test_model, openvino_home)
    engine = await start_openvino(test_model, planned, openvino_home, int8)
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
    assert 600 < again.usage.cached_tokens < again.usage.prompt_tokens
    assert first.usage.cached_tokens < 600


async def test_the_worker_is_closed_to_others(openvino) -> None:
    async with httpx.AsyncClient(base_url=openvino._usual.address) as client:
        assert (await client.post("/v1/chat/completions", json={})).status_code == 401
        assert (await client.get("/health")).status_code == 401
    command = Path(f"/proc/{openvino.pid}/cmdline").read_text()
    assert openvino._usual.key not in command


def test_weights_it_does_not_read_rightly_are_written_anew_once(
    test_model: InstalledModel, openvino_home: Path, int8: Path, tmp_path: Path
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
async def test_probabilities_are_those_of_the_weights(openvino, llamacpp) -> None:
    """The test model is Q4_1, which OpenVINO takes and reads wrongly."""
    question = ask("Why is the sky blue?", sampling=Sampling(24, temperature=0, logprobs=True))
    answer = (await collect(openvino.chat(question))).answers[0]
    elsewhere = [token.logprob async for token in llamacpp.score(question, answer.text)]
    here = [token.logprob for token in answer.logprobs]
    apart = [abs(a - b) for a, b in zip(here, elsewhere, strict=False)]
    assert len(apart) > 20
    assert sum(apart) / len(apart) < 0.2


async def test_a_model_with_such_weights_knows_what_it_knew(
    test_model: InstalledModel, tmp_path: Path
) -> None:
    odd = requantised(test_model.path, tmp_path / "odd.gguf", gguf.GGMLQuantizationType.Q5_1)
    settings = Settings(home=tmp_path / "home", engine="openvino")
    model = import_file(settings, odd, name="odd")
    progress = Noting()
    write_weights(settings, model, progress)
    assert "rewriting weights" in progress.steps
    engine = await start(model, small_plan(model, tmp_path), settings.home, UNMEASURED)
    try:
        question, answer = ask("What is the capital of France?"), "The capital of France is Paris."
        told = [token.logprob async for token in engine.score(question, answer)]
        assert sum(told) / len(told) > -1
    finally:
        await engine.aclose()
    made = list((settings.home / "blobs" / "derived").iterdir())
    assert len(made) == 2, "a file that OpenVINO reads rightly, and the graph"
    assert remove(settings, "odd") > model.size
    assert not any(path.exists() for path in made)


class Noting(Silent):
    """A `Progress` that keeps what was begun."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def start(self, label: str, total: int | None, unit: str = "B", done: int = 0) -> None:
        self.steps.append(label)


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
    planned = small_plan(test_model, tmp_path)
    with pytest.raises(MissingExtraError, match=r"zaohua\[openvino\]"):
        await start(test_model, planned, tmp_path, UNMEASURED)
    with pytest.raises(MissingExtraError, match=r"zaohua\[openvino\]"):
        await start_openvino(test_model, planned, tmp_path, tmp_path)


async def test_weights_that_make_no_graph_are_told_in_one_line(
    test_model: InstalledModel, tmp_path: Path
) -> None:
    odd = tmp_path / "odd.gguf"
    odd.write_bytes(test_model.path.read_bytes()[: 2**20])
    with pytest.raises(ZaohuaError, match=r"int8|GGUF") as told:
        await prepared(replace(test_model, path=odd), UNMEASURED, tmp_path)
    assert "\n" not in str(told.value)
