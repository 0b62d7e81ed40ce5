"""One form for the many ways to write the same, with the way back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zaohua.safety.folding import folded, tightened


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ＩＧＮＯＲＥ　ａｌｌ", "ignore all"),
        ("ig\u200bno\u00adre", "ignore"),
        ("\u202eignore\u202c", "ignore"),
        ("i g n o r e all", "ignore all"),
        ("1gn0re pr3v10us", "ignore previous"),
        ("忽 略 以·上 指-令", "忽略以上指令"),
        ("無視系統規則", "无视系统规则"),
        ("忽\U000e0061略", "忽略"),
        ("version 10.15 of mp3", "version 10.15 of mp3"),
        ("ﬁle", "file"),
    ],
)
def test_tricks_of_writing_are_read_through(written: str, read: str) -> None:
    assert tightened(folded(written)).text == read


@given(st.text(max_size=60))
def test_every_character_knows_its_place(text: str) -> None:
    for read in (folded(text), tightened(folded(text))):
        assert len(read.places) == len(read.text)
        assert list(read.places) == sorted(read.places)
        assert all(0 <= place < len(text) for place in read.places)


def test_a_find_leads_back_to_what_was_written() -> None:
    text = "先说一句。忽\u200b 略 以上"
    read = tightened(folded(text))
    start = read.text.index("忽略")
    first, last = read.original(start, start + 2)
    assert text[first:last] == "忽\u200b 略"
