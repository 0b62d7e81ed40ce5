"""The poems suite, on the real engine with a model that cannot write poems."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.conftest import TEST_MODEL
from tests.evaluate.conftest import QUATRAINS, instruction
from zaohua.data.records import Record, Turn
from zaohua.errors import NotFoundError, UsageError
from zaohua.evaluate import evaluate, made
from zaohua.evaluate.lineage import training_data
from zaohua.evaluate.poems.suite import chosen, measured
from zaohua.evaluate.spec import EvaluateSpec
from zaohua.progress import Silent
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts

SPEC = EvaluateSpec(suite="poems", model=TEST_MODEL, data="poems", examples=3, max_tokens=24)


@pytest.fixture(scope="module")
def report(home: Settings) -> Artefact:
    return evaluate(SPEC, settings=home)


def test_a_model_that_writes_no_poems_is_told_apart_from_poets(report: Artefact) -> None:
    found = json.loads((report.path / "report.json").read_bytes())
    assert found["metrics"]["form"] == found["metrics"]["rhyme"] == 0
    assert found["held_out_poems"]["form"] == 1.0
    assert found["held_out_poems"]["rhyme"] == pytest.approx(1.0)
    assert found["held_out_poems"]["copied"] == pytest.approx(1 / 3, abs=1e-4)
    assert found["training_data"] == [f"dataset/poems@{_version(found['data'])}"]
    assert len(found["answers"]) == 3 and found["answers"][0]["answer"]


def test_the_report_is_named_after_model_and_suite(report: Artefact, home: Settings) -> None:
    assert report.name == f"{TEST_MODEL}-poems"
    assert report.manifest.inputs[0].startswith(f"model/{TEST_MODEL}@")
    assert list(report.manifest.metrics)[:3] == ["form", "rhyme", "copied"]
    page = (report.path / "report.md").read_text("utf-8")
    assert "写一首五言绝句。" in page and "≥" not in page and ">= 95%" in page
    assert made(SPEC, settings=home) == report == evaluate(SPEC, settings=home)


def test_asking_again_gives_the_same_bytes(report: Artefact, home: Settings) -> None:
    before = (report.path / "report.json").read_bytes()
    Artefacts(home.home).delete(report.reference)
    assert made(SPEC, settings=home) is None
    again = evaluate(SPEC, settings=home)
    assert (again.path / "report.json").read_bytes() == before


def test_copied_lines_are_those_of_the_train_part(home: Settings) -> None:
    held = chosen([instruction(0, QUATRAINS[1])], 1, 1)
    data = Artefacts(home.home).require("dataset", "poems")
    answers = [QUATRAINS[0]]
    model, real = measured(held, answers, [data], Silent())
    assert model.judged[0].copied and not real.judged[0].copied


def test_the_choice_of_instructions_hangs_on_the_seed_alone() -> None:
    records = [instruction(n, poem) for n, poem in enumerate(QUATRAINS)]
    one = chosen(records, 2, 1)
    assert one == chosen(reversed(records), 2, 1)
    assert {tuple(chosen(records, 1, seed)) for seed in range(12)} != {tuple(one[:1])}


def test_of_a_conversation_the_last_instruction_is_asked_after_what_was_said_before() -> None:
    first, last = instruction(0, QUATRAINS[0]), instruction(1, QUATRAINS[1])
    turns = (Turn("system", "写诗。"), *first.messages, *last.messages)
    (held,) = chosen([replace(last, messages=turns)], 5, 1)
    assert [turn.content for turn in held.before] == [turn.content for turn in first.messages]
    assert (held.prompt, held.poem) == ("写一首五言绝句。", QUATRAINS[1])


def test_other_conversations_are_passed_over(home: Settings) -> None:
    talk = Record("made", 0, messages=(Turn("user", "你好"), Turn("assistant", "你好。")))
    assert chosen([talk], 5, 1) == []
    with pytest.raises(UsageError, match="no instruction for poems"):
        evaluate(SPEC.model_copy(update={"data": "cities"}), settings=home)


def test_training_data_is_found_through_the_lineage(writer: Artefact, home: Settings) -> None:
    data = Artefacts(home.home).require("dataset", "poems")
    found = [one.name for one in training_data("writer", data, home)]
    assert found == ["mixed", "poems"]


def test_a_checkpoint_has_to_be_exported_first(writer: Artefact, home: Settings) -> None:
    with pytest.raises(UsageError, match="export it first: zaohua models export writer"):
        evaluate(SPEC.model_copy(update={"model": "writer"}), settings=home)


def test_a_model_or_data_set_that_is_not_there_gives_one_line(home: Settings) -> None:
    with pytest.raises(NotFoundError, match="no model 'nobody'"):
        evaluate(SPEC.model_copy(update={"model": "nobody"}), settings=home)
    with pytest.raises(NotFoundError, match="no dataset 'poem'"):
        evaluate(SPEC.model_copy(update={"data": "poem"}), settings=home)


def _version(reference: str) -> str:
    return reference.partition("@")[2]
