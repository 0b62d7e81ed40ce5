from __future__ import annotations

import pytest

from tests.data.readers.conftest import faults, records
from zaohua.data.readers import ReadOptions

CHINESE = "春天来了，河边的柳树发出新芽，孩子们在堤上放风筝。\n老人坐在石头上晒太阳。\n"
TRADITIONAL = "春天來了，河邊的柳樹發出新芽，孩子們在堤上放風箏。\n老人坐在石頭上曬太陽。\n"
MIXED = "The river runs to the sea. 河流入海。\nNobody hurries in spring.\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "utf-8"),
        (CHINESE, "utf-8-sig"),
        (CHINESE, "gb18030"),
        (CHINESE, "utf-16"),
        (MIXED, "utf-16-le"),
        (MIXED, "utf-16-be"),
        (MIXED, "gb18030"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL * 40, "big5"),
        (CHINESE * 40, "gb18030"),
        ("新闻标题", "gb18030"),
        ("新聞標題", "big5"),
        ("Le café était déjà fermé, dit-elle à voix basse.", "cp1252"),
        ("Привет! Сегодня хорошая погода, и мы идём гулять.", "cp1251"),
    ],
)
@pytest.mark.parametrize("unit", ["document", "line"])
def test_encodings(read_bytes, text, encoding, unit):
    items = read_bytes("a.txt", text.encode(encoding), ReadOptions(text_unit=unit))
    assert "\n".join(r.text for r in items).strip() == text.strip()


def test_a_told_encoding_is_obeyed(read_bytes):
    data = "日本語".encode("shift_jis")
    [record] = read_bytes("a.txt", data, ReadOptions(encoding="shift_jis"))
    assert record.text == "日本語"
    [fault] = read_bytes("a.txt", data, ReadOptions(encoding="utf-8"))
    assert fault.reason == "not utf-8 at byte 0"
    [fault] = read_bytes("a.txt", data, ReadOptions(encoding="klingon"))
    assert fault.reason == "there is no encoding klingon"


def test_damaged_utf8_is_not_taken_for_another_encoding(read_bytes):
    data = CHINESE.encode().replace("天".encode(), b"\xe5\xa4", 1)
    [record] = read_bytes("a.txt", data)
    assert record.text == CHINESE.replace("天", "\ufffd", 1)


def test_line_ends_are_one_kind(read_bytes):
    [record] = read_bytes("a.txt", b"one\r\ntwo\rthree\n")
    assert record.text == "one\ntwo\nthree\n"


def test_lines_and_paragraphs(read_bytes):
    data = "第一行\n第二行\n\n\n  \nSecond paragraph\r\n"
    lines = read_bytes("a.txt", data, ReadOptions(text_unit="line"))
    assert [(r.text, r.position) for r in lines] == [
        ("第一行", 0),
        ("第二行", 1),
        ("Second paragraph", 2),
    ]
    paragraphs = read_bytes("a.md", data, ReadOptions(text_unit="paragraph"))
    assert [r.text for r in paragraphs] == ["第一行\n第二行", "Second paragraph"]


def test_a_bad_line_far_into_a_utf8_file(read_bytes):
    data = b"plain line\n" * 10_000 + b"bad \xff line\nlast\n"
    items = read_bytes("a.txt", data, ReadOptions(text_unit="line"))
    assert len(records(items)) == 10_001
    [fault] = faults(items)
    assert (fault.position, fault.reason) == (10_000, "line 10001: bytes that are not UTF-8")


def test_a_text_too_large_for_one_document(read_bytes):
    options = ReadOptions(max_document_bytes=1 << 20)
    [fault] = read_bytes("a.txt", b"word " * 300_000, options)
    assert "larger than 1 MB: divide it, or read it by paragraphs" in fault.reason


def test_markdown_front_matter(read_bytes):
    data = '---\ntitle: "笔记"\ndate: 2026-01-02\ntags: [a]\n---\n# 一\n\nSome *text*.\n'
    [record] = read_bytes("a.md", data)
    assert record.text == "# 一\n\nSome *text*.\n"
    assert record.meta == {"title": "笔记", "date": "2026-01-02", "tags": "[a]"}


def test_markdown_title_is_the_first_heading(read_bytes):
    [record] = read_bytes("a.markdown", "intro\n\n# 长征 #\n\ntext\n\n---\n\nmore\n")
    assert record.meta == {"title": "长征"}
    assert record.text.startswith("intro")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"", "empty file"),
        ("a.txt", b" \n\t\n", "no text in it"),
        ("a.txt", bytes(range(256)) * 40, "not text"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(90), "a PNG picture"),
        ("a.txt", b"\x7fELF\x02\x01\x01" + bytes(90), "a program"),
        ("a.txt", b"text \x01\x02\x03\x04\x05\x06 text", "control characters"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(90), "an old Office file"),
        ("a.xyz", b"some words", "unknown format .xyz"),
        ("a.pdf", b"some words", "named .pdf but is not a pdf file"),
        ("a.parquet", b"some words", "named .parquet but is not"),
        ("a.docx", b"some words", "named .docx but is not"),
    ],
)
def test_what_is_no_text_is_named(read_bytes, name, data, reason):
    [fault] = read_bytes(name, data)
    assert reason in fault.reason


@pytest.mark.parametrize("start", [b"MZ came home.", b"RIFF is a word", b"ID3 tags are text"])
def test_texts_that_begin_like_binaries(read_bytes, start):
    [record] = read_bytes("a.txt", start)
    assert record.text.encode() == start


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("README", "just words"),
        ("page", "<!DOCTYPE html><html><body><p>just words</p></body></html>"),
        ("rows", '{"text": "just words"}\n{"text": "more"}'),
        ("array", '[{"text": "just words"}]'),
        ("a.xyz", '{"text": "just words"}'),
    ],
)
def test_content_tells_when_the_name_does_not(read_bytes, name, data):
    assert read_bytes(name, data)[0].text == "just words"


def test_told_format(read_bytes):
    [record] = read_bytes("a.xyz", "some words", format="text")
    assert record.text == "some words"
