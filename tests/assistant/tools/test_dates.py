"""The calendar, at a fixed time, in the words of both languages."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from zaohua.assistant.tools import Toolbox
from zaohua.assistant.tools.dates import date_tools
from zaohua.generate.request import ToolCall

BOX = Toolbox(date_tools(lambda: datetime(2026, 11, 27, 20, 30, tzinfo=UTC)))


async def told(name: str, **arguments: Any) -> str:
    return (await BOX.call(ToolCall("", name, json.dumps(arguments)))).text


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("UTC", "Today is 2026-11-27 (Friday, 星期五), 20:30 (UTC)"),
        ("Asia/Shanghai", "Today is 2026-11-28 (Saturday, 星期六), 04:30 (CST)"),
        ("北京时间", "Today is 2026-11-28 (Saturday, 星期六), 04:30 (CST)"),
        ("New York", "Today is 2026-11-27 (Friday, 星期五), 15:30 (EST)"),
        ("UTC+8", "Today is 2026-11-28 (Saturday, 星期六), 04:30 (UTC+08:00)"),
        ("gmt -3:30", "Today is 2026-11-27 (Friday, 星期五), 17:00 (UTC-03:30)"),
        ("火星", "Error: '火星' is no time zone known here: write Asia/Shanghai or UTC+8"),
        ("../../etc/passwd", "Error: '../../etc/passwd' is no time zone known here"),
        ("UTC+99", "Error: 'UTC+99' is no time zone"),
    ],
)
async def test_today(zone: str, text: str) -> None:
    assert (await told("today", zone=zone)).startswith(text)


@pytest.mark.parametrize(
    "written",
    [
        "2024-03-05", "2024/3/5", "2024.3.5", "2024年3月5日", "2024 年 3 月 5 号", "March 5, 2024",
        "mar 5 2024", "5 March 2024", "5th of March, 2024", "March the 5th 2024",
        "2024-03-05T10:00:00", "２０２４年３月５日", " 2024-03-05. ",
    ],
)  # fmt: skip
async def test_dates_as_people_write_them(written: str) -> None:
    assert await told("weekday", date=written) == "2024-03-05 (Tuesday, 星期二)"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("today", "2026-11-27"), ("明天", "2026-11-28"), ("前天", "2026-11-25"),
        ("3月5日", "2026-03-05"), ("March 5", "2026-03-05"),
        ("3/5/2026", "Error: '3/5/2026' can be two dates: write it as 2026-03-05"),
        ("2026-02-30", "Error: there is no such date: 2026-02-30"),
        ("someday", "Error: 'someday' is no date: write it as 2026-03-05"),
    ],
)  # fmt: skip
async def test_other_words(written: str, text: str) -> None:
    assert (await told("weekday", date=written)).startswith(text)


async def test_days_between() -> None:
    text = await told("days_between", start="2024年3月1日", end="Dec 25, 2024")
    assert text.endswith("2024-12-25 (Wednesday, 星期三): 299 days (42 weeks and 5 days)")
    assert (await told("days_between", start="tomorrow", end="today")).endswith(": -1 days")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"days": 45}, "2024-03-16 (Saturday, 星期六)"), ({"days": -31}, "2023-12-31"),
        ({"months": 1}, "2024-02-29"), ({"months": -2}, "2023-11-30"), ({"years": 1}, "2025-01-31"),
        ({"weeks": 2, "days": 1}, "2024-02-15"), ({"months": 13}, "2025-02-28"), ({}, "2024-01-31"),
    ],
)  # fmt: skip
async def test_add_to_date(change: dict[str, int], found: str) -> None:
    text = await told("add_to_date", start="2024-01-31", **change)
    assert text.partition(" → ")[2].startswith(found)


@pytest.mark.parametrize("change", [{"years": 10**12}, {"days": -(10**9)}, {"months": -(10**6)}])
async def test_beyond_the_calendar(change: dict[str, int]) -> None:
    text = await told("add_to_date", start="2024-01-31", **change)
    assert text == "Error: that date is not between the years 1 and 9999"
