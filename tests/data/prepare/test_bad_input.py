"""What can go wrong with the input, the labels and the disk: one line, nothing lost."""

from __future__ import annotations

import errno
import gzip
import random
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from tests.data.prepare.making import chinese, content, corpus, english, told, write_jsonl
from zaohua.data.dataset import records
from zaohua.data.prepare import DataSpec, prepare, sources
from zaohua.errors import NotFoundError, UnavailableError, UsageError, ZaohuaError
from zaohua.progress import Silent
from zaohua.settings import Settings


class Notes(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)


def spec(*paths: Path, **options: object) -> DataSpec:
    return DataSpec.model_validate({"sources": [{"path": str(p)} for p in paths], **options})


def test_damaged_files_in_a_folder_are_skipped_told_and_counted(tmp_path, settings):
    folder = tmp_path / "in"
    folder.mkdir()
    rng = random.Random(1)
    corpus(folder / "a.jsonl", 1, 40)
    whole = gzip.compress(b"".join(b'{"text": "%s"}\n' % english(rng).encode() for _ in range(400)))
    (folder / "b.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    (folder / "c.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog" + b"\0" * 200)
    table = pyarrow.table({"text": [chinese(rng) for _ in range(500)]})
    pyarrow.parquet.write_table(table, folder / "d.parquet")
    parquet = bytearray((folder / "d.parquet").read_bytes())
    parquet[1000:1200] = b"\xff" * 200
    (folder / "d.parquet").write_bytes(parquet)
    (folder / "e.jsonl").write_text('{"text": "ok ok"}\n{broken\n')
    corpus(folder / "f.jsonl", 2, 40)
    notes = Notes()
    made = prepare("x", spec(folder, preset="none"), settings=settings, progress=notes)
    unreadable = told(made)["unreadable"]
    assert {Path(item["source"]).name for item in unreadable["examples"]} == {
        "b.jsonl.gz",
        "c.pdf",
        "d.parquet",
        "e.jsonl",
    }
    assert unreadable["count"] == sum(unreadable["reasons"].values()) == 4
    assert len([line for line in notes.said if line.startswith("skipped ")]) == 3
    found = {Path(r.source).name for p in ("train", "validation") for r in records(made.path, p)}
    assert {"a.jsonl", "e.jsonl", "f.jsonl"} <= found


def test_endless_rubbish_does_not_make_endless_reasons(tmp_path, settings):
    lines = [f'{{"{number}x": 1, "k{number * 7}": {{"a": [}}' for number in range(3000)]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines))
    corpus(tmp_path / "b.jsonl")
    made = prepare("x", spec(path, tmp_path / "b.jsonl"), settings=settings)
    unreadable = told(made)["unreadable"]
    assert unreadable["count"] == 3000
    assert len(unreadable["reasons"]) <= 51 and len(unreadable["examples"]) == 20


@pytest.mark.parametrize(
    ("rows", "options", "said"),
    [
        ([{"text": "你好，世界，今天天气很好。"}], {}, "only one document is left"),
        (
            [{"text": "同一篇文章的文字内容。"}] * 3,
            {"clean": {"duplicates": False, "near_duplicates": False}},
            "all documents left are equal",
        ),
        ([{"text": "短"}] * 5, {}, "no document is left.*5 read, 5 length: too_short"),
        ([{"nothing": 1}], {}, "no document is left.*1 not readable.*no field that is known"),
    ],
)
def test_too_little_is_one_clear_line(tmp_path, settings, rows, options, said):
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    with pytest.raises(UsageError, match=said) as caught:
        prepare("x", spec(path, **options), settings=settings)
    assert "\n" not in str(caught.value)


def test_an_empty_file_and_an_empty_folder_are_told(tmp_path, settings):
    (tmp_path / "a.txt").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match=r"no document is left.*1 not readable.*empty file"):
        prepare("x", spec(tmp_path / "a.txt"), settings=settings)
    with pytest.raises(UsageError, match=r"no document is left.*hold no records"):
        prepare("x", spec(tmp_path / "folder"), settings=settings)


