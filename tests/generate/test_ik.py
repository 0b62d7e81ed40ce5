"""ik_llama.cpp compiled here and run by our own pipeline, on the smallest model."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil
import pytest
import pytest_asyncio

from tests.generate.conftest import small_plan
from tests.generate.streams import QUOTED, ask
from tests.models import link_models
from zaohua.errors import UnavailableError
from zaohua.generate.collect import collect
from zaohua.generate.events import Chunk
from zaohua.generate.failures import EngineFailed
from zaohua.generate.ik.engine import in_f16, start_ik
from zaohua.generate.ik.library import Library
from zaohua.generate.llamacpp import start_llamacpp
from zaohua.generate.native.trial import ANSWER
from zaohua.generate.request import ChatRequest, CompletionRequest, Grammar, Message, Sampling
from zaohua.generate.routed import RoutedEngine
from zaohua.generate.setups import Setup, start
from zaohua.generate.tuning.choosing import chosen, explained
from zaohua.settings import Settings
from zaohua.store.models import InstalledModel

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHORT = Sampling(max_tokens=4, temperature=0)
LONG = Sampling(max_tokens=1500, logit_bias={2: -100})
QUESTIONS = ("Tell me about rivers.", "What is bread made of?", "Name a city.", "Why is ice cold?")


def family(engine: RoutedEngine) -> psutil.Process:
    return psutil.Process(engine.pid)


async def text_of(engine: RoutedEngine, question: str, **more: object) -> str:
    sampling = Sampling(max_tokens=40, temperature=0)
    return (await collect(engine.chat(ask(question, sampling=sampling, **more)))).text


async def logprobs_of(engine: RoutedEngine, question: str) -> list[float]:
    return [token.logprob async for token in engine.score(ask(question), ANSWER, 1)]


@pytest_asyncio.fixture(loop_scope="module")
async def another(
    all_q4_0: InstalledModel, ik_library: Path, tmp_path: Path
) -> AsyncIterator[RoutedEngine]:
    """A worker of its own, with a single slot."""
    planned = replace(small_plan(all_q4_0, tmp_path), slots=1)
    engine = await start_ik(all_q4_0, planned, tmp_path, library=ik_library)
    yield engine
    await engine.aclose()


async def test_it_takes_text_for_the_tokens_that_llamacpp_takes_it_for(
    ik: RoutedEngine, test_model: InstalledModel, tmp_path: Path
) -> None:
    usual = await start_llamacpp(test_model, small_plan(test_model, tmp_path), tmp_path)
    try:
        for text in ("The sea  is\n\tblue.", "天空为什么是蓝色的？", "<|im_end|> x < y", "😀é", ""):
            for special in (False, True):
                assert await ik.tokenize(text, special=special) == await usual.tokenize(
                    text, special=special
                )
        talk = ChatRequest((Message("system", "Be brief."), Message("user", "Why?")))
        assert await ik.count_tokens(talk) == await usual.count_tokens(talk)
    finally:
        await usual.aclose()


async def test_guesses_change_nothing_and_others_little(ik: RoutedEngine) -> None:
    slow = [await text_of(ik, question, prompt_lookup=False) for question in QUESTIONS]
    assert [await text_of(ik, question) for question in QUESTIONS] == slow
    alone = [await logprobs_of(ik, question) for question in QUESTIONS]
    together = await asyncio.gather(*(logprobs_of(ik, question) for question in QUESTIONS))
    for one, other in zip(alone, together, strict=True):
        assert sum(one) == pytest.approx(sum(other), rel=0.03)


async def test_what_quotes_its_question_is_guessed(ik: RoutedEngine) -> None:
    sampling = Sampling(max_tokens=100, temperature=0)
    slow = await collect(ik.chat(ask(QUOTED, sampling=sampling, prompt_lookup=False)))
    fast = await collect(ik.chat(ask(QUOTED, sampling=sampling)))
    assert fast.text == slow.text
    assert slow.usage.guessed_tokens == 0
    assert fast.usage.accepted_tokens > 10


async def test_what_was_read_is_not_read_again(ik: RoutedEngine) -> None:
    opening = Message("user", "Remember these words. " + "One two three four five. " * 40)
    first = await collect(ik.chat(ChatRequest((opening,), SHORT)))
    talk = (opening, Message("assistant", first.text), Message("user", "Which words?"))
    second = await collect(ik.chat(ChatRequest(talk, SHORT)))
    assert first.usage.cached_tokens < 40
    assert second.usage.cached_tokens > 200
    read_anew = ChatRequest(talk, Sampling(max_tokens=4, temperature=0.0001, seed=1))
    assert (await collect(ik.chat(read_anew))).text == second.text


async def test_what_it_cannot_do_goes_to_llamacpp(ik: RoutedEngine) -> None:
    form = Grammar("gbnf", 'root ::= "yes" | "no"')
    told = await collect(ik.chat(replace(ask("Is ice cold?", sampling=SHORT), grammar=form)))
    assert told.text in {"yes", "no"}


async def test_a_long_prompt_is_refused_in_words(ik: RoutedEngine) -> None:
    with pytest.raises(Exception, match="context"):
        await collect(ik.complete(CompletionRequest(tuple([5] * 5000), SHORT)))


async def test_its_weights_are_to_lie_in_large_pages(ik: RoutedEngine) -> None:
    assert family(ik).environ()["GLIBC_TUNABLES"] == "glibc.malloc.hugetlb=1"
    assert ik.info.kind == "ik"


async def test_more_than_the_cache_holds_at_once_all_get_answers(ik: RoutedEngine) -> None:
    """Each takes a third of the cells and more."""
    prompts = [tuple([token] * 700) for token in range(10, 16)]
    sampling = Sampling(max_tokens=30, temperature=0, logit_bias={2: -100})
    answers = await asyncio.gather(
        *(collect(ik.complete(CompletionRequest(prompt, sampling))) for prompt in prompts)
    )
    assert [answer.usage.completion_tokens for answer in answers] == [30] * 6


async def test_threads_that_share_products_compute_what_one_does(
    ik_library: Path, all_q4_0: InstalledModel
) -> None:
    """More of them than cores, so that some are late, and others take their parts."""
    library = Library(ik_library, all_q4_0.path, cells=256, texts=2, batch=64, threads=3)
    rows = (list(range(5, 45)), range(40), [0] * 40, [True] * 40)
    alone, *together = [_computed(library, threads, rows) for threads in (1, 2, 3)]
    for told in together:
        np.testing.assert_array_equal(told, alone)


def _computed(
    library: Library, threads: int, rows: Sequence[Sequence[int]]
) -> npt.NDArray[np.float32]:
    """What ``rows`` and then ten steps of a token tell, float32[rows, vocabulary]."""
    library.use(threads)
    library.forget(0)
    told = [library.step(*rows).copy()]
    told += [library.step([7], [40 + step], [0], [True]).copy() for step in range(10)]
    return np.concatenate(told)


async def test_tokens_of_one_step_tell_what_they_would_one_by_one(
    ik_library: Path, all_q4_0: InstalledModel
) -> None:
    """So that guesses change nothing; its weights have 576 values a row, 18 blocks and not 16."""
    library = Library(ik_library, all_q4_0.path, cells=256, texts=1, batch=64, threads=2)
    alone = _in_steps_of(1, library)
    for count in (2, 3, 4, 5, 6, 7, 8, 9, 17):
        np.testing.assert_array_equal(_in_steps_of(count, library), alone)


def _in_steps_of(count: int, library: Library) -> npt.NDArray[np.float32]:
    library.forget(0)
    library.step(range(5, 45), range(40), [0] * 40, [False] * 40)
    places = [list(range(begin, min(begin + count, 74))) for begin in range(40, 74, count)]
    told = []
    for at in places:
        step = library.step([3 * n for n in at], at, [0] * len(at), [True] * len(at))
        told.append(step.copy())
    return np.concatenate(told)


async def test_threads_may_compute_on_all_cores_after_they_left_one_to_others(
    ik_library: Path, all_q4_0: InstalledModel
) -> None:
    allowed = os.sched_getaffinity(0)
    library = Library(ik_library, all_q4_0.path, cells=256, texts=1, batch=64, threads=3)
    for place in range(100):
        library.step([7], [place], [0], [True])
    tasks = [int(task.name) for task in Path("/proc/self/task").iterdir()]
    assert all(os.sched_getaffinity(task) == allowed for task in tasks)


async def test_killed_in_the_middle_it_is_restarted(another: RoutedEngine) -> None:
    worker = family(another)
    pieces = 0
    with pytest.raises(EngineFailed):
        async for event in another.chat(ask(sampling=LONG)):
            pieces += isinstance(event, Chunk)
            if pieces == 1:
                os.kill(worker.pid, signal.SIGKILL)
    waiting = asyncio.create_task(collect(another.chat(ask(sampling=SHORT))))
    assert (await asyncio.wait_for(waiting, 60)).usage.completion_tokens == 4
    assert another.pid not in {0, worker.pid}


@pytest.mark.alone
async def test_an_answer_that_is_left_makes_room_within_a_second(another: RoutedEngine) -> None:
    answer = another.chat(ask(sampling=LONG))
    async for event in answer:
        if isinstance(event, Chunk):
            break
    await answer.aclose()
    begun = time.monotonic()
    await collect(another.chat(ask(sampling=Sampling(max_tokens=1))))
    assert time.monotonic() - begun < 2


async def test_it_is_taken_where_it_is_named_and_compiled(
    test_model: InstalledModel,
    ik_library: Path,
    model_home: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    named = Settings(home=model_home, engine="ik")
    assert chosen(test_model, named) == Setup("ik", "q4_0")
    link_models(model_home, tmp_path)
    elsewhere = named.model_copy(update={"home": tmp_path})
    assert chosen(test_model, elsewhere) == Setup()
    assert explained(test_model, elsewhere) == "llama.cpp"
    assert caplog.text.count("no ik_llama.cpp is compiled") == 1
    strange = replace(test_model, metadata={**test_model.metadata, "architecture": "gpt2"})
    assert chosen(strange, named).program != "ik"
    with pytest.raises(UnavailableError, match="zaohua engine build"):
        await start(test_model, small_plan(test_model, tmp_path), tmp_path, Setup("ik", "q4_0"))


async def test_where_eight_bits_were_planned_fewer_tokens_take_the_same_memory(
    test_model: InstalledModel, tmp_path: Path
) -> None:
    planned = small_plan(test_model, tmp_path)
    assert in_f16(planned, test_model) == planned
    tight = replace(planned, cache_type="q8_0", kv=planned.kv * 17 // 32)
    ours = in_f16(tight, test_model)
    assert (ours.context_length, ours.cache_type) == (1024, "f16")
    assert ours.memory == tight.memory


async def test_what_is_no_library_is_told_in_a_line(
    test_model: InstalledModel, tmp_path: Path
) -> None:
    wrong = tmp_path / "libzaohua-steps.so"
    wrong.write_text("nothing")
    with pytest.raises(EngineFailed, match="compiled here cannot be loaded") as told:
        await start_ik(test_model, small_plan(test_model, tmp_path), tmp_path, library=wrong)
    assert "zaohua engine build" in told.value.line()
