"""Ways to run a model: measured, chosen, kept, used."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import gguf
import pytest
import pytest_asyncio

from tests.generate.streams import ask
from zaohua.generate.collect import collect
from zaohua.generate.formats import derived, identity, in_format
from zaohua.generate.pool import Pool
from zaohua.generate.request import Sampling
from zaohua.generate.routed import RoutedEngine
from zaohua.generate.setups import Setup
from zaohua.generate.tuning import kept, measuring, quality, tuning
from zaohua.generate.tuning.choosing import chosen, explained
from zaohua.generate.tuning.figures import WORKLOADS, Figures
from zaohua.generate.tuning.kept import Row, Tuned
from zaohua.generate.tuning.tuning import candidates, fastest, remarks, tune
from zaohua.hardware import hardware
from zaohua.progress import Silent
from zaohua.settings import Settings
from zaohua.store.gguf import read_metadata
from zaohua.store.models import InstalledModel, import_file, remove

FAST = Figures(short_prompt=200, long_prompt=200, one=40, four=80, eight=100, memory=1)
READER = replace(FAST, long_prompt=1000, one=30, eight=90)
OPENVINO, USUAL, SMALL = Setup("openvino", "int8"), Setup(), Setup(weights="q4_0")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def settings(home: Path) -> Settings:
    return Settings(home=home, model="small", context_length=2048, threads=1)


@pytest.fixture(scope="module")
def model(test_model: InstalledModel, settings: Settings) -> InstalledModel:
    return import_file(settings, test_model.path, name="small")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tuned(model: InstalledModel, settings: Settings) -> Tuned:
    """llama.cpp's ways only: the others take as long again. Short prompts, answers and texts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring, "LONG", 256)
        patch.setattr(measuring, "ANSWER", 8)
        patch.setattr(quality, "TEXTS", dict(list(quality.TEXTS.items())[:1]))
        patch.setattr(tuning, "find_spec", lambda name: None)
        return await tune(model, settings)


@pytest.mark.asyncio(loop_scope="module")
async def test_each_way_is_measured(tuned: Tuned) -> None:
    assert [row.setup for row in tuned.rows] == [SMALL, USUAL]
    for row in tuned.rows:
        assert row.figures is not None
        assert not row.failure
        assert row.figures.short_prompt > 5
        assert row.figures.one > 1
        assert row.figures.memory > 50e6
    first = tuned.rows[0].figures
    assert first is not None
    assert min(first.long_prompt, first.four, first.eight) > 0, "the first is measured whole"


@pytest.mark.asyncio(loop_scope="module")
async def test_what_smaller_weights_lose_is_measured(tuned: Tuned) -> None:
    small, own = (row.bits for row in tuned.rows)
    if SMALL in tuned.best.values() or small:
        assert 0.5 < own < 3
        assert 0.9 < small / own < 1.2


@pytest.mark.asyncio(loop_scope="module")
async def test_what_was_found_is_kept_and_used(
    tuned: Tuned, model: InstalledModel, settings: Settings
) -> None:
    assert kept.load(model, settings.home) == tuned
    assert chosen(model, settings) == tuned.best["chat"]
    pool = Pool(settings)
    assert "fastest here for chat" in pool.explain()
    async with pool.use() as engine:
        answer = await collect(
            engine.chat(ask("Name three fruits.", sampling=Sampling(24, temperature=0)))
        )
    await pool.aclose()
    assert any(fruit in answer.text.lower() for fruit in ("apple", "banana"))


def test_another_machine_has_to_measure_anew(
    model: InstalledModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(model, tmp_path, OPENVINO)
    assert kept.load(model, tmp_path) is not None
    here = kept.machine(tmp_path)
    for what, other in {"processor": "a new one", "cores": 99}.items():
        with monkeypatch.context() as patch:
            patch.setattr(
                kept, "machine", lambda home, what=what, other=other: {**here, what: other}
            )
            assert kept.load(model, tmp_path) is None
    assert kept.load(replace(model, sha256="0" * 64), tmp_path) is None


@pytest.mark.parametrize(
    ("program", "now"), [("llamacpp-native", "a build"), ("openvino", "next"), ("openvino", "")]
)
def test_other_engines_make_a_record_old_and_only_their_going_ends_it(
    model: InstalledModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, now: str
) -> None:
    keep(model, tmp_path, OPENVINO)
    here = {**kept.machine(tmp_path), program: now}
    monkeypatch.setattr(kept, "machine", lambda home: here)
    tuned, settings = kept.load(model, tmp_path), Settings(home=tmp_path)
    assert tuned is not None
    assert tuned.changed == (program,)
    assert chosen(model, settings) == (OPENVINO if now else USUAL)
    assert ("engines have changed since" in explained(model, settings)) == bool(now)
    assert ("not measured here yet" in explained(model, settings)) == (not now)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"model": "x"}', b"\xff"])
