from __future__ import annotations

import pytest

from zaohua.assistant.teams.arithmetic import (
    calculations,
    corrected,
    exercises,
    with_right_answers,
)
from zaohua.assistant.teams.bearing import borne, completed, untold
from zaohua.assistant.teams.writing import markdown
from zaohua.knowledge.grounding import claims


@pytest.mark.parametrize(
    ("text", "count", "wrong"),
    [
        ("12 + 3 = 15。", 1, []),
        ("12 + 3 = 16。", 1, [("16", "15")]),
        ("1. 12 + 3 = 15\n2. 7 × 8 = 54", 2, [("54", "56")]),
        ("So 20 - 4 = 16 and 16 ÷ 2 = 9.", 2, [("9", "8")]),
        ("(3 + 4) × 2 = 14", 1, []),
        ("2 + 2 + 1 = 4 + 1 = 5", 2, [("4", "5")]),
        ("10 / 3 = 3.33", 1, []),
        ("10 / 3 ≈ 3.34", 1, [("3.34", "3.33333333333")]),
        ("7 ÷ 2 = 3 余 1", 1, []),
        ("7 ÷ 2 = 3 余 2", 1, [("3", "3.5")]),
        ("1/2 + 1/3 = 5/6", 1, []),
        ("15% × 200 = 30", 1, []),
        ("1,200 + 300 = 1,500", 1, []),
        ("第3题：5+5=10", 1, []),
        ("x = 5, 2026-11-27, 3:2", 0, []),
        ("10 / 0 = 0", 0, []),
        ("价格=5", 0, []),
    ],
)
def test_calculations_are_computed_anew(text: str, count: int, wrong: list[tuple[str, str]]):
    found, faults = calculations(text)
    assert found == count
    assert [(one.given, one.right) for one in faults] == wrong
    assert not wrong or calculations(corrected(text))[0] == count


def test_only_the_wrong_results_change():
    assert corrected("先 12+3=16，再 16-1=15。") == "先 12+3=15，再 16-1=15。"


def exercise(question: str, expression: str, answer: str) -> dict[str, str]:
    return {"题目": question, "算式": expression, "答案": answer}


def test_answers_of_exercises_are_put_right_and_hopeless_ones_left_out():
    good = exercise("小明有12个苹果，又买了3个，一共几个？", "12+3", "15个")
    bad = exercise("有20块糖，分给4人，每人几块？", "20÷4", "6")
    strange = exercise("有8只鸟，飞走3只，还剩几只？", "9-3", "6")
    broken = exercise("一共几个？", "几个", "5")
    english = {"question": "Two plus two?", "expression": "2 + 2 =", "answer": "2+2=4"}
    value = {"练习": [good, bad, strange, broken], "more": [english]}
    found = exercises(value)
    assert [one.holds for one in found] == [True, False, True, False, True]
    assert [bool(one.strange) for one in found] == [False, False, True, False, False]
    fixed = with_right_answers(value)
    assert fixed == {"练习": [good, {**bad, "答案": "5"}], "more": [english]}
    assert with_right_answers({"练习": [broken]}) == {"练习": [broken]}


def test_json_as_people_read_it():
    assert markdown({"练习": [exercise("几？", "1+1", "2")]}) == "1. 几？ (算式: 1+1; 答案: 2)"
    assert markdown({"a": 1, "b": ["x", "y"]}) == "**a**: 1\n**b**:\n1. x\n2. y"


@pytest.mark.parametrize(
    ("facts", "text", "mended"),
    [
        (
            "The library of Port Ellis opened on 18 October\nIt has 1,500 seats",
            "Port Ellis library opened on 18 October 2023. It has 1,500 seats. All loved it so.",
            "The library of Port Ellis opened on 18 October. It has 1,500 seats.",
        ),
        (
            "- 东港图书馆10月18日开馆\n- 有座位1500个",
            "东港图书馆10月19日开馆。有座位1500个。市长王小明非常满意。",
            "东港图书馆10月18日开馆。有座位1500个。",
        ),
        ("有座位1500个。", "市长王小明非常满意这座建筑。", "市长王小明非常满意这座建筑。"),
    ],
)
def test_what_no_source_bears_is_replaced_or_left_out(facts: str, text: str, mended: str):
    assert borne(text, claims(text, [facts]), [facts]) == mended


def test_what_was_passed_over_is_added():
    facts = "The library has 1,500 seats\nIt stands on River Road\nIt is closed on Mondays"
    text = "The library has 1,500 seats. It is closed on Mondays."
    assert untold(text, [facts]) == ["It stands on River Road"]
    assert completed(text, [facts]) == f"{text} It stands on River Road."
    assert untold(completed(text, [facts]), [facts]) == []
    assert (
        completed("有座位1500个。", ["有座位1500个\n花费1.8亿元"]) == "有座位1500个。花费1.8亿元。"
    )
