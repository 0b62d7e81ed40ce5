"""llama.cpp compiled here: what is compiled how, tried, kept, run; with a source that is small."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.generate.conftest import small_plan
from tests.generate.native_source import keep_source
from tests.generate.streams import QUOTED, ask
from tests.models import link_models
from zaohua.errors import UnavailableError
from zaohua.generate.collect import collect
from zaohua.generate.events import Chunk
from zaohua.generate.failures import EngineFailed
from zaohua.generate.llamacpp import start_llamacpp, wants_lookup
from zaohua.generate.llamacpp_worker import Q8_0, WorkerConfig
from zaohua.generate.local_engine import LocalEngine
from zaohua.generate.native import builds as kept_builds
from zaohua.generate.native import compiling, toolchain, trial
from zaohua.generate.native.building import build
from zaohua.generate.native.builds import Build, builds, built, keep, recipe_of, remove
from zaohua.generate.native.instructions import (
    INSTRUCTIONS,
    cmake_options,
    compiler_options,
    usable,
)
from zaohua.generate.native.products import IK, LLAMACPP
from zaohua.generate.native.source import unpack
from zaohua.generate.native.worker import arguments, environment
from zaohua.generate.pool import Pool
from zaohua.generate.request import Sampling
from zaohua.generate.routed import RoutedEngine
from zaohua.generate.setups import Setup, start
from zaohua.generate.tuning import kept
from zaohua.generate.tuning.choosing import chosen, explained
from zaohua.progress import Silent
from zaohua.settings import Settings
from zaohua.store.models import InstalledModel

AVX2 = {"sse4_2", "avx", "avx2", "f16c", "fma", "bmi2"}
AVX512 = {"avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw"}
SHORT = Sampling(max_tokens=4, temperature=0)
LONG = Sampling(max_tokens=1500, logit_bias={2: -100})


class Interrupting(Silent):
    """Ctrl-C at the eighth step; the first are headers."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.steps = 0

    def advance(self, amount: int) -> None:
        self.steps += amount
        if self.steps >= 8:
            raise KeyboardInterrupt

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture(scope="module")
def made(
    model_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, Build]]:
    """A home with the test model and the small source, compiled."""
    home = tmp_path_factory.mktemp("home")
    link_models(model_home, home)
    settings = Settings(home=home, model="smollm2-135m", context_length=1024, slots=2, threads=1)
    with pytest.MonkeyPatch.context() as patch:
        product = keep_source(home, tmp_path_factory.mktemp("source"), patch)
        yield settings, build(settings, product)


def test_what_the_processor_has_is_said_one_by_one() -> None:
    assert set(usable(AVX2 | {"amx_tile", "amx_int8", "sse3"})) == AVX2
    wide = usable(AVX2 | AVX512 | {"avx512_vnni", "avx512_bf16"})
    assert set(wide) == AVX2 | {"avx512", "avx512_vnni", "avx512_bf16"}
    partly = AVX2 | {"avx512f", "avx512_vnni"}
    assert set(usable(partly)) == AVX2, "parts of AVX-512 alone are of no use"
    told = cmake_options(wide)
    assert "-DGGML_NATIVE=OFF" in told
    assert "-DGGML_AVX512_VNNI=ON" in told
    assert "-DGGML_AVX512_VBMI=OFF" in told
    assert len(told) == len(INSTRUCTIONS) + 1
    assert not any("AMX" in option for option in told)
    assert cmake_options(()) == ["-DGGML_NATIVE=ON"]
    flags = compiler_options(wide)[-1]
    assert {"-msse4.2", "-mavx512vl", "-mavx512vnni"} < set(flags.partition("=")[2].split())
    assert "amx" not in flags
    assert compiler_options(())[-1] == "-DCMAKE_CXX_FLAGS=-march=native"


