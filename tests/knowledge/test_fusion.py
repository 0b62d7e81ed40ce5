"""Words and meaning together."""

from __future__ import annotations

from zaohua.knowledge.fusion import fuse
from zaohua.knowledge.terms import asked_phrases


def test_a_sure_find_by_words_comes_first_whatever_meaning_says() -> None:
    meaning = {number: number for number in range(1, 101)}
    words = {99: 25.0, 50: 2.0}
    assert next(iter(fuse(words, meaning, 20_000))) == 99


def test_common_words_do_not_push_out_what_meaning_found() -> None:
    meaning = {number: number for number in range(1, 101)}
    words = dict.fromkeys(range(60, 100), 1.0)
    assert list(fuse(words, meaning, 20_000))[:5] == [1, 2, 3, 4, 5]


def test_one_ranking_alone_keeps_its_order() -> None:
    assert list(fuse({5: 3.0, 1: 2.0, 9: 0.0, 4: -1.0}, {}, 0)) == [5, 1, 9, 4]
    assert list(fuse({}, {7: 1, 3: 2}, 10)) == [7, 3]
    assert fuse({}, {}, 0) == {}


def test_what_a_question_asks_for() -> None:
    assert asked_phrases("蓝鲸科技的总部在哪里？") == [
        ("蓝", "鲸"), ("鲸", "科"), ("科", "技"), ("总", "部"),
    ]  # fmt: skip
    assert asked_phrases("What is the XR-2041 made of?") == [("xr",), ("2041",), ("made",)]
    assert asked_phrases("茶 tea") == [("茶",), ("tea",)]
    assert asked_phrases("是谁的") == [("是", "谁"), ("谁", "的")]
    assert asked_phrases("?!") == []
