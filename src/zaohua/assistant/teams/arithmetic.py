"""Calculations in a text, or in tables of JSON, computed anew with the calculator."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from zaohua.assistant.tools.calculating.parser import compute
from zaohua.assistant.tools.calculating.writing import written
from zaohua.assistant.tools.values import ToolFailed
from zaohua.text.numerals import numbers

EXPRESSION = ("expression", "算式")
ANSWER = ("answer", "答案")
QUESTION = ("question", "题目")
"""Keys of a table that holds an exercise."""

_EQUATION = re.compile(
    r"(?P<left>[-−(（√]*\d[\d\s.,%()（）+\-−–*/×÷^√]*?)\s*[=＝≈]\s*"
    r"(?P<right>[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:/\d+)?%?)"
    r"(?:\s*(?:余|…+|\.{3,}|remainder|R)\s*(?P<rest>\d+))?"
)
_OPERATOR = re.compile(r"[\d)）%]\s*[-+−–*/×÷^]\s*[-−(（√\d]|√")
_LIST_MARK = re.compile(r"^(\s*)(\d{1,2}[.)、:：]|[-*•])(?=\s*[\d(（√])", re.MULTILINE)
_DIVISION = re.compile(r"\s*(\d+)\s*[÷/]\s*(\d+)\s*")


@dataclass(frozen=True, slots=True)
class Miscalculation:
    """A result, characters ``start`` to ``end`` of a text, that is not ``right``."""

    start: int
    end: int
    calculation: str
    given: str
    right: str


def calculations(text: str) -> tuple[int, list[Miscalculation]]:
    """How many calculations a text has that can be computed, and the wrong ones."""
    bare = _LIST_MARK.sub(lambda mark: mark[1] + " " * len(mark[2]), text)
    count, wrong, place = 0, [], 0
    while match := _EQUATION.search(bare, place):
        place = match.start("right")  # a = b = c: b is the left side of the next
        left = match["left"].strip()
        value = _value(left) if _OPERATOR.search(left) else None
        if value is None:
            continue
        count += 1
        if not _is(value, match["right"]) and not _divides(left, match["right"], match["rest"]):
            right = written(value)[0]
            wrong.append(Miscalculation(*match.span("right"), left, match["right"], right))
    return count, wrong


def corrected(text: str) -> str:
    """``text`` with the right results in the place of wrong ones."""
    for one in reversed(calculations(text)[1]):
        text = text[: one.start] + one.right + text[one.end :]
    return text


@dataclass(frozen=True, slots=True)
class Exercise:
    """A table with a calculation: its ``right`` answer, None if it cannot be computed.

    ``strange`` are numbers of the calculation that the question does not have.
    """

    calculation: str
    given: str
    right: str | None
    strange: tuple[str, ...]
    holds: bool


def exercises(value: Any) -> list[Exercise]:
    """All exercises in a JSON value."""
    return [_exercise(table) for table in _tables(value)]


def with_right_answers(value: Any) -> Any:
    """``value`` with right answers; exercises that have none are left out, if others are left."""
    if isinstance(value, list):
        kept = [one for one in value if not (_is_exercise(one) and _is_lost(_exercise(one)))]
        return [with_right_answers(one) for one in kept or value]
    if not isinstance(value, Mapping):
        return value
    table = {key: with_right_answers(one) for key, one in value.items()}
    if _is_exercise(value):
        found = _exercise(value)
        if found.right is not None and not found.holds:
            table[_key(value, ANSWER)] = found.right
    return table


def _exercise(table: Mapping[str, Any]) -> Exercise:
    calculation = str(table[_key(table, EXPRESSION)]).partition("=")[0].strip()
    given = str(table[_key(table, ANSWER)]).strip()
    value = _value(calculation)
    question = next((str(table[key]) for key in QUESTION if key in table), "")
    there = {number.value for number in numbers(question)}
    strange = [n for n in numbers(calculation) if there and n.value not in there]
    told = given.rpartition("=")[2].strip()
    found = re.match(r"[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:/\d+)?%?", told)
    holds = value is not None and found is not None and _is(value, found[0])
    right = None if value is None else written(value)[0]
    shown = tuple(calculation[n.start : n.end].strip() for n in strange)
    return Exercise(calculation, given, right, shown, holds)


def _is_lost(one: Exercise) -> bool:
    return one.right is None or bool(one.strange)


def _tables(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from _tables(one)
    elif isinstance(value, Mapping):
        if _is_exercise(value):
            yield value
        for one in value.values():
            yield from _tables(one)


def _is_exercise(value: Any) -> bool:
    named = isinstance(value, Mapping)
    return named and any(k in value for k in EXPRESSION) and any(k in value for k in ANSWER)


def _key(table: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next(key for key in keys if key in table)


def _value(calculation: str) -> Fraction | None:
    """None if it is no calculation; words before it are numbers of something else."""
    rests = [calculation[space.end() :] for space in re.finditer(r"\s+", calculation)]
    for rest in (calculation, *filter(_OPERATOR.search, rests)):
        try:
            return compute(rest).value
        except ToolFailed:
            continue
    return None


def _is(value: Fraction, given: str) -> bool:
    """Whether ``given`` is the value, or the value rounded to the places that it has."""
    try:
        told = compute(given.replace(",", "")).value
    except ToolFailed:
        return False
    places = len(given.rstrip("%").partition(".")[2])
    margin = Fraction(1, 2 * 10 ** (places + 2 * given.endswith("%"))) if places else 0
    return abs(value - told) <= margin


def _divides(left: str, quotient: str, rest: str | None) -> bool:
    """Whether it is a division with the right remainder: ``7 ÷ 2 = 3 余 1``."""
    found = _DIVISION.fullmatch(left)
    if not found or rest is None or not quotient.isdecimal():
        return False
    whole, divisor = int(found[1]), int(found[2])
    return int(rest) < divisor and int(quotient) * divisor + int(rest) == whole