def test_the_program_is_compiled_tried_and_kept(made: tuple[Settings, Build]) -> None:
    settings, build_ = made
    assert os.access(build_.file, os.X_OK)
    assert built(settings.home) == build_
    assert build_.instructions == usable(toolchain_flags())
    assert build_.size > 1000
    assert build_.compiler
    assert "llama-server" in (build_.folder / "build.log").read_text()
    left = sorted(path.name for path in (settings.home / "engines").iterdir())
    assert left == [build_.key]
    assert build(settings, build_.product) == build_, "what is there is not made again"


def toolchain_flags() -> frozenset[str]:
    from zaohua.hardware import processor

    return processor().flags


def test_a_program_for_another_processor_or_source_is_not_used(tmp_path: Path) -> None:
    source = kept_builds.PRODUCTS[0].source.sha256
    one = Build(tmp_path / "engines/a", "a", "1", source, ("avx2", "avx512"), "cc", 1.0)
    one.folder.mkdir(parents=True)
    keep(one)
    assert builds(tmp_path) == [], "there is no program"
    one.file.write_bytes(b"x" * 10)
    assert builds(tmp_path) == [one]
    assert built(tmp_path, flags=AVX2 | AVX512) == one
    assert built(tmp_path, flags=AVX2) is None
    keep(replace(one, source="0" * 64))
    assert built(tmp_path, flags=AVX2 | AVX512) is None
    keep(replace(one, recipe="0" * 16))
    assert built(tmp_path, flags=AVX2 | AVX512) is None, "it was told something else"
    for damage in (b"", b"[]", b'{"key": "a"}'):
        (one.folder / "build.json").write_bytes(damage)
        assert builds(tmp_path) == []
    assert remove(tmp_path) > 10
    assert list((tmp_path / "engines").iterdir()) == []
    assert remove(tmp_path) == 0


def test_a_library_of_ours_is_not_used_where_nobody_knows_of_what_it_is(tmp_path: Path) -> None:
    made = Build(tmp_path / "engines/a", "a", "1", IK.source.sha256, (), "cc", 1.0, IK.name)
    made.folder.mkdir(parents=True)
    made.file.write_bytes(b"x")
    keep(made)
    assert built(tmp_path, IK) is None
    keep(replace(made, recipe=recipe_of(IK, ())))
    assert built(tmp_path, IK) is not None