def test_one_document_is_enough_without_validation(tmp_path, settings):
    path = write_jsonl(tmp_path / "a.jsonl", [{"text": "你好，世界，今天天气很好。"}])
    made = prepare("x", spec(path, validation=0), settings=settings)
    assert len(list(records(made.path, "train"))) == 1


def test_a_path_that_is_not_there_is_told_before_anything_is_made(tmp_path, settings):
    with pytest.raises(NotFoundError, match=r"no such file.*nowhere"):
        prepare("x", spec(tmp_path / "nowhere.txt"), settings=settings)
    assert not (settings.home / "artefacts").exists()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({}, "exactly one of 'path', 'set' and 'hub'"),
        ({"path": "a", "set": "b"}, "exactly one of 'path', 'set' and 'hub'"),
        ({"path": "a", "options": {"text_unot": "line"}}, "no option 'text_unot'.*'text_unit'"),
        ({"path": "a", "options": {"text_unit": "word"}}, "text_unit"),
        ({"path": "a", "format": "docs"}, "no such format"),
    ],
)
def test_a_source_that_cannot_be_is_one_line(source, said, settings):
    with pytest.raises(ZaohuaError, match=said) as caught:
        prepare("x", DataSpec.model_validate({"sources": [source]}), settings=settings)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_label_outside_the_labels_names_the_record(tmp_path, settings, workers, monkeypatch):
    monkeypatch.setattr(sources, "TASK_CHARACTERS", 1000)
    rng = random.Random(2)
    rows = [{"text": chinese(rng), "label": ("good", "bad")[i % 2]} for i in range(200)]
    rows[120]["label"] = "neutral"
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    asked = spec(path, preset="labelled", labels=["good", "bad"], workers=workers)
    with pytest.raises(UsageError, match=r"'neutral'.*record 120.*good, bad"):
        prepare("x", asked, settings=settings)


def test_a_record_without_label_among_labelled_ones_is_told(tmp_path, settings):
    rows = [{"text": "很好的电影", "label": "good"}, {"text": "没有标签的一条"}]
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    with pytest.raises(UsageError, match="no label"):
        prepare("x", spec(path, preset="labelled", labels=["good"]), settings=settings)


def test_a_full_disk_is_one_line_and_nothing_is_lost(tmp_path, settings, monkeypatch):
    monkeypatch.setattr(sources, "TASK_CHARACTERS", 2000)
    path = corpus(tmp_path / "a.jsonl")
    from zaohua.data.prepare import segments

    real, calls = segments.write_atomic, []

    def write(file: Path, data: bytes) -> None:
        calls.append(file)
        if len(calls) == 6:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(file, data)

    monkeypatch.setattr(segments, "write_atomic", write)
    with pytest.raises(UnavailableError, match=r"the disk is full.*goes on where it was"):
        prepare("x", spec(path, workers=1), settings=settings)
    before = len(calls)
    notes = Notes()
    made = prepare("x", spec(path, workers=1), settings=settings, progress=notes)
    assert calls[before].name == calls[5].name
    assert any("going on after them" in line for line in notes.said)
    other = prepare("x", spec(path, workers=1), settings=Settings(home=tmp_path / "other"))
    assert content(made) == content(other)


def test_a_worker_that_the_system_ends_is_one_line(tmp_path, settings, monkeypatch):
    import psutil

    monkeypatch.setattr(sources, "TASK_CHARACTERS", 1000)
    path = corpus(tmp_path / "a.jsonl", count=400)

    class Killing(Silent):
        def advance(self, amount: int) -> None:
            for child in psutil.Process().children():
                child.kill()

    with pytest.raises(UnavailableError, match=r"ended by the system.*fewer workers"):
        prepare("x", spec(path, workers=2), settings=settings, progress=Killing())
    assert (
        prepare("x", spec(path, workers=2), settings=settings).manifest.metrics["documents"] > 100
    )