def test_a_damaged_record_is_none(model: InstalledModel, tmp_path: Path, damage: bytes) -> None:
    keep(model, tmp_path, OPENVINO)
    [record] = (tmp_path / "tuning").iterdir()
    record.write_bytes(damage)
    assert kept.load(model, tmp_path) is None
    assert "not measured here yet" in explained(model, Settings(home=tmp_path))


def test_settings_come_before_what_was_measured(model: InstalledModel, tmp_path: Path) -> None:
    keep(model, tmp_path, OPENVINO)
    assert chosen(model, Settings(home=tmp_path)) == OPENVINO
    assert chosen(model, Settings(home=tmp_path, engine="llamacpp")) == USUAL
    assert chosen(model, Settings(home=tmp_path, workload="documents")) == SMALL


@pytest.mark.parametrize("weights", ["as is", "q4_0"])
def test_ways_that_are_gone_count_as_not_measured(
    model: InstalledModel, tmp_path: Path, weights: str
) -> None:
    keep(model, tmp_path, OPENVINO)
    [record] = (tmp_path / "tuning").iterdir()
    record.write_text(record.read_text().replace('"int8"', json.dumps(weights)))
    tuned = kept.load(model, tmp_path)
    assert tuned is not None
    assert [row.setup for row in tuned.rows] == [SMALL]
    assert tuned.best == {"documents": SMALL}
    assert chosen(model, Settings(home=tmp_path)) == USUAL
    assert "not measured here yet" in explained(model, Settings(home=tmp_path))
    assert chosen(model, Settings(home=tmp_path, workload="documents")) == SMALL


def test_openvino_is_asked_for_only_with_weights_that_it_runs() -> None:
    with pytest.raises(ValueError, match="as is"):
        Setup("openvino")


@pytest.mark.parametrize(("architecture", "best"), [("qwen2", OPENVINO), ("gemma3", USUAL)])
def test_openvino_that_nobody_measured_takes_eight_bits(
    model: InstalledModel, tmp_path: Path, architecture: str, best: Setup
) -> None:
    other = replace(model, metadata={**model.metadata, "architecture": architecture})
    assert chosen(other, Settings(home=tmp_path, engine="openvino")) == best


def keep(model: InstalledModel, home: Path, best: Setup) -> None:
    """A record by which ``best`` is for all but documents."""
    rows = (Row(best, FAST), Row(SMALL, None, "it does not run"))
    found = {**dict.fromkeys(WORKLOADS, best), "documents": SMALL}
    kept.save(Tuned(model.name, kept.machine(home), rows, found), model, home)


def test_each_kind_of_work_has_its_best() -> None:
    rows = [Row(USUAL, FAST), Row(OPENVINO, READER)]
    assert fastest(rows, "chat") == USUAL
    assert fastest(rows, "readers") == USUAL
    assert fastest(rows, "documents") == OPENVINO


def test_weights_that_lose_too_much_are_not_chosen() -> None:
    slow = replace(FAST, one=20)
    assert fastest([Row(SMALL, FAST, bits=1.02), Row(USUAL, slow, bits=1.0)], "chat") == SMALL
    assert fastest([Row(SMALL, FAST, bits=1.04), Row(USUAL, slow, bits=1.0)], "chat") == USUAL


