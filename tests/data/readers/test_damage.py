"""Files damaged at random: something is read or refused, and what is refused says why."""

from __future__ import annotations

import bz2
import gzip
import random

import pytest

from tests.data.readers.conftest import make_docx, make_epub, make_pdf
from tests.data.readers.test_containers import PACK, ROWS, tarred, zipped
from tests.data.readers.test_dumps import ANSWERS, PAGES, dump, warc
from tests.data.readers.test_tables import parquet_bytes
from zaohua.data.records import Unreadable

FILES = {
    "a.jsonl": ROWS.encode(),
    "a.json": b"[" + ROWS.strip().replace("\n", ",").encode() + b"]",
    "a.csv": b"text,label\n" + b'"a, ""b""",1\n' * 50,
    "a.parquet": parquet_bytes([{"text": f"第{i}行"} for i in range(300)]),
    "a.pdf": make_pdf([["白日依山尽"], ["The river"]]),
    "a.docx": make_docx(),
    "a.epub": make_epub(),
    "a.html": b"<html><body><article><p>text</p></article></body></html>",
    "a.xml.bz2": bz2.compress(dump(*PAGES).encode()),
    "a.warc.gz": gzip.compress(warc(*ANSWERS)),
    "a.warc": warc(*ANSWERS),
    "a.zip": zipped([("a.txt", "text"), ("b.jsonl", ROWS), ("c.gz", gzip.compress(b"text"))]),
    "a.tar": tarred([("a.txt", b"text"), ("b.jsonl", ROWS.encode())]),
    **{f"b.jsonl.{suffix}": pack(ROWS.encode()) for suffix, pack in PACK.items()},
}


@pytest.mark.parametrize("name", FILES)
def test_damaged_files_never_raise(read_bytes, name):
    source = random.Random(name)
    for _ in range(25):
        data = bytearray(FILES[name])
        for _ in range(source.choice([1, 3, 20])):
            data[source.randrange(len(data))] = source.randrange(256)
        if source.random() < 0.3:
            del data[source.randrange(len(data)) :]
        items = read_bytes(name, bytes(data))
        assert items
        assert len({(item.source, item.position) for item in items}) == len(items)
        for item in items:
            if isinstance(item, Unreadable):
                assert item.reason
                assert "\n" not in item.reason
                assert len(item.reason) <= 300
