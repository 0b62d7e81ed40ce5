from __future__ import annotations

import csv
import datetime
import io
import json
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.readers.conftest import faults, records
from zaohua.data.readers import ReadOptions, read

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, min_size=1))
def test_jsonl_round_trip(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        lines = [json.dumps({"text": t}, ensure_ascii=False) for t in rows]
        path.write_bytes("\n".join(lines).encode())
        found = list(read([path]))
    assert [r.text for r in found] == rows
    assert [r.position for r in found] == list(range(len(rows)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(texts, texts), min_size=1), st.sampled_from([",", ";", "\t", "|"]))
def test_csv_round_trip(rows, delimiter):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([("text", "label"), *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(out.getvalue().encode())
        found = list(read([path], options=ReadOptions(encoding="utf-8")))
    assert [(r.text, r.label) for r in found] == rows


def test_invalid_lines_are_reported_with_their_number(read_bytes):
    data = '{"text": "one", "title": "山水间人家"}\n\n{"text": \n'.encode()
    data += b'{"text": "\xff"}\n[1]\n"plain"\r\n{"text": "last"}'
    items = read_bytes("a.jsonl", data)
    assert [(r.text, r.position) for r in records(items)] == [
        ("one", 0),
        ("plain", 4),
        ("last", 5),
    ]
    assert [f.position for f in faults(items)] == [1, 2, 3]
    assert [f.reason.split(":")[0] for f in faults(items)] == ["line 3", "line 4", "line 5"]


def test_a_line_beyond_the_limit_is_passed_over(read_bytes):
    long = json.dumps({"text": "x" * 5000})
    options = ReadOptions(max_document_bytes=1000)
    items = read_bytes("a.jsonl", f'{{"text": "a"}}\n{long}\n{{"text": "b"}}\n', options)
    assert [r.text for r in records(items)] == ["a", "b"]
    assert "line 2: longer than" in faults(items)[0].reason


@pytest.mark.parametrize(
    "data",
    [
        '[{"text": "一"}, {"text": "two"}]',
        ' \n[\n {"text": "一"},\n {"text": "two"}\n]\n',
        '{"text": "一"}\n{"text": "two"}',
        '["一", "two"]',
    ],
)
def test_json_arrays_and_objects(read_bytes, data):
    items = read_bytes("a.json", data)
    assert [(r.text, r.position) for r in items] == [("一", 0), ("two", 1)]


def test_an_array_named_jsonl(read_bytes):
    items = read_bytes("a.jsonl", '[{"text": "一"}, {"text": "two"}]')
    assert [r.text for r in items] == ["一", "two"]


def test_records_inside_an_object(read_bytes):
    data = json.dumps({"version": 1, "data": {"rows": [{"text": "甲", "score": 0.5}]}})
    [record] = read_bytes("a.json", data, ReadOptions(json_records="data.rows"))
    assert (record.text, record.meta) == ("甲", {"score": 0.5})


def test_json_cut_off_gives_what_came_before(read_bytes):
    items = read_bytes("a.json", '[{"text": "one"}, {"text": "tw')
    assert [r.text for r in records(items)] == ["one"]
    [fault] = faults(items)
    assert fault.reason.startswith("wrong JSON")
    assert fault.position == 1


def test_json_nested_too_deep_is_one_fault(read_bytes):
    deep = b'{"text": "a", "more": ' + b"[" * 3000 + b"]" * 3000 + b"}"
    items = read_bytes("a.json", b"[" + deep + b', {"text": "b"}]')
    assert [r.text for r in records(items)] == ["b"]
    assert faults(items)[0].reason == "nested too deep"
    items = read_bytes("a.jsonl", deep + b'\n{"text": "b"}\n')
    assert [(r.text, r.position) for r in records(items)] == [("b", 1)]


def test_empty_array(read_bytes):
    [fault] = read_bytes("a.json", "[]")
    assert fault.reason == "no records in it"


def parquet_bytes(rows):
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out, row_group_size=100)
    return out.getvalue()


def test_parquet(read_bytes):
    day = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)
    rows = [
        {"text": f"第{i}段", "when": day, "raw": b"\0", "tags": ["a"], "score": float("nan")}
        for i in range(700)
    ]
    items = read_bytes("a.parquet", parquet_bytes(rows))
    assert [r.text for r in items] == [row["text"] for row in rows]
    assert [r.position for r in items] == list(range(700))
    assert items[0].meta == {"when": "2026-01-02T00:00:00+00:00", "tags": ["a"]}
    json.dumps(items[0].meta)


def test_parquet_with_nested_messages(read_bytes):
    rows = [
        {"messages": [{"role": "user", "content": "问"}, {"role": "assistant", "content": "答"}]}
    ]
    [record] = read_bytes("a.parquet", parquet_bytes(rows))
    assert [turn.content for turn in record.messages] == ["问", "答"]


def test_parquet_damaged_in_the_middle(read_bytes):
    data = bytearray(parquet_bytes([{"text": f"{i}" * 50} for i in range(500)]))
    data[len(data) // 2 : len(data) // 2 + 600] = bytes(600)
    assert any("damaged Parquet" in f.reason for f in faults(read_bytes("a.parquet", bytes(data))))


def test_csv_with_wrong_rows(read_bytes):
    data = b'text,label\n\xe5\xa5\xbd,1\nonly\n\xff\xfe\xfd,0\n"a ""b""\nc",2\n'
    items = read_bytes("a.csv", data, ReadOptions(encoding="utf-8"))
    assert [(r.text, r.label, r.position) for r in records(items)] == [
        ("好", "1", 0),
        ('a "b"\nc', "2", 3),
    ]
    assert [f.position for f in faults(items)] == [1, 2]
    assert "1 fields where the header has 2" in faults(items)[0].reason
    assert "not UTF-8" in faults(items)[1].reason


def test_csv_with_a_quote_never_closed(read_bytes):
    items = read_bytes("a.csv", 'text\nfine\n"never closed\n')
    assert [r.text for r in records(items)] == ["fine"]
    assert "unexpected end of data" in faults(items)[0].reason


def test_csv_header_twice(read_bytes):
    [fault] = read_bytes("a.csv", "text,text\na,b\n")
    assert "names a column twice" in fault.reason


def test_csv_field_of_a_megabyte(read_bytes):
    [record] = read_bytes("a.csv", "text\n" + "长" * 400_000 + "\n")
    assert len(record.text) == 400_000


def test_tsv_in_gb18030(read_bytes):
    data = "text\tlabel\n" + "".join(f"今天的菜很好吃，第{i}次来。\t好\n" for i in range(20))
    items = read_bytes("a.tsv", data.encode("gb18030"))
    assert (items[3].text, items[3].label) == ("今天的菜很好吃，第3次来。", "好")
    assert len(items) == 20
