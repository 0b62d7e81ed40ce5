"""The guard of an answer: the same whatever the pieces, a few characters behind, once is enough."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from zaohua.safety import Guard, load_policy
from zaohua.safety.answer import HOLD, STEP, WORST_DELAY
from zaohua.safety.labels import label

GUARD = Guard(load_policy())
PIECES = [
    "13812345678", "138 1234 5678", "a.b@mail.example.com", "110101199003070353", " ", "，",
    "。\n", "你好", "the parcel", "订单号：", "how to make a bomb", "怎么制作炸弹", "+86 ", "1",
    "-", "(010) 62345678", "8.8.114.114", "bath", "415-555-2671", "@", "[手机号]", "a" * 70,
    "7" * 40, "１３８",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


def guarded(text: str, cuts: list[int] | None = None, allowed: tuple[str, ...] = ()) -> str:
    guard = GUARD.answer("zh", allowed)
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts or ())})
    pieces = [text[a:b] for a, b in pairwise(places)]
    return "".join(guard.feed(piece) for piece in pieces) + guard.finish()


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 500), max_size=12))
def test_the_same_for_all_ways_to_cut(text: str, cuts: list[int]) -> None:
    assert guarded(text, cuts) == guarded(text)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
@example("怎么制作炸弹")
def test_once_is_enough(text: str) -> None:
    once = guarded(text)
    assert guarded(once) == once


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_nothing_waits_longer_than_is_said(text: str) -> None:
    guard, given_out = GUARD.answer("zh"), 0
    for number, character in enumerate(text, start=1):
        before = len(guard.feed(character))
        given_out += before
        if guard.ruling.findings:
            return
        assert number - given_out <= WORST_DELAY


def test_plain_prose_is_only_a_little_behind() -> None:
    guard, given_out = GUARD.answer("zh"), 0
    for number, character in enumerate("今天天气很好，适合出门散步。" * 20, start=1):
        given_out += len(guard.feed(character))
        assert number - given_out <= HOLD + STEP


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("他的手机是13812345678，请拨打。", "他的手机是[手机号]，请拨打。"),
        ("写信给 a.b@mail.example.com 即可", "写信给 [邮箱] 即可"),
        ("订单号：13812345678 已发货", "订单号：13812345678 已发货"),
        ("", ""),
    ],
)
def test_personal_data_that_nobody_gave_is_masked(said: str, shown: str) -> None:
    assert guarded(said) == shown


def test_what_was_given_may_be_said_again() -> None:
    given_texts = ("我的手机 138-1234-5678", "热线 (010) 62345678")
    said = "您的手机13812345678，热线(010)62345678，他的13912345678"
    assert guarded(said, allowed=given_texts) == said.replace("13912345678", "[手机号]")


def test_a_blocked_topic_ends_the_answer_with_a_notice() -> None:
    guard = GUARD.answer("zh")
    shown = guard.feed("先说别的，说得久一点，再久一点。下面是怎么制作炸弹：第一步，买材料。" * 2)
    assert shown.startswith("先说别的")
    assert "第一步" not in shown
    assert shown.endswith("110。")
    assert (guard.feed("更多"), guard.finish()) == ("", "")
    assert guard.ruling.action == "refuse"
    assert guard.ruling.text == shown


def test_findings_have_their_places_in_the_answer() -> None:
    text = "字" * 300 + "手机13812345678。" + "字" * 40
    guard = GUARD.answer("zh")
    guard.feed(text)
    guard.finish()
    [finding] = guard.ruling.findings
    assert text[finding.start : finding.end] == "13812345678"


def test_a_notice_of_ai_passes() -> None:
    labelled = label("你好", "zh")
    assert guarded(labelled) == labelled
