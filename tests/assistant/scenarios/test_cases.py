"""Evaluation sets are read strictly; what contradicts itself is refused with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.assistant.scenarios.conftest import CASES, lines
from zaohua.assistant.scenarios import Packs
from zaohua.assistant.scenarios.cases import read_cases
from zaohua.errors import UsageError

Make = Callable[..., Path]


def test_cases_are_read(make: Make, packs: Packs):
    make(changes={"cases/en.jsonl": lines([{**CASES[0], "id": "en-01"}])})
    cases = read_cases(packs.get("museum"))
    assert [case.spec.id for case in cases] == ["zh-01", "zh-02", "zh-03", "zh-04", "en-01"]
    assert [case.language for case in cases][-2:] == ["zh", "en"]
    assert len(read_cases(packs.get("museum"), ["en"])) == 1
    assert [len(case.expected) for case in cases] == [1, 1, 2, 1, 1]
    assert cases[3].asked == ("[[say 这是一个长句子，它不短。]]",)


def test_only_the_last_answer_is_judged_unless_told(make: Make, packs: Packs):
    case = {"id": "a", "kind": "multi-turn", "turns": ["1", "2"], "expect": {"has": ["x"]}}
    some = {**case, "id": "b", "expect": [None, {"has": ["x"]}]}
    make(changes={"cases/zh.jsonl": lines([case, some])})
    for one in read_cases(packs.get("museum")):
        assert [expect is None for expect in one.expected] == [True, False]


CASE: dict[str, Any] = {"id": "a", "kind": "answerable", "turns": ["?"], "expect": {"has": ["x"]}}
FORMAT = {"id": "a", "kind": "format", "template": "motto", "inputs": {}, "bare": "b"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"expects": 1}, "expects: there is no such key, did you mean 'expect'?"),
        ({"expect": {"hass": ["x"]}}, "expect.0.hass: there is no such key, did you mean 'has'?"),
        ({"expect": None}, "expect"),
        ({"expect": {}}, "expects nothing"),
        ({"expect": {"has": [[]]}}, "a list is empty"),
        ({"expect": {"has": [["14 天"]], "lacks": ["十四天"]}}, "has and lacks '14 天'"),
        ({"expect": {"declines": True, "cites": ["a.md"]}}, "what declines cites nothing"),
        ({"expect": {"sentences": [3, 1]}}, "sentences of 3 at least and 1 at most"),
        ({"expect": {"sentences": [1]}}, "expect.0.sentences"),
        ({"expect": {"schema": {"type": "objekt"}}}, "not a JSON Schema"),
        ({"expect": {"checks": {"matches": "("}}}, "not a regular expression"),
        ({"expect": [{"has": ["x"]}, {"has": ["y"]}]}, "a list of one for each turn"),
        ({"turns": []}, "either turns or a template"),
        ({"turns": [""]}, "turns.0"),
        ({"template": "motto"}, "either turns or a template"),
        ({"bare": "x"}, "inputs and bare are for a template"),
        ({"id": "with space"}, "id"),
        ({"kind": "Answerable"}, "kind"),
    ],
)
def test_what_cannot_be(make: Make, packs: Packs, changes: dict[str, Any], told: str):
    make(changes={"cases/zh.jsonl": "\n" + lines([{**CASE, **changes}])})
    with pytest.raises(UsageError) as caught:
        read_cases(packs.get("museum"))
    assert told in caught.value.what, caught.value.what
    assert caught.value.what.startswith("zh.jsonl:2: ")


def test_templates_have_a_bare_question_and_no_turn(make: Make, packs: Packs):
    wrong = [
        {**FORMAT, "bare": "", "expect": {"has": ["x"]}},
        {**FORMAT, "expect": {"declines": True}},
    ]
    make(changes={"cases/zh.jsonl": lines(wrong)})
    with pytest.raises(UsageError, match=r"zh.jsonl:1: bare: is missing.*zh.jsonl:2: expect: a"):
        read_cases(packs.get("museum"))


def test_all_problems_at_once_and_an_id_counts_once(make: Make, packs: Packs):
    make(changes={
        "cases/zh.jsonl": lines([CASE, CASE]) + "\n{\n",
        "cases/en.jsonl": lines([CASE]),
    })  # fmt: skip
    with pytest.raises(UsageError) as caught:
        read_cases(packs.get("museum"))
    told = caught.value.what
    assert "zh.jsonl:2: the id 'a' stands twice, first in zh.jsonl:1" in told
    assert "en.jsonl:1: the id 'a' stands twice" in told
    assert "zh.jsonl:3: Invalid JSON" in told
