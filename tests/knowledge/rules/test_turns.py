"""A case told over several turns."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from zaohua.knowledge.rules import RuleBook, Value, carried, completed, load_rules

FILE = """
facts:
  years: {type: number, ask: "How long is the lease?", patterns: ['lease (?:is )?(\\d+) years', '租期\\s?(\\d+)\\s?年']}
  months: {type: number, patterns: ['lease (?:is )?(\\d+) months', '租期\\s?(\\d+)\\s?个月']}
  furnished: {type: yes/no, words: [furnished]}
  dose: {type: number, patterns: ['(\\d+) mg']}
  times: {type: number, patterns: ['(\\d+) times']}
derived:
  term: months if known(months) else years * 12
  total: dose * times
rules:
  - {name: long, if: term > 36, then: Too long.}
  - {name: much, if: total > 4000, then: Too much.}
"""


@pytest.fixture
def book(tmp_path: Path) -> RuleBook:
    (tmp_path / "lease.yaml").write_text(FILE, "utf-8")
    return load_rules(tmp_path / "lease.yaml")


@pytest.mark.parametrize(
    ("ask", "answer", "whole"),
    [
        ("体重多少公斤？", "15", "体重15公斤？"),
        ("租期多久？", "三年。", "租期三年？"),
        ("孩子多大？", "8 个月", "孩子8 个月大？"),
        ("一天几次？", "3", "一天3次？"),
        ("是哪一种商品？", "鞋", "是哪一种商品？ 鞋"),
        ("How long is the lease?", "two years", "the lease is two years"),
        ("What is the weight in kg?", "15", "the weight is 15 kg"),
        ("How many times a day?", "3", "3 times a day"),
        ("For how many years?", "5", "For 5 years"),
        ("How old?", "8 months", "8 months old"),
        ("On a working day or a holiday?", "a holiday", "On a working day or a holiday? a holiday"),
    ],
)
def test_an_answer_completes_what_was_asked(ask: str, answer: str, whole: str) -> None:
    assert completed(ask, answer) == whole


def test_another_measure_replaces_the_one_before(book: RuleBook) -> None:
    before: dict[str, Value] = {"months": Decimal(6), "furnished": True}
    assert carried(book, before, {"years": Decimal(2)}) == {"years": 2, "furnished": True}
    both = carried(book, {"years": Decimal(2)}, {"months": Decimal(6)})
    assert book.evaluate(both)[0].holds is False


def test_what_goes_together_is_kept(book: RuleBook) -> None:
    known = carried(book, {"dose": Decimal(500)}, {"times": Decimal(9)})
    assert known == {"dose": 500, "times": 9}
    assert carried(book, known, {}) == known
    assert book.used_by("much") == {"dose", "times"}
