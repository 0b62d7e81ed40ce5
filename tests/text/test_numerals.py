"""Numbers in Chinese and English text."""

from __future__ import annotations

from decimal import Decimal

import pytest

from zaohua.text.numerals import number, numbers


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("签收后14天内", [14]),
        ("签收后十四天内", [14]),
        ("两百三十元", [230]),
        ("一万二千块", [12000]),
        ("3万元", [30000]),
        ("1,299.50 元", ["1299.5"]),
        ("有3，4个", [3, 4]),
        ("within fourteen days", [14]),
        ("two hundred and five", [205]),
        ("twenty-one items, 1,200 in all", [21, 1200]),
        ("3 November 2026", [3, 11, 2026]),
        ("November 3", [11, 3]),
        ("2026年11月3日", [2026, 11, 3]),
        ("一般来说，万一坏了", []),
        ("八折", [8]),
        ("二点五倍", ["2.5"]),
        ("下午三点五十分", [3, 50]),
        ("一点二万元", [12000]),
        ("百万元和3 万元", [1000000, 30000]),
        ("他们俩人", [2]),
        ("七八十人", []),
        ("you may return it", []),
    ],
)
def test_numbers(text: str, values: list[int | str]) -> None:
    assert [one.value for one in numbers(text)] == [Decimal(value) for value in values]


def test_places() -> None:
    text = "共两百三十元和 5 天"
    assert [text[n.start : n.end] for n in numbers(text)] == ["两百三十", "5"]


@pytest.mark.parametrize(
    ("text", "value"),
    [("十", 10), ("二十", 20), ("一百零五", 105), ("一万二", 12000), ("两千三百", 2300),
     ("二〇二六", 2026), ("三亿", 300_000_000), ("一百二", 120), ("十二", 12), ("天", None)],
)  # fmt: skip
def test_numerals(text: str, value: int | None) -> None:
    assert number(text) == value
