"""The format of prepared data sets: equal after writing and reading, same bytes, damage noticed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from zaohua.data.dataset import LinesFile, ShardWriter, from_line, records, shards, to_line
from zaohua.data.records import Record, Turn
from zaohua.errors import IntegrityError, NotFoundError

ASKED = (Turn("system", "be brief"), Turn("user", "你好"))
FORMS = [
    Record(
        "a.txt", 0, text="春眠不觉晓\n处处闻啼鸟", meta={"title": "春晓", "n": 3, "tags": ["唐"]}
    ),
    Record("a.jsonl", 1, messages=(*ASKED, Turn("assistant", "你好！"))),
    Record(
        "b", 2, messages=ASKED, chosen=(Turn("assistant", "a"),), rejected=(Turn("assistant", "b"),)
    ),
    Record("b", 3, messages=(*ASKED, Turn("tool", "{}")), label=False),
    Record("c.csv", 4, text="很好", label="positive"),
    Record("c.csv", 5, text="", meta={"nested": {"a": [1, 2.5, None, True]}}),
]


@pytest.mark.parametrize("record", FORMS, ids=lambda record: record.kind)
def test_a_record_comes_back_equal_from_its_line(record):
    line = to_line(record)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert from_line(line) == record
    assert from_line(line).kind == record.kind


def test_what_json_cannot_hold_is_written_all_the_same():
    record = Record("s", 0, text="a\ud800b", meta={"big": 2**70, "bad\udfff": "x"})
    read = from_line(to_line(record))
    assert read.text == "a\ufffdb"
    assert read.meta == {"big": str(2**70), "bad\ufffd": "x"}


def _many(n: int) -> list[Record]:
    rng = random.Random(1)
    return [
        Record("s", i, text="".join(rng.choices("春江潮水连海平 abc", k=200))) for i in range(n)
    ]


def _write(folder: Path, items: list[Record], shard_bytes: int = 50_000) -> None:
    with ShardWriter(folder, "train", shard_bytes) as writer:
        for record in items:
            writer.write(to_line(record))


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_shards_hold_all_records_in_order(tmp_path):
    items = _many(500)
    _write(tmp_path, items)
    assert len(shards(tmp_path, "train")) > 3
    assert list(records(tmp_path, "train")) == items
    assert list(records(tmp_path, "validation")) == []


def test_shards_beyond_99999_are_still_in_order(tmp_path):
    for number in (100_000, 99_999, 2):
        (tmp_path / f"train-{number:05}.jsonl.zst").touch()
    names = [path.name for path in shards(tmp_path, "train")]
    assert names == ["train-00002.jsonl.zst", "train-99999.jsonl.zst", "train-100000.jsonl.zst"]


def test_the_same_records_give_the_same_bytes(tmp_path):
    _write(tmp_path / "a", _many(300))
    _write(tmp_path / "b", _many(300))
    assert _bytes(tmp_path / "a") == _bytes(tmp_path / "b")


def test_a_broken_run_leaves_whole_shards_only_and_the_next_goes_on(tmp_path):
    items = _many(500)
    _write(tmp_path / "whole", items)
    with pytest.raises(RuntimeError), ShardWriter(tmp_path / "broken", "train", 50_000) as writer:
        for record in items[:250]:
            writer.write(to_line(record))
        raise RuntimeError
    left = _bytes(tmp_path / "broken")
    assert left and left.items() <= _bytes(tmp_path / "whole").items()
    first = next(iter((tmp_path / "broken").iterdir()))
    before = first.stat().st_mtime_ns
    _write(tmp_path / "broken", items)
    assert _bytes(tmp_path / "broken") == _bytes(tmp_path / "whole")
    assert first.stat().st_mtime_ns == before


def test_a_damaged_shard_is_named(tmp_path):
    _write(tmp_path, _many(500))
    shard = shards(tmp_path, "train")[1]
    whole = shard.read_bytes()
    middle = len(whole) // 2
    for damaged in (whole[:middle], whole[:middle] + b"\0\1\2" + whole[middle + 3 :], b"text"):
        shard.write_bytes(damaged)
        with pytest.raises(IntegrityError, match=r"train-00001\.jsonl\.zst"):
            list(records(tmp_path, "train"))


def test_a_folder_without_shards_is_no_data_set(tmp_path):
    with pytest.raises(NotFoundError, match="no prepared data set"):
        records(tmp_path, "train")


def test_a_line_that_is_no_record_is_told():
    with pytest.raises(IntegrityError, match="no record"):
        from_line(b'{"text": "no source"}')


def test_a_lines_file_without_lines_can_be_read(tmp_path):
    path = tmp_path / "train-00000.jsonl.zst"
    with LinesFile(path):
        pass
    assert list(records(tmp_path, "train")) == []
