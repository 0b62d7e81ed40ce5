"""Rule files read, refused with all that is wrong with them, and worked out."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.knowledge.rules.conftest import FILE, TODAY
from zaohua.errors import NotFoundError, UsageError
from zaohua.knowledge.rules import load_rules
from zaohua.knowledge.rules.evaluating import evaluate
from zaohua.knowledge.rules.expressions import ExpressionError, parse
from zaohua.knowledge.rules.values import Unknown

ONE = """
facts:
  n: {type: number}
  day: {type: date}
  sure: {type: yes/no}
"""


def outcome(book, facts, rule: str, language="en"):
    return next(one for one in book.evaluate(facts, language, TODAY) if one.rule == rule)


def test_a_rule_holds_with_its_text_filled_in(shop) -> None:
    facts = shop.facts_in("签收 9 天了，鞋子没穿过，能退吗", "zh", TODAY)
    zh = outcome(shop, facts, "in-time", "zh")
    assert (zh.holds, zh.says) == (True, "可以退货，还剩 21 天。")
    assert zh.because == (
        "《退货政策》第 3 条",
        "签收日期: 2026年11月18日",
        "使用过: 否",
        "商品: 鞋子",
    )
    en = outcome(shop, facts, "in-time")
    assert en.says == "You can return it, 21 days are left."
    assert "day of delivery: 18 November 2026" in en.because


def test_what_is_missing_is_named_and_can_be_asked_for(shop) -> None:
    one = outcome(shop, {"goods": "shoes"}, "in-time")
    assert (one.holds, one.missing) == (None, ("delivered", "used"))
    assert shop.ask("delivered") == "When was it delivered?"
    assert shop.ask("used", "zh") == "使用过"


def test_what_cannot_change_the_outcome_is_not_missing(shop) -> None:
    late = outcome(shop, {"goods": "food", "delivered": "2026-01-01"}, "in-time")
    assert (late.holds, late.says, late.missing) == (False, "It cannot be returned.", ())


def test_a_rule_that_forbids_another(shop) -> None:
    facts = {"goods": "food", "delivered": TODAY, "used": False, "opened": True}
    first, second, _ = shop.evaluate(facts, "zh", TODAY)
    assert (first.rule, first.holds) == ("opened-food", True)
    assert (second.rule, second.holds, second.vetoed_by) == ("in-time", False, ("opened-food",))
    open_yet = outcome(shop, {**facts} | {"opened": False}, "in-time")
    assert open_yet.holds is True
    del facts["opened"]
    assert outcome(shop, facts, "in-time").missing == ("opened",)


def test_money_is_exact(shop, write_rules) -> None:
    assert outcome(shop, {"price": "129.50"}, "refund").says == "¥129.50 is paid back."
    assert outcome(shop, {"price": 0.1}, "refund").because == ("price: ¥0.10",)
    book = load_rules(
        write_rules(
            "facts: {a: {type: money}}\nderived: {b: a * 3}\n"
            "rules: [{name: x, if: b == 0.3, then: '{b}'}]"
        )
    )
    assert outcome(book, {"a": Decimal("0.1")}, "x").holds is True


def test_dosage(doses) -> None:
    facts = doses.facts_in("每次吃500毫克，每天三次，体重15公斤", "zh", TODAY)
    one = outcome(doses, facts, "maximum")
    assert outcome(doses, {"dose": "0.5 g", "often": 1, "weight": "30斤"}, "maximum").says == "500"
    assert (one.holds, one.because[0]) == (False, "dose: 500 mg")
    assert outcome(doses, {**facts, "dose": 250}, "maximum").holds is True


def test_a_division_by_zero_is_told(write_rules) -> None:
    book = load_rules(write_rules(ONE + "rules: [{name: x, if: 1 / n > 2, then: a}]"))
    [one] = book.evaluate({"n": 0})
    assert one.holds is None
    assert one.problem == "'1 / n > 2' has no value: division by zero"


@pytest.mark.parametrize(
    ("given_facts", "message"),
    [
        ({"agee": 3}, "there is no fact 'agee'"),
        ({"goods": "shose"}, "'shose' is no choice, there is shoes, food, clothes"),
        ({"delivered": "soon"}, "'soon' is no date"),
        ({"used": "maybe"}, "'maybe' is no yes/no"),
        ({"price": True}, "'True' is no money"),
    ],
)
def test_facts_that_are_none(shop, given_facts, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        shop.evaluate(given_facts)


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("rules: [", ["this is not YAML", "rules.yaml:1"]),
        ("a: 1\na: 2\n", ["the key 'a' stands twice", "rules.yaml:2"]),
        ("- a", ["a rule file is a table"]),
        ("a: &x 1\nb: *x\n", ["anchors and aliases"]),
        (ONE, ["line 1: rules: is missing"]),
        (
            "facts:\n  a: {type: numbr}\n  c: {type: date, wrds: [x]}\nrules:\n  - {name: x, them: y}\n",
            [
                "line 2: facts.a.type",
                "line 3: facts.c.wrds: there is no such key, did you mean 'words'?",
                "line 5: rules.0.if: is missing",
                "rules.0.them: there is no such key, did you mean 'then'?",
            ],
        ),
        (
            ONE + "derived:\n  x: y + 1\n  y: z\n  z: x * 2\nrules: [{name: a, if: sure, then: b}]",
            ["line 7: a cycle: x is made from y is made from z is made from x"],
        ),
        (
            ONE + "rules:\n  - {name: a, if: sure, then: b, unless: [c]}\n"
            "  - {name: c, if: sure, then: b, unless: [a]}\n",
            ["a cycle: a gives way to c gives way to a"],
        ),
        (
            ONE + "rules:\n  - {name: a, if: sur and m > 2, then: '{day + sure}'}\n"
            "  - {name: a, if: n, then: '{', unless: [b]}\n",
            [
                "line 7: rules.0.if: there is no 'sur', did you mean 'sure'?",
                "line 7: rules.0.then: 'sure' is a yes/no, not a number",
                "line 8: rules.1.if: a condition is yes or no, this is a number",
                "line 8: rules.1.then: a '{' alone",
                "line 8: rules.1.name: there are two rules named 'a'",
                "line 8: rules.1.unless: there is no rule 'b'",
            ],
        ),
        (
            "facts:\n  a: {type: number, unit: mgg}\n  b: {type: money, unit: kg}\n"
            "  c: {type: choice}\n  e: {type: text}\n  f: {type: date, patterns: ['(']}\n"
            "  today: {type: date}\nrules: [{name: x, if: a > 1, then: y}]",
            [
                "line 2: facts.a.unit: there is no unit 'mgg' of number, did you mean 'mg'?",
                "line 3: facts.b.unit: there is no unit 'kg' of money, there are CNY",
                "line 4: facts.c: a choice needs its 'choices'",
                "line 5: facts.e: a text is found by its 'patterns' alone",
                "line 6: facts.f.patterns.0: no regular expression",
                "line 7: facts.today: no name for a value",
            ],
        ),
        (
            "facts:\n  a: {type: number, unit: mg}\n  d: {type: date}\n"
            "  k: {type: choice, choices: {red: [红], blue: [蓝]}}\n"
            "derived: {t: {by: k, rows: {rod: 1}}}\n"
            "rules:\n  - {name: x, if: today - d > a, then: y}\n  - {name: z, if: k == 'rod', then: y}\n",
            [
                "line 5: derived.t.rows.rod: no choice, did you mean 'red'?",
                "line 7: rules.0.if: day and mg do not go together",
                "line 8: rules.1.if: 'rod' is no choice, there is red",
            ],
        ),
    ],
)
def test_all_that_is_wrong_is_told_at_once(write_rules, text: str, messages: list[str]) -> None:
    with pytest.raises(UsageError) as error:
        load_rules(write_rules(text))
    for message in messages:
        assert message in error.value.line()


def test_a_file_that_is_not_there_or_no_text(tmp_path, write_rules) -> None:
    with pytest.raises(NotFoundError, match="the rule file cannot be read"):
        load_rules(tmp_path / "none.yaml")
    path = write_rules("")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="UTF-8"):
        load_rules(path)
    path.write_bytes(b"a: " + b"x" * (1 << 20))
    with pytest.raises(UsageError, match="too large"):
        load_rules(path)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')", "open('x')", "a.b", "a[0]", "lambda: 1", "[x for x in y]", "2 ** 9", "a := 1",
        "f'{a}'", "{1: 2}", "a if b", "", "a b", "1j", "None", "min(*a)", "min(a, key=b)", "a & b", "~a",
        "(" * 300, "not " * 400 + "a", "1" * 2000, "-" * 30 + "1", "a" + " + a" * 150, "9e99", "a @ b",
    ],
)  # fmt: skip
def test_what_is_not_of_the_language_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1 + 0.2 == 0.3", True),
        ("1 < 2 < 3", True),
        ("2 in [1, 2] and 3 not in (1, 2)", True),
        ("'a' == 'b' or not no", True),
        ("round(2.345, 2)", Decimal("2.35")),
        ("floor(-1.5) + ceil(1.2) + abs(-1)", Decimal(1)),
        ("max(1, 2, min(5, 3)) / 4", Decimal("0.75")),
        ("add_months(date('2026-01-31'), 1)", date(2026, 2, 28)),
        ("add_days(date('2026-02-28'), 1)", date(2026, 3, 1)),
        ("date('2026-03-01') - date('2026-02-01')", Decimal(28)),
        ("years_between(date('2000-02-29'), date('2026-02-28'))", Decimal(25)),
        ("5 if yes else 6", Decimal(5)),
        ("123456789.123456789012345", Decimal("123456789.123456789012345")),
    ],
)
def test_values(text: str, value: object) -> None:
    assert evaluate(parse(text), {}) == value


@pytest.mark.parametrize(
    "text",
    [
        "1 / 0",
        "date('soon')",
        "add_days(date('9999-12-31'), 1)",
        "add_months(date('2026-01-01'), 99999)",
    ],
)
def test_what_has_no_value_says_so(text: str) -> None:
    with pytest.raises(ExpressionError, match="has no value"):
        evaluate(parse(text), {})


VALUES = st.sampled_from([True, False, None])


@given(VALUES, VALUES, VALUES)
def test_what_is_unknown_stays_so_only_where_it_matters(a, b, c) -> None:
    """Every way of filling in what is unknown leads to the value that was told."""
    names = {"a": a, "b": b, "c": c}
    values = {n: Unknown(frozenset([n])) if v is None else v for n, v in names.items()}
    expression = parse("(a and not b) or (c and b)")
    found = evaluate(expression, values)
    options = [[v] if v is not None else [True, False] for v in names.values()]
    ends = {
        evaluate(expression, {"a": x, "b": y, "c": z})
        for x in options[0]
        for y in options[1]
        for z in options[2]
    }
    if isinstance(found, Unknown):
        assert found.names <= {n for n, v in names.items() if v is None}
    else:
        assert ends == {found}


@given(st.text("ab+-*/()<>=andotri 0123.'\"[],{}", max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(ExpressionError):
        parse(text)


def test_the_example_is_whole(shop) -> None:
    assert shop.rules == ("opened-food", "in-time", "refund")
    assert (shop.title("zh"), shop.title()) == ("退货规则", "Returns")
    assert FILE
