"""The whole of preparation on small corpora: what comes out, in which order, and what is told."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from tests.data.prepare.making import (
    chinese,
    content,
    corpus,
    english,
    texts,
    told,
    write_jsonl,
)
from zaohua.data.cleaning.mixing import part_of
from zaohua.data.dataset import from_line, records, shard_lines, shards
from zaohua.data.prepare import DataSpec, made, prepare, sources
from zaohua.data.readers import read
from zaohua.data.records import Record
from zaohua.settings import Settings


@pytest.fixture
def small_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "TASK_CHARACTERS", 4000)


def spec(*paths: Path, **options: object) -> DataSpec:
    return DataSpec.model_validate({"sources": [{"path": str(p)} for p in paths], **options})


def step(report: dict, name: str) -> dict:
    return next(step for step in report["steps"] if step["name"] == name)


def test_what_is_prepared_can_be_read_and_adds_up(tmp_path, settings):
    prepared = prepare("x", spec(corpus(tmp_path / "a.jsonl"), validation=0.1), settings=settings)
    train, validation = (list(records(prepared.path, part)) for part in ("train", "validation"))
    assert prepared.manifest.metrics["train_documents"] == len(train) > 80
    assert prepared.manifest.metrics["validation_documents"] == len(validation) > 3
    report = told(prepared)
    assert step(report, "read")["seen"] == 200
    dropped = sum(sum(s["reasons"].values()) for s in report["steps"])
    assert 200 - dropped == len(train) + len(validation)
    long = [text for text in texts(1, 200) if len(text) > 5]
    assert step(report, "duplicates")["reasons"] == {"duplicate": len(long) - len(set(long))}
    assert step(report, "near_duplicates")["reasons"]["near_duplicate"] > 10
    assert step(report, "length")["reasons"] == {"too_short": 25}
    characters = sum(len(record.text) for record in (*train, *validation))
    assert prepared.manifest.metrics["characters"] == characters
    assert {record.meta["language"] for record in train} == {"zh", "en"}


def test_each_steps_figures_begin_where_the_last_ones_end(tmp_path, settings):
    prepared = prepare("x", spec(corpus(tmp_path / "a.jsonl"), preset="web"), settings=settings)
    steps = told(prepared)["steps"]
    for before, after in pairwise(steps):
        assert before["kept"] == after["seen"]
        assert before["bytes_out"] == after["bytes_in"]
        assert before["characters_out"] == after["characters_in"]
    parts = told(prepared)["parts"]
    assert steps[-1]["kept"] == sum(part["documents"] for part in parts.values())
    assert steps[-1]["bytes_out"] == sum(part["bytes"] for part in parts.values())


def test_the_split_is_by_the_text_of_each_document(tmp_path, settings):
    prepared = prepare("x", spec(corpus(tmp_path / "a.jsonl"), validation=0.2), settings=settings)
    for part in ("train", "validation"):
        assert all(part_of(record, 0.2) == part for record in records(prepared.path, part))


def test_any_number_of_workers_gives_the_same_bytes(tmp_path, small_tasks):
    path = corpus(tmp_path / "a.jsonl", count=400)
    options = {"preset": "web", "keep_rejects": True, "shard_bytes": 10_000}
    found = []
    for workers in (1, 2, 3):
        home = Settings(home=tmp_path / f"home{workers}")
        prepared = prepare("x", spec(path, workers=workers, **options), settings=home)
        found.append(content(prepared))
    assert found[0] == found[1] == found[2]
    assert len([name for name in found[0] if name.startswith("train-")]) > 3


def test_asking_again_makes_nothing_and_another_recipe_makes_another(tmp_path, settings):
    path = corpus(tmp_path / "a.jsonl")
    first = prepare("x", spec(path), settings=settings)
    stamp = (first.path / "report.json").stat().st_mtime_ns
    again = prepare("x", spec(path, workers=2), settings=settings)
    assert again == first and (again.path / "report.json").stat().st_mtime_ns == stamp
    assert prepare("x", spec(path, preset="verse"), settings=settings).path != first.path
    corpus(path, seed=2)
    assert prepare("x", spec(path), settings=settings).path != first.path


def test_what_is_made_can_be_asked_for_without_making_it(tmp_path, settings):
    asked = spec(corpus(tmp_path / "a.jsonl"))
    assert made("x", asked, settings=settings) is None
    assert prepare("x", asked, settings=settings) == made("x", asked, settings=settings)


def test_forms_of_one_work_are_on_one_side(tmp_path, settings):
    rng = random.Random(9)
    rows = [{"text": chinese(rng, 2), "split_key": f"poem {i // 2}"} for i in range(200)]
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    prepared = prepare("x", spec(path, preset="none", validation=0.3), settings=settings)
    sides = [
        {record.meta["split_key"] for record in records(prepared.path, part)}
        for part in ("train", "validation")
    ]
    assert not sides[0] & sides[1] and len(sides[1]) > 15


def test_nothing_of_the_work_is_left_over(tmp_path, settings):
    prepared = prepare(
        "x", spec(corpus(tmp_path / "a.jsonl"), keep_rejects=True), settings=settings
    )
    names = {name.split("-")[0].split("/")[0] for name in content(prepared)}
    assert names == {"train", "validation", "rejects", "README.md", "report.html", "report.json"}
    assert not [p for p in prepared.path.parent.iterdir() if p.name.endswith(".work")]


def test_rejects_are_kept_with_their_reasons_when_asked_for(tmp_path, settings):
    path = corpus(tmp_path / "a.jsonl")
    prepared = prepare("x", spec(path, keep_rejects=True, preset="web"), settings=settings)
    for told_step in told(prepared)["steps"]:
        file = prepared.path / "rejects" / f"{told_step['name']}.jsonl.zst"
        assert file.exists() == bool(told_step["reasons"])
        if file.exists():
            lost = [from_line(line) for line in shard_lines(file)]
            assert Counter(r.meta["dropped"] for r in lost) == told_step["reasons"]
    kept = sum(prepared.manifest.metrics[f"{part}_documents"] for part in ("train", "validation"))
    total = sum(1 for file in (prepared.path / "rejects").iterdir() for _ in shard_lines(file))
    assert kept + total == 200


def test_a_prepared_set_is_a_source_for_the_readers(tmp_path, settings):
    prepared = prepare("x", spec(corpus(tmp_path / "a.jsonl"), validation=0), settings=settings)
    again = [r.text for r in read(shards(prepared.path, "train")) if isinstance(r, Record)]
    assert again == [record.text for record in records(prepared.path, "train")]


def test_repeated_lines_are_taken_out_and_the_figures_say_so(tmp_path, settings):
    rng = random.Random(3)
    banner = "Welcome to the pages of our little town on the river."
    rows = [{"text": f"{banner}\n{english(rng, 12)}"} for _ in range(30)]
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    wanted = spec(path, clean={"duplicate_lines": True}, preset="documents", validation=0.2)
    prepared = prepare("x", wanted, settings=settings)
    found = [r for part in ("train", "validation") for r in records(prepared.path, part)]
    assert len(found) == 30 and sum(banner in record.text for record in found) == 1
    line = step(told(prepared), "duplicate_lines")
    assert line["changed"] == 29
    assert line["characters_in"] - line["characters_out"] == 29 * (len(banner) + 1)
    assert prepared.manifest.metrics["characters"] == sum(len(r.text) for r in found)
    for part in ("train", "validation"):
        assert all(part_of(record, 0.2) == part for record in records(prepared.path, part))


def test_a_mixture_holds_its_shares_and_validation_holds_each_document_once(tmp_path, settings):
    rng = random.Random(4)
    first = write_jsonl(tmp_path / "a.jsonl", [{"text": chinese(rng)} for _ in range(300)])
    second = write_jsonl(tmp_path / "b.jsonl", [{"text": english(rng, 3)} for _ in range(60)])
    asked = DataSpec.model_validate(
        {
            "sources": [
                {"path": str(first), "weight": 3},
                {"path": str(second), "weight": 1, "passes": 2},
            ],
            "mix": "first",
            "preset": "none",
            "validation": 0.1,
        }
    )
    prepared = prepare("x", asked, settings=settings)
    sizes: Counter[str] = Counter()
    for record in records(prepared.path, "train"):
        sizes[Path(record.source).name] += len(record.text)
    assert 0.73 < sizes["a.jsonl"] / sizes.total() < 0.77
    assert (
        len({r.position for r in records(prepared.path, "train") if r.source == str(second)}) > 40
    )
    validation = [(r.source, r.position) for r in records(prepared.path, "validation")]
    assert len(validation) == len(set(validation)) > 20


def test_a_source_can_switch_steps_for_itself(tmp_path, settings):
    first = corpus(tmp_path / "a.jsonl", seed=1)
    second = write_jsonl(tmp_path / "b.jsonl", [{"text": "嗯"}] * 3)
    asked = DataSpec.model_validate(
        {
            "sources": [
                {"path": str(first)},
                {"path": str(second), "clean": {"length": False, "duplicates": False}},
            ]
        }
    )
    prepared = prepare("x", asked, settings=settings)
    found = Counter(
        Path(r.source).name for p in ("train", "validation") for r in records(prepared.path, p)
    )
    assert found["b.jsonl"] == 3
    assert step(told(prepared), "length")["reasons"] == {"too_short": 25}


def test_texts_of_an_evaluation_set_do_not_occur(tmp_path, settings):
    rng = random.Random(5)
    question, answer = chinese(rng, 6), english(rng, 3)
    rows = [{"text": english(rng)} for _ in range(20)]
    rows += [{"text": chinese(rng) + question}, {"text": f"{english(rng, 2)} {answer}"}]
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    tests = write_jsonl(tmp_path / "test.jsonl", [{"instruction": question, "output": answer}])
    by_file = prepare("x", spec(path, decontaminate=[str(tests)]), settings=settings)
    assert step(told(by_file), "contamination")["reasons"] == {"contaminated": 2}
    prepare("evalset", spec(tests, preset="none", validation=0), settings=settings)
    by_name = prepare("x", spec(path, decontaminate=["evalset"]), settings=settings)
    assert content(by_name)["train-00000.jsonl.zst"] == content(by_file)["train-00000.jsonl.zst"]
    assert any(entry.startswith("dataset/evalset@") for entry in by_name.manifest.inputs)


def test_conversations_and_labelled_texts_keep_their_form(tmp_path, settings):
    rng = random.Random(6)
    talk = [
        {
            "messages": [
                {"role": "user", "content": chinese(rng, 1)},
                {"role": "assistant", "content": english(rng, 1)},
            ]
        }
        for _ in range(20)
    ]
    path = write_jsonl(tmp_path / "chat.jsonl", talk)
    prepared = prepare("chat", spec(path, preset="chat", validation=0.1), settings=settings)
    assert {r.kind for r in records(prepared.path, "train")} == {"chat"}
    rows = [{"text": chinese(rng, 2), "label": ("bad", "good")[i % 2]} for i in range(40)]
    path = write_jsonl(tmp_path / "labelled.jsonl", rows)
    asked = spec(path, preset="labelled", labels=["good", "bad"], validation=0.2)
    prepared = prepare("labelled", asked, settings=settings)
    parts = told(prepared)["parts"]
    assert Counter(parts["train"]["labels"]) + Counter(parts["validation"]["labels"]) == {
        "bad": 20,
        "good": 20,
    }


def test_at_most_so_many_records_of_a_source_are_taken(tmp_path, settings):
    path = corpus(tmp_path / "a.jsonl")
    asked = DataSpec.model_validate(
        {"sources": [{"path": str(path), "limit": 7}], "preset": "none", "validation": 0}
    )
    prepared = prepare("x", asked, settings=settings)
    assert [r.position for r in records(prepared.path, "train")] == list(range(7))


def test_small_folders_still_get_a_validation_document(tmp_path, settings):
    rng = random.Random(7)
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text(chinese(rng))
    prepared = prepare("x", spec(tmp_path / "*.txt", validation=0.01), settings=settings)
    assert prepared.manifest.metrics["train_documents"] == 4
    assert prepared.manifest.metrics["validation_documents"] == 1


def test_licences_of_the_sources_are_those_of_the_whole(tmp_path, settings):
    path = corpus(tmp_path / "a.jsonl")
    assert prepare("x", spec(path), settings=settings).manifest.licence == "unknown"
    prepared = prepare("x", spec(path, licence="CC0-1.0"), settings=settings)
    assert prepared.manifest.licence == "CC0-1.0"
