from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.cleaning.making import chat, random_english, text
from zaohua.data.cleaning.mixing import Source, mix, part_of
from zaohua.data.records import Record
from zaohua.errors import UsageError


def source(name: str, weight: float, count: int, size: int = 10, passes: int = 1) -> Source:
    return Source(
        name, weight, lambda: (Record(name, i, text="x" * size) for i in range(count)), passes
    )


def shares(records: list[Record]) -> dict[str, float]:
    sizes = Counter[str]()
    for record in records:
        sizes[record.source] += len(record.text)
    return {name: size / sizes.total() for name, size in sizes.items()}


def test_shares_are_of_characters_at_every_point() -> None:
    sources = [source("a", 3, 10_000, 7), source("b", 1, 10_000, 90)]
    for length in (500, 3000):
        got = shares(list(islice(mix(sources), length)))
        assert got["a"] == pytest.approx(0.75, abs=0.03)
    assert list(islice(mix(sources), 300)) == list(islice(mix(sources), 300))


def test_nothing_is_lost_or_invented() -> None:
    got = list(mix([source("a", 5, 30), source("b", 1, 40, passes=2), source("c", 1, 0)]))
    assert Counter(record.source for record in got) == {"a": 30, "b": 80}
    assert [r.position for r in got if r.source == "b"] == [*range(40), *range(40)]


def test_ending_with_the_first_keeps_the_shares() -> None:
    got = list(mix([source("a", 1, 20), source("b", 1, 1000)], until="first"))
    assert shares(got)["a"] == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        [source("a", 0, 1)],
        [source("a", float("nan"), 1)],
        [source("a", 1, 1, passes=0)],
        [source("a", 1, 1), source("a", 1, 1)],
    ],
)
def test_wrong_mixtures_are_told_before_reading(wrong: list[Source]) -> None:
    with pytest.raises(UsageError):
        mix(wrong)


def test_the_split_has_its_share_and_does_not_move() -> None:
    records = [text(random_english(i, 8), i) for i in range(3000)]
    chosen = {r.text for r in records if part_of(r, 0.1) == "validation"}
    assert 220 < len(chosen) < 380
    moved = [replace(r, source="elsewhere", position=7, label="x", meta={"a": 1}) for r in records]
    assert {r.text for r in reversed(moved) if part_of(r, 0.1) == "validation"} == chosen
    assert chosen < {r.text for r in records if part_of(r, 0.2) == "validation"}
    other = {r.text for r in records if part_of(r, 0.1, salt="2") == "validation"}
    assert len(chosen & other) < 80


@given(st.text(max_size=30), st.floats(0, 1))
def test_equal_texts_are_on_one_side(said: str, share: float) -> None:
    assert part_of(text(said), share) == part_of(text(f" {said}\n", 9), share)
    assert part_of(chat(said, "x"), 0) == "train"
    assert part_of(chat(said, "x"), 1) == "validation"


def test_a_share_outside_is_refused() -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        part_of(text("a"), 1.5)
