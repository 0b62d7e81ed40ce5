"""Days and whole months, as people count them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later, or the last one of that month if it has no such day.

    Raises:
        ValueError: the calendar does not reach so far.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise ValueError("a day that is in no calendar")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def years_between(first: date, last: date) -> int:
    """Whole years from ``first`` to ``last``: an age. Negative if ``last`` is the earlier."""
    if last < first:
        return -years_between(last, first)
    return last.year - first.year - ((last.month, last.day) < (first.month, first.day))
