"""Data sets of the hub, with `datasets` reading local files as it reads the hub's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.data.sets.making import parted
from zaohua.data.records import Turn
from zaohua.data.sets import hub_records
from zaohua.errors import UnavailableError, UsageError
from zaohua.settings import Settings


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the data set ``someone/poems``, as the library looks for it first."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "someone" / "poems"
    folder.mkdir(parents=True)
    return folder


def written(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def test_rows_become_records_by_their_columns(here: Path, settings: Settings) -> None:
    written(
        here / "train.jsonl", [{"text": "春眠不觉晓", "url": "u"}, {"text": ""}, {"text": "山"}]
    )
    records, unreadable = parted(hub_records("someone/poems", {}, settings=settings))
    assert [(r.text, r.position) for r in records] == [("春眠不觉晓", 0), ("山", 2)]
    assert records[0].source == "hub:someone/poems"
    assert records[0].meta["url"] == "u"
    assert [(one.position, one.reason) for one in unreadable] == [(1, "text is empty")]


def test_split_and_columns_can_be_named(here: Path, settings: Settings) -> None:
    turns = [{"from": "human", "value": "你好"}, {"from": "gpt", "value": "你好。"}]
    written(here / "train.jsonl", [{"talk": turns[:1]}])
    written(here / "test.jsonl", [{"talk": turns}])
    found = hub_records("someone/poems/test", {"messages": "talk"}, settings=settings)
    assert parted(found)[0][0].messages == (Turn("user", "你好"), Turn("assistant", "你好。"))


def test_labels_that_are_numbers_get_their_names(here: Path, settings: Settings) -> None:
    import datasets

    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["差评", "好评"])}
    )
    rows = {"text": ["好", "坏"], "label": [1, 0]}
    datasets.Dataset.from_dict(rows, features=features).to_parquet(str(here / "train.parquet"))
    records, _ = parted(hub_records("someone/poems", {}, settings=settings))
    assert [record.label for record in records] == ["好评", "差评"]


def test_a_split_that_is_not_there_gives_one_line(here: Path, settings: Settings) -> None:
    written(here / "train.jsonl", [{"text": "山"}])
    with pytest.raises(UnavailableError, match="the data set could not be read"):
        hub_records("someone/poems/nowhere", {}, settings=settings)


def test_a_damaged_file_gives_one_line(here: Path, settings: Settings) -> None:
    (here / "train.jsonl").write_text('{"text": "山"}\n{"text": ', "utf-8")
    with pytest.raises(UnavailableError):
        list(hub_records("someone/poems", {}, settings=settings))


def test_references_and_options_are_checked(settings: Settings) -> None:
    with pytest.raises(UsageError, match="owner/name"):
        hub_records("poems", {}, settings=settings)
    with pytest.raises(UsageError, match="options of 'a/b'"):
        hub_records("a/b", {"txt": "x"}, settings=settings)


def test_offline_gives_one_line(settings: Settings) -> None:
    offline = settings.model_copy(update={"offline": True})
    with pytest.raises(UnavailableError, match="is on the hub"):
        hub_records("a/b", {}, settings=offline)