@pytest.mark.asyncio
async def test_what_is_chosen_in_place_of_bad_weights_is_weighed_too(
    model: InstalledModel, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = tuning._Bench(model, settings, hardware(), Silent())
    rows = [Row(Setup("openvino", "int4"), replace(FAST, one=60)), Row(USUAL, FAST)]
    rows.insert(1, Row(Setup("openvino", "int8"), replace(FAST, one=50)))
    bits = {"int4": 1.3, "int8": 1.01, "as is": 1.0}

    async def told(self: object, setup: Setup) -> float:
        return bits[setup.weights]

    monkeypatch.setattr(tuning._Bench, "_bits", told)
    assert [row.bits for row in await bench.weighed(rows)] == [1.3, 1.01, 1.0]
    bits["int8"] = 1.2
    assert fastest(await bench.weighed(rows), "chat") == USUAL


def test_what_does_not_run_or_was_not_measured_whole_is_not_chosen() -> None:
    assert fastest([Row(SMALL, None, "no"), Row(USUAL, FAST)], "chat") == USUAL
    assert fastest([Row(SMALL, None, "no")], "chat") == USUAL
    half = replace(FAST, one=99, eight=0.0)
    assert fastest([Row(SMALL, half), Row(USUAL, FAST)], "readers") == USUAL


def test_only_what_is_here_is_tried(model: InstalledModel) -> None:
    def tried(which: InstalledModel, **here: Any) -> list[str]:
        return [setup.label for setup in candidates(which, **{"compiled": (), **here})]

    assert tried(model, openvino=False, bf16=True) == ["llama.cpp, Q4_0", "llama.cpp"]
    graphs = ["OpenVINO f32, INT4", "OpenVINO f32, INT8"]
    assert tried(model, openvino=True, bf16=False)[:2] == graphs
    both = [label.replace("f32", how) for label in graphs for how in ("mixed", "f32")]
    assert tried(model, openvino=True, bf16=True)[:4] == both
    small = replace(model, metadata={**model.metadata, "quantisation": "Q4_0"})
    assert tried(small, openvino=False, bf16=False) == ["llama.cpp"]
    native = ["llama.cpp compiled here, Q4_0", "llama.cpp compiled here"]
    compiled = ["ik_llama.cpp compiled here, Q4_0", *native]
    both_made = {"llama.cpp", "ik_llama.cpp"}
    assert tried(model, openvino=False, bf16=False, compiled=both_made)[:3] == compiled
    other = replace(model, metadata={**model.metadata, "architecture": "gemma3"})
    strange = tried(other, openvino=True, bf16=False, compiled=both_made)
    assert not any("OpenVINO" in label or "ik" in label for label in strange)


def test_a_person_is_told_what_spoils_the_figures() -> None:
    assert list(remarks(openvino=True, busy=3.0)) == []
    missing, busy = remarks(openvino=False, busy=50.0)
    assert "zaohua[openvino]" in missing
    assert "50 %" in busy


def test_all_matrices_get_the_format_once(test_model: InstalledModel, tmp_path: Path) -> None:
    assert in_format(test_model, "as is", tmp_path) == test_model.path
    small = in_format(test_model, "q4_0", tmp_path)
    assert small == derived(test_model, tmp_path, "all-q4_0.gguf")
    told = read_metadata(small)
    assert told["quantisation"] == "Q4_0"
    assert set(told["tensor_types"]) == {0, 2}
    before = {tensor.name: tensor for tensor in gguf.GGUFReader(test_model.path).tensors}
    after = gguf.GGUFReader(small).tensors
    assert {t.name: list(t.shape) for t in after} == {n: list(t.shape) for n, t in before.items()}
    for tensor in one_of_each(after):
        original = before[tensor.name]
        exact = gguf.dequantize(original.data, original.tensor_type)
        rounded = gguf.dequantize(tensor.data, tensor.tensor_type)
        assert abs(exact - rounded).mean() <= 0.15 * abs(exact).mean()
    written = small.stat().st_mtime_ns
    assert in_format(test_model, "q4_0", tmp_path).stat().st_mtime_ns == written


def one_of_each(tensors: list[gguf.ReaderTensor]) -> Iterable[gguf.ReaderTensor]:
    """A tensor of each part of a block, and those outside of the blocks."""
    return {re.sub(r"^blk\.\d+\.", "", one.name): one for one in tensors}.values()


def test_weights_made_of_a_model_go_with_it(test_model: InstalledModel, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    model = import_file(settings, test_model.path, name="leaving")
    small = derived(model, tmp_path, "all-q4_0.gguf")
    small.parent.mkdir(parents=True)
    small.touch()
    assert in_format(model, "q4_0", tmp_path) == small
    remove(settings, "leaving")
    assert not small.exists()


def test_files_outside_the_store_are_told_apart(test_model: InstalledModel, tmp_path: Path) -> None:
    one, other = tmp_path / "a.gguf", tmp_path / "b.gguf"
    for path in (one, other):
        path.write_bytes(b"x")
    bare = replace(test_model, sha256="", path=one)
    assert identity(bare) != identity(replace(bare, path=other))
    known = identity(bare)
    assert identity(bare) == known
    one.write_bytes(b"longer")
    assert identity(bare) != known
    assert identity(test_model) == test_model.sha256


@pytest.mark.slow
async def test_all_engines_are_measured(model: InstalledModel, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, model="small", context_length=2048)
    found = import_file(settings, model.path, name="small")
    tuned = await tune(found, settings)
    assert {row.setup.program for row in tuned.rows} == {"llamacpp", "openvino"}
    assert all(row.figures is not None for row in tuned.rows)
    json.dumps(asdict(tuned))
    pool = Pool(settings.model_copy(update={"engine": "openvino"}))
    async with pool.use() as engine:
        assert isinstance(engine, RoutedEngine)
    await pool.aclose()
