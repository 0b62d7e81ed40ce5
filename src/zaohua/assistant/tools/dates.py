"""Tools that know the calendar: today, the days between two dates, a date so far from another."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from zaohua.assistant.tools.date_words import read_date, zone_named
from zaohua.assistant.tools.functions import tool_of
from zaohua.assistant.tools.values import BoundTool, ToolFailed, ToolOutput

WEEKDAYS_ZH = "一二三四五六日"
MOST_DAYS = 4_000_000
"""More than all the days there are between two dates of Python's calendar."""


def date_tools(clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> tuple[BoundTool, ...]:
    """``today``, ``days_between``, ``add_to_date`` and ``weekday``.

    Args:
        clock: tells the time now, with a zone.
    """
    tools = _Calendar(clock)
    functions = (tools.today, tools.days_between, tools.add_to_date, tools.weekday)
    return tuple(tool_of(function) for function in functions)


@dataclass(frozen=True, slots=True)
class _Calendar:
    """What the tools do; their docstrings and names are what a model is told."""

    clock: Callable[[], datetime]

    def today(self, zone: str = "") -> ToolOutput:
        """Tell today's date, weekday and time.

        Args:
            zone: time zone or city, such as Asia/Shanghai, 北京 or UTC+8; empty for the local one.
        """
        now = self._here(zone_named(zone, self._here()) if zone.strip() else None)
        shown = f"{_told(now.date())}, {now:%H:%M} ({now.tzname()})"
        value = {"date": now.date().isoformat(), "time": now.isoformat(timespec="seconds")}
        return ToolOutput(f"Today is {shown}", value)

    def days_between(self, start: str, end: str) -> ToolOutput:
        """Count the days from one date to another.

        Args:
            start: the first date, such as 2026-03-05, 2026年3月5日, March 5 2026 or today.
            end: the second date.
        """
        one, two = (read_date(text, self._here().date()) for text in (start, end))
        days = (two - one).days
        weeks, rest = divmod(abs(days), 7)
        more = f" ({weeks} weeks and {rest} days)" if weeks else ""
        text = f"From {_told(one)} to {_told(two)}: {days} days{more}"
        return ToolOutput(text, {"start": one.isoformat(), "end": two.isoformat(), "days": days})

    def add_to_date(
        self, start: str, days: int = 0, weeks: int = 0, months: int = 0, years: int = 0
    ) -> ToolOutput:
        """Find the date so many days, weeks, months or years after a date; before it if negative.

        Args:
            start: the date, such as 2026-03-05, 2026年3月5日, March 5 2026 or today.
            days: days to add.
            weeks: weeks to add.
            months: months to add.
            years: years to add.
        """
        began = read_date(start, self._here().date())
        found = _moved(began, days + 7 * weeks, months + 12 * years)
        value = {"start": began.isoformat(), "date": found.isoformat()}
        return ToolOutput(f"{_told(began)} → {_told(found)}", value)

    def weekday(self, date: str) -> ToolOutput:
        """Tell which day of the week a date is.

        Args:
            date: the date, such as 2026-03-05, 2026年3月5日, March 5 2026 or tomorrow.
        """
        found = read_date(date, self._here().date())
        return ToolOutput(_told(found), {"date": found.isoformat(), "weekday": found.isoweekday()})

    def _here(self, zone: tzinfo | None = None) -> datetime:
        return self.clock().astimezone(zone)


def _told(day: date) -> str:
    chinese = WEEKDAYS_ZH[day.weekday()]
    return f"{day.isoformat()} ({calendar.day_name[day.weekday()]}, 星期{chinese})"


def _moved(start: date, days: int, months: int) -> date:
    """The last day of a month where the month has no such day."""
    whole = start.year * 12 + start.month - 1 + months
    year, month = divmod(whole, 12)
    try:
        last = calendar.monthrange(year, month + 1)[1]
        moved = start.replace(year=year, month=month + 1, day=min(start.day, last))
        return moved + timedelta(max(-MOST_DAYS, min(days, MOST_DAYS)))
    except (ValueError, OverflowError):
        raise ToolFailed("that date is not between the years 1 and 9999") from None
