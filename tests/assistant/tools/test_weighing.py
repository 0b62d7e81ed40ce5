"""Options are weighed exactly; told turnings turn, and unknown scores bound what can come."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zaohua.assistant.tools import Toolbox, tool_of
from zaohua.assistant.tools.deciding.matrix import (
    Matrix,
    deciding_cells,
    leaders,
    possible_leaders,
)
from zaohua.assistant.tools.deciding.sensitivity import turnings
from zaohua.assistant.tools.routing import calls_in
from zaohua.assistant.tools.values import ToolFailed
from zaohua.assistant.tools.weighing import weigh
from zaohua.generate.request import ToolCall

NUDGE = Fraction(1, 10**9)


@st.composite
def matrices(draw: st.DrawFn, *, unknown: bool = True) -> Matrix:
    options, criteria = draw(st.integers(2, 4)), draw(st.integers(1, 4))
    weights = draw(st.lists(st.integers(0, 9), min_size=criteria, max_size=criteria).filter(any))
    score = st.integers(0, 10).map(Fraction)
    row = st.tuples(*[st.none() | score if unknown else score] * criteria)
    return Matrix(
        tuple("ABCD"[:options]),
        tuple("pqrs"[:criteria]),
        tuple(Fraction(one, sum(weights)) for one in weights),
        tuple(draw(row) for _ in range(options)),
        Fraction(0),
        Fraction(10),
    )


def reweighed(matrix: Matrix, criterion: int, share: Fraction) -> Matrix:
    """One weight is ``share``, the others are in proportion."""
    left = (1 - share) / (1 - matrix.shares[criterion])
    shares = [share if k == criterion else left * one for k, one in enumerate(matrix.shares)]
    return replace(matrix, shares=tuple(shares))


@settings(max_examples=60, deadline=None)
@given(matrices(unknown=False))
def test_totals_are_direct_sums(matrix: Matrix) -> None:
    for total, row in zip(matrix.totals(), matrix.scores, strict=True):
        assert total == sum(w * s for w, s in zip(matrix.shares, row, strict=True) if s is not None)


@settings(max_examples=150, deadline=None)
@given(matrices())
def test_a_told_weight_turns_and_nothing_turns_before_it(matrix: Matrix) -> None:
    first = leaders(matrix.totals())
    found = {(one.criterion, one.above): one for one in turnings(matrix)}
    if len(first) > 1:
        assert not found
        return
    for one in found.values():
        way = 1 if one.above else -1
        at = leaders(reweighed(matrix, one.criterion, one.share).totals())
        before = reweighed(matrix, one.criterion, one.share - way * NUDGE)
        after = reweighed(matrix, one.criterion, one.share + way * NUDGE)
        assert {*first, *one.first} <= set(at)
        assert leaders(before.totals()) == first
        assert leaders(after.totals()) == one.first != first
    for k, above in product(range(len(matrix.criteria)), (False, True)):
        if (k, above) not in found and matrix.shares[k] != 1:
            end = reweighed(matrix, k, Fraction(above))
            assert first[0] in leaders(end.totals())


@settings(max_examples=100, deadline=None)
@given(matrices(), st.data())
def test_unknown_scores_bound_the_result(matrix: Matrix, data: st.DataObject) -> None:
    filled = matrix
    for i, k in matrix.unknown:
        filled = filled.known(i, k, Fraction(data.draw(st.integers(0, 10))))
    low, high = matrix.totals(matrix.lowest), matrix.totals(matrix.highest)
    assert all(a <= t <= b for a, t, b in zip(low, filled.totals(), high, strict=True))
    assert set(leaders(filled.totals())) <= set(possible_leaders(matrix))
    assert set(deciding_cells(matrix)) <= set(matrix.unknown)


ENGLISH: dict[str, Any] = {
    "options": ["Oak", "Elm"],
    "criteria": ["price", "quality"],
    "weights": ["40", "60"],
    "scores": [["9", "5"], ["5", "7"]],
}


def test_it_is_told_in_english() -> None:
    found = weigh(**ENGLISH)
    assert found.text.split("\n\n") == [
        "Oak comes first with 6.6 of 10 (higher is better), then Elm (6.2). If price weighs less "
        "than 33.33% (now 40%), first is Elm. If quality weighs more than 66.67% "
        "(now 60%), first is Elm. The other weights stay in proportion.",
        "| Option | price (40%) | quality (60%) | Total | Rank |\n| --- | --- | --- | --- | --- |\n"
        "| Oak | 9 | 5 | 6.6 | 1 |\n| Elm | 5 | 7 | 6.2 | 2 |",
    ]
    assert found.value["turnings"][0]["turns_at"] == "1/3"
    assert found.value["order"][0]["total"] == "33/5"


def test_it_is_told_in_chinese_with_what_is_unknown() -> None:
    found = weigh(["甲", "乙"], ["价格", "质量"], ["1", "1"], [["9", None], ["5", "6"]])
    assert found.text.startswith(
        "甲排第一，总分 7（满分 10，越高越好），其次是乙（5.5）。未知：甲的质量；"
        "未知的分数按 0 到 10 的中间值 5 计算。未知的分数不同，排第一的可能是：甲或乙。"
        "单独一项就能改变第一名的：甲的质量。"
    )
    assert "| 甲 | 9 | ? | 7 (4.5–9.5) | 1 |" in found.text
    assert found.value["unknown"] == [{"option": "甲", "criterion": "质量", "decides": True}]


def test_of_a_criterion_with_all_the_weight_no_turning_is_told() -> None:
    said = weigh(**ENGLISH | {"weights": ["1", "0"]}).text
    assert "weight of price" not in said
    assert "If quality weighs more than 66.67% (now 0%), first is Elm." in said


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"options": ["Oak", "oak"]}, "stands twice"),
        ({"options": ["Oak", "  "]}, "a name is empty"),
        ({"weights": ["1"]}, "there are 1 for 2 criteria"),
        ({"weights": ["0", "0"]}, "all are 0"),
        ({"weights": ["40", "60%"]}, "some are percentages"),
        ({"weights": ["-1", "2"]}, "is not between 0"),
        ({"weights": ["sqrt(2)", "2"]}, "is no plain number"),
        ({"scores": [["1", "2"]]}, "1 lists for 2 options"),
        ({"scores": [["1"], ["1", "2"]]}, "'Oak' has 1 for 2 criteria"),
        ({"scores": [["1", "9"], ["1", "2"]], "highest": "5"}, "9 is not on the scale from 0 to 5"),
        ({"scores": [["1", "2"], ["1", "-2"]]}, "-2 is not on the scale"),
        ({"lowest": "5", "highest": "5"}, "no length"),
    ],
)
def test_what_is_wrong_is_told(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ToolFailed, match=told):
        weigh(**ENGLISH | changes)


async def test_a_model_may_write_numbers_and_texts() -> None:
    box = Toolbox([tool_of(weigh)])
    known = ENGLISH | {"weights": [2, "3"], "scores": [[9, None], ["5", "?"]]}
    assert (await box.call(ToolCall("", "weigh", json.dumps(known)))).ok
    for wrong in ({"scores": [[True, 1], [1, 2]]}, {"extra": 1}, {"options": ["x" * 61, "y"]}):
        assert not (await box.call(ToolCall("", "weigh", json.dumps(known | wrong)))).ok


BARS = "| | 价格 | 质量 |\n|---|---|---|\n"
TABLES = {
    "row": f"{BARS}| 权重 | 40% | 60% |\n| 甲 | 9 | 5 |\n| 乙 | 5 | ? |",
    "column": "| 标准 | 权重 | 甲 | 乙 |\n|---|---|---|---|\n"
    "| 价格 | 40 | 9 | 5 |\n| 质量 | 60 | 5 | 未知 |",
    "behind": "方案,价格（40%）,质量（60%）\n甲,9,5\n乙,5,?",
    "commas": "方案，价格，质量\n权重，40，60\n甲，9，5\n乙，5，？",
    "words before": "看看，比较，选哪个：\n方案，价格，质量\n权重，40，60\n甲，9，5\n乙，5，？",
    "no spaces": "||价格|质量|\n|-|-|-|\n|权重|40|60|\n|甲|9|5|\n|乙|5|?|",
    "tabs": "方案\t价格\t质量\n权重\t40\t60\n甲\t9\t5\n乙\t5\t?",
}


@pytest.mark.parametrize("form", TABLES)
def test_a_plain_table_is_weighed_at_once(form: str) -> None:
    [call] = calls_in(f"下面两个方案，该选哪个？\n\n{TABLES[form]}\n")
    assert call.name == "weigh"
    assert json.loads(call.arguments) == {
        "options": ["甲", "乙"],
        "criteria": ["价格", "质量"],
        "weights": ["40", "60"],
        "scores": [["9", "5"], ["5", None]],
    }


def test_an_english_table_is_weighed_at_once() -> None:
    table = "| Criterion | Weight | Oak | Elm |\n|:--|--:|--|--|\n| price | 3 | 8 | 6 |\n"
    [call] = calls_in(f"Which one should I choose?\n{table}| size | 2 | 4 | n/a |")
    assert json.loads(call.arguments)["scores"] == [["8", "4"], ["6", None]]


@pytest.mark.parametrize(
    "question",
    [
        f"翻译成英文：\n{TABLES['row'].replace('权重', '重量')}",
        f"Which is best? Lower is better.\n{TABLES['behind']}",
        "Which is best?\n"
        "| Item | Weight | Price | Count |\n| nail | 3 | 2 | 9 |\n| bolt | 5 | 4 | 7 |",
        f"该选哪个？\n{BARS}| 甲 | 9 | 5 |\n| 乙 | 5 | 7 |",
        f"该选哪个？\n{BARS}| 权重 | 40% | 60 |\n| 甲 | 9 | 5 |\n| 乙 | 5 | 7 |",
        f"该选哪个？\n{BARS}| 权重 | 4 | 6 |\n| 甲 | 900 元 | 好 |\n| 乙 | 5 | 7 |",
        f"该选哪个？\n{BARS}| 权重 | 4 | 6 |\n| 甲 | 90 | 5 |\n| 乙 | 50 | 7 |",
        f"该选哪个？\n{TABLES['row']}\n\n还是：\n\n{TABLES['commas']}",
        f"该选哪个？{'长' * 4000}\n{TABLES['row']}",
    ],
)
def test_a_table_that_is_not_plain_is_left_to_the_model(question: str) -> None:
    assert calls_in(question) == ()
