from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zaohua.text.search_terms import (
    MAX_PHRASE,
    MAX_TERM,
    Phrase,
    index_parts,
    query_phrases,
    search_terms,
    snippet,
)
from zaohua.text.wholesome import is_storable, storable


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("请问，如何做好Time管理？", ["请", "问", "如", "何", "做", "好", "time", "管", "理"]),
        ("ＡＢＣ １２３", ["abc", "123"]),
        ("GPT-4 foo_bar don't", ["gpt", "4", "foo", "bar", "don", "t"]),
        ("Straße NAÏVE", ["strasse", "naïve"]),
        ("こんにちは", ["こ", "ん", "に", "ち", "は"]),
        ("안녕", ["안", "녕"]),
        ("हिन्दी", ["हिन्दी"]),
        ("𠀀𪜀", ["𠀀", "𪜀"]),
        ("😀🎉 ()*\"'--;%_^:", []),
        ("", []),
    ],
)
def test_terms(text: str, terms: list[str]) -> None:
    assert search_terms(text) == [unicodedata.normalize("NFKC", t) for t in terms]


def test_composed_and_decomposed_are_the_same() -> None:
    assert search_terms("cafe\u0301") == search_terms("caf\u00e9")


def test_a_very_long_word_is_cut() -> None:
    terms = search_terms("a" * 1000)
    assert max(map(len, terms)) <= MAX_TERM
    assert "".join(terms) == "a" * 1000


@given(st.text())
def test_terms_hold_no_separator_and_no_syntax(text: str) -> None:
    for term in search_terms(text):
        assert term
        assert not set(term) & set(" \t\n\"'*()-+:^\\&|!<>\x00")
    query_phrases(text)
    snippet(text, query_phrases(text))


@given(st.text(), st.integers(2, 9))
def test_every_phrase_is_whole_in_some_part(text: str, length: int) -> None:
    terms = search_terms(text)
    parts = [part.split(" ") for part in index_parts(text, length + 3, length)]
    for start in range(len(terms)):
        phrase = terms[start : start + length]
        assert any(phrase == part[i : i + len(phrase)] for part in parts for i in range(len(part)))


def test_queries() -> None:
    assert query_phrases("时间 pyth") == [Phrase(("时", "间")), Phrase(("pyth",), prefix=True)]
    assert query_phrases('"hello world" 管理') == [
        Phrase(("hello", "world")),
        Phrase(("管", "理")),
    ]
    assert query_phrases("“你好”") == [Phrase(("你", "好"))]
    assert query_phrases("foo-ba") == [Phrase(("foo", "ba"), prefix=True)]
    assert query_phrases('"fini"') == [Phrase(("fini",))]
    assert query_phrases('😀 " * ( -') == []


def test_a_query_is_bounded() -> None:
    phrases = query_phrases(" ".join(["x" * 5000] * 1000) + "字" * 5000)
    assert len(phrases) <= 16
    assert all(len(phrase.terms) <= MAX_PHRASE for phrase in phrases)


def test_snippets_show_the_place() -> None:
    text = "开头" + "无关的文字。" * 100 + "这里讲时间管理的方法。" + "后面" * 100
    shown = snippet(text, query_phrases("时间"))
    assert "时间管理" in shown[:30]
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) < 130
    assert snippet("Short text", query_phrases("sho")) == "Short text"
    assert snippet("a\n\n  b", []) == "a b"


def test_snippets_survive_characters_that_grow() -> None:
    text = "ﷺ" * 200 + " the ﬁnal word " + "ﷺ" * 200
    assert "ﬁnal word" in snippet(text, query_phrases("final"))


def test_indexing_is_fast() -> None:
    text = "如何做好时间管理？Use a timer. " * 20_000
    begin = time.perf_counter()
    assert sum(1 for _ in index_parts(text)) > 10
    assert time.perf_counter() - begin < 5


def test_text_that_cannot_be_stored() -> None:
    assert is_storable("好😀\n\t")
    assert not is_storable("a\x00b")
    assert not is_storable("a\ud83d")
    assert storable("a\x00b\ud83dc好") == "a\ufffdb\ufffdc好"