def test_only_what_is_compiled_is_unpacked(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = keep_source(settings.home, tmp_path, monkeypatch)
    folder = unpack(product, settings, tmp_path / "work/source", Silent())
    found = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert {"CMakeLists.txt", "lib.cpp", "main.cpp", "tools/mtmd/models/one.cpp"} < found
    assert not [name for name in found if name.startswith(("docs", "vendor"))]


def test_what_was_compiled_before_an_interruption_is_not_compiled_again(
    model_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path / "home")
    link_models(model_home, settings.home)
    product = keep_source(settings.home, tmp_path, monkeypatch)
    progress = Interrupting()
    with pytest.raises(KeyboardInterrupt):
        build(settings, product, progress=progress)
    assert "the same command goes on" in progress.notes[-1]
    assert builds(settings.home) == []
    [work] = (settings.home / "engines").iterdir()
    objects = {path: path.stat().st_mtime_ns for path in work.rglob("*.o")}
    assert objects
    until = time.monotonic() + 5
    while compilers := [p for p in psutil.process_iter() if str(work) in " ".join(_command(p))]:
        assert time.monotonic() < until, compilers
        time.sleep(0.05)
    monkeypatch.setattr("zaohua.generate.native.building.shutil.rmtree", lambda *_, **__: None)
    monkeypatch.setattr("zaohua.generate.native.building.disagreement", _agrees)
    assert built(settings.home) is None
    assert build(settings, product) == built(settings.home)
    assert {path: path.stat().st_mtime_ns for path in objects} == objects


async def _agrees(*_: object) -> str:
    return ""


def gone(process: psutil.Process) -> bool:
    """Whether it ends within a moment; nobody need have taken notice."""
    for _ in range(40):
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_failing_compiler_is_told_in_a_line(
    model_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path / "home")
    link_models(model_home, settings.home)
    wrong = "int main() { return here; }\n"
    product = keep_source(settings.home, tmp_path, monkeypatch, main_cpp=wrong)
    with pytest.raises(UnavailableError) as told:
        build(settings, product)
    assert "did not compile" in told.value.line()
    assert "here" in told.value.line()
    assert "what there is goes on answering" in told.value.line()
    assert built(settings.home) is None


def test_a_program_that_fails_its_test_is_not_used(
    model_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path / "home", context_length=512, threads=1, slots=1)
    link_models(model_home, settings.home)
    program = tmp_path / "llama-server"
    program.write_text("#!/bin/sh\nkill -SEGV $$\n")
    program.chmod(0o755)
    product = keep_source(settings.home, tmp_path, monkeypatch)
    monkeypatch.setattr("zaohua.generate.native.building.compile_product", lambda *_: program)
    with pytest.raises(UnavailableError, match=r"fails its test .*ended with code -11"):
        build(settings, product)
    assert built(settings.home) is None


def test_without_a_compiler_the_wheel_goes_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    for name in ("CC", "CXX"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UnavailableError) as told:
        build(settings)
    assert told.value.line() == (
        "there is no C++ compiler, and the llama.cpp of the wheel goes on answering: install one: "
        "apt-get install g++"
    )


def test_cmake_from_a_wheel_is_refused_offline(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(toolchain, "OLDEST_CMAKE", (99, 0))
    offline = settings.model_copy(update={"offline": True})
    with pytest.raises(UnavailableError, match="the network may not be used"):
        toolchain.toolchain(offline, tmp_path / "tools", Silent())


@pytest.mark.slow
def test_cmake_and_ninja_come_as_wheels(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(toolchain, "OLDEST_CMAKE", (99, 0))
    tools = toolchain.toolchain(settings, tmp_path / "tools", Silent())
    assert str(tmp_path) in tools.cmake
    assert toolchain._version(tools.cmake) > (4, 0)
    assert toolchain._version(tools.ninja) > (1, 10)


def test_the_first_complaint_is_the_reason() -> None:
    told = ["[1/2] cc", "x.c:1: error: no such thing", "ninja: build stopped"]
    assert compiling._reason(told) == "x.c:1: error: no such thing"
    assert compiling._reason(["-- looking", ""]) == "-- looking"
    assert compiling._reason([]) == "it said nothing"


@pytest.mark.parametrize(("bits", "wrong"), [(203.0, ""), (170.0, "170"), (float("inf"), "inf")])
async def test_texts_must_be_as_likely_to_it_as_to_the_wheel(
    test_model: InstalledModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    bits: float,
    wrong: str,
) -> None:
    costs = iter([200.0, bits])

    async def started(*_: object, **__: object) -> None: ...

    async def cost(engine: None) -> float:
        return next(costs)

    monkeypatch.setattr(trial, "start_llamacpp", started)
    monkeypatch.setattr(trial, "_bits", cost)
    planned = small_plan(test_model, tmp_path)
    found = await trial.disagreement(LLAMACPP, test_model, planned, tmp_path, tmp_path)
    assert wrong in found
    assert bool(found) == bool(wrong)


def test_it_is_told_what_the_wheel_is_told() -> None:
    config = WorkerConfig("m.gguf", "secret", 2048, 4, 2, 64, Q8_0, 128, "chatml")
    told = arguments(config)
    assert "secret" not in told
    pairs = dict(pairwise(told))
    assert pairs["--ctx-size"] == "2048"
    assert pairs["--cache-type-k"] == pairs["--cache-type-v"] == "q8_0"
    assert pairs["--chat-template"] == "chatml"
    assert "--no-slots" in told
    assert environment("secret")["LLAMA_API_KEY"] == "secret"


@pytest.mark.parametrize(("batch", "guessed", "room"), [(64, 15, 128), (32, 15, 128), (8, 3, 32)])
def test_a_step_holds_what_all_slots_guess(batch: int, guessed: int, room: int) -> None:
    config = WorkerConfig("m.gguf", "secret", 2048, 8, 2, batch, lookup=True)
    told = dict(pairwise(arguments(config)))
    assert told["--spec-ngram-map-k-size-m"] == str(guessed)
    assert (told["--cache-type-k"], told["--cache-type-v"]) == ("bf16", "f16")
    assert (told["--batch-size"], told["--ubatch-size"]) == (str(room), str(batch))
    assert replace(config, lookup=False).room == batch


def test_options_for_a_persons_own_servers_do_not_reach_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LLAMA_ARG_CTX_SIZE", "16")
    assert "LLAMA_ARG_CTX_SIZE" not in environment("x")


def test_large_pages_are_asked_for_where_nobody_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    assert environment("x")["GLIBC_TUNABLES"] == "glibc.malloc.hugetlb=1"
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.hugetlb=0")
    assert environment("x")["GLIBC_TUNABLES"] == "glibc.malloc.hugetlb=0"


def test_it_answers_where_nothing_was_measured(
    made: tuple[Settings, Build], test_model: InstalledModel, tmp_path: Path
) -> None:
    settings, build_ = made
    assert chosen(test_model, settings) == Setup("llamacpp-native")
    assert "llama.cpp compiled here (not measured" in explained(test_model, settings)
    named = settings.model_copy(update={"engine": "llamacpp-native"})
    assert chosen(test_model, named) == Setup("llamacpp-native")
    assert chosen(test_model, settings.model_copy(update={"engine": "llamacpp"})) == Setup()
    assert chosen(test_model, named.model_copy(update={"home": tmp_path})) == Setup()
    assert kept.machine(settings.home)["llamacpp-native"] == build_.key
    assert "llamacpp-native" not in kept.machine(tmp_path)


async def test_a_model_is_served_by_it_through_the_pool(made: tuple[Settings, Build]) -> None:
    pool = Pool(made[0])
    async with pool.use() as engine:
        assert engine.info.kind == "llamacpp"
        assert (await collect(engine.chat(ask(sampling=SHORT)))).usage.completion_tokens == 4
        [server] = psutil.Process(engine.pid).children()  # type: ignore[attr-defined]
    await pool.aclose()
    assert gone(server)
    logs = (made[0].home / "logs").glob("llamacpp-*.log")
    assert not [log for log in logs if "one of many lines" in log.read_text()]


async def test_where_it_was_never_compiled_the_way_to_it_is_told(
    test_model: InstalledModel, tmp_path: Path
) -> None:
    with pytest.raises(UnavailableError, match="zaohua engine build"):
        planned = small_plan(test_model, tmp_path)
        await start(test_model, planned, tmp_path, Setup("llamacpp-native"))


@pytest.mark.parametrize("whom", ["worker", "server"])
async def test_killed_in_the_middle_it_is_restarted_and_leaves_nothing_behind(
    made: tuple[Settings, Build], test_model: InstalledModel, tmp_path: Path, whom: str
) -> None:
    planned = small_plan(test_model, tmp_path)
    engine = await start_llamacpp(test_model, planned, tmp_path, server=made[1].file)
    try:
        worker = psutil.Process(engine.pid)
        [server] = worker.children()
        assert engine.key not in " ".join([*worker.cmdline(), *server.cmdline()])
        pieces = 0
        with pytest.raises(EngineFailed):
            async for event in engine.chat(ask(sampling=LONG)):
                pieces += isinstance(event, Chunk)
                if pieces == 3:
                    os.kill(worker.pid if whom == "worker" else server.pid, signal.SIGKILL)
        waiting = asyncio.create_task(collect(engine.chat(ask(sampling=SHORT))))
        assert (await asyncio.wait_for(waiting, 60)).usage.completion_tokens == 4
        assert engine.pid not in {0, worker.pid}
        assert gone(server)
    finally:
        await engine.aclose()


@pytest.mark.alone
async def test_an_answer_that_is_left_makes_room_within_a_second(
    made: tuple[Settings, Build], test_model: InstalledModel, tmp_path: Path
) -> None:
    planned = replace(small_plan(test_model, tmp_path), slots=1)
    engine = await start_llamacpp(test_model, planned, tmp_path, server=made[1].file)
    try:
        answer = engine.chat(ask(sampling=LONG))
        async for event in answer:
            if isinstance(event, Chunk):
                break
        await answer.aclose()
        begun = time.monotonic()
        await collect(engine.chat(ask(sampling=Sampling(max_tokens=1))))
        assert time.monotonic() - begun < 2
    finally:
        await engine.aclose()


@pytest.mark.parametrize("program", ["llamacpp", "llamacpp-native"])
async def test_looking_up_the_prompt_gives_the_same_answer(
    made: tuple[Settings, Build], test_model: InstalledModel, program: Any
) -> None:
    home = made[0].home
    engine = await start(test_model, small_plan(test_model, home), home, Setup(program))
    try:
        sampling = Sampling(max_tokens=100, temperature=0)
        usual = await collect(engine.chat(ask(QUOTED, sampling=sampling)))
        asked = ask(QUOTED, sampling=sampling, prompt_lookup=True)
        found = await collect(engine.chat(asked))
        assert found.text == usual.text
        assert usual.usage.guessed_tokens == 0
        assert 10 < found.usage.accepted_tokens <= found.usage.guessed_tokens
        told = Sampling(max_tokens=20, temperature=0, logprobs=True)
        answer = (
            await collect(engine.chat(ask(QUOTED, sampling=told, prompt_lookup=True)))
        ).answers[0]
        assert len(answer.logprobs) == 20, "who asks for probabilities gets them"
    finally:
        await engine.aclose()


async def test_texts_that_nobody_goes_on_with_leave_the_keys_where_it_is_looked_up(
    made: tuple[Settings, Build], test_model: InstalledModel
) -> None:
    """llama.cpp clears an idle slot only where it may keep its text elsewhere."""
    home = made[0].home
    planned = replace(small_plan(test_model, home), prefix_cache=2**30)
    engine = await start(test_model, planned, home, Setup("llamacpp-native"))
    try:
        await collect(engine.chat(ask(sampling=SHORT, prompt_lookup=True)))
        started = [child.cmdline() for child in psutil.Process().children(recursive=True)]
        [looking_up] = [options for options in started if "--spec-type" in options]
        assert looking_up[looking_up.index("--cache-ram") + 1] == "64"
    finally:
        await engine.aclose()


async def test_all_slots_can_guess_at_once(test_model: InstalledModel, tmp_path: Path) -> None:
    """llama.cpp ended itself where their guesses were more than a batch."""
    planned = replace(small_plan(test_model, tmp_path), batch=8)
    assert planned.slots > 2
    engine = await start_llamacpp(test_model, planned, tmp_path, lookup=True)
    worker = engine.pid
    try:
        sampling = Sampling(max_tokens=60, temperature=0)
        asked = ask(QUOTED, sampling=sampling, prompt_lookup=True)
        answers = [collect(engine.chat(asked)) for _ in range(planned.slots)]
        told = await asyncio.gather(*answers)
        assert all(answer.usage.accepted_tokens for answer in told)
        assert engine.pid == worker
    finally:
        await engine.aclose()


async def test_where_there_is_no_room_for_looking_up_it_goes_without(
    test_model: InstalledModel, tmp_path: Path
) -> None:
    async def no_room() -> LocalEngine:
        raise EngineFailed("there is not enough memory")

    usual = await start_llamacpp(test_model, small_plan(test_model, tmp_path), tmp_path)
    engine = RoutedEngine(usual, no_room, wants_lookup, needed=False, name="another")
    try:
        asked = ask(sampling=SHORT, prompt_lookup=True)
        assert (await collect(engine.chat(asked))).usage.completion_tokens == 4
    finally:
        await engine.aclose()


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_real_source_compiles_and_proves_itself(model_home: Path, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    link_models(model_home, settings.home)
    assert build(settings) == built(settings.home)
