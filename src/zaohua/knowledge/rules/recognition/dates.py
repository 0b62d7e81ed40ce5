"""Days in a text: written out, or told from today."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from zaohua.knowledge.rules.months import add_months
from zaohua.knowledge.rules.recognition.units import unit_named
from zaohua.text.numerals import NUMBER, number

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s*(?P<year>\d{4}))?(?!\d)"
_HAN = "[〇零一二三四五六七八九十]"
_WEEKDAYS = {
    "一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "monday": 0,
    "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
}  # fmt: skip
_NAMED = {
    "今天": 0, "今日": 0, "今早": 0, "今晚": 0, "昨天": -1, "昨日": -1, "昨晚": -1, "前天": -2,
    "大前天": -3, "明天": 1, "明日": 1, "后天": 2, "大后天": 3, "today": 0, "yesterday": -1,
    "the day before yesterday": -2, "tomorrow": 1, "the day after tomorrow": 2,
}  # fmt: skip
_SPANS = {
    "天": ("day", 1), "日": ("day", 1), "day": ("day", 1), "周": ("day", 7), "星期": ("day", 7),
    "礼拜": ("day", 7), "week": ("day", 7), "fortnight": ("day", 14), "月": ("month", 1),
    "month": ("month", 1), "年": ("month", 12), "year": ("month", 12),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class When:
    """A day at a place of a text."""

    start: int
    end: int
    value: date


def dates_in(text: str, today: date, *, ahead: bool = False) -> list[When]:
    """The days in ``text`` (lower case, NFKC) by place.

    A day without a year is the last one, today included, or with ``ahead`` the next one.
    ``11/3/2026``, which is one day here and another there, is none.
    """
    found: list[When] = []
    for pattern, read in _ways(today, ahead=ahead):
        for match in re.finditer(pattern, text):
            day = _safe(read, match)
            free = all(match.end() <= one.start or one.end <= match.start() for one in found)
            if day and free:
                found.append(When(match.start(), match.end(), day))
    return sorted(found, key=lambda one: one.start)


def shifted(today: date, amount: Decimal, unit: str, sign: int) -> date | None:
    """The day ``amount`` of ``unit`` (a unit of time) before (-1) or after (1) ``today``."""
    measure = unit_named(unit)
    if measure is None:
        return None
    if measure.dimension == "months":
        months = amount * measure.factor
        whole = int(months)
        return add_months(today, sign * whole) + timedelta(days=sign * int((months - whole) * 30))
    return today + timedelta(days=sign * int(amount * measure.factor / 1440))


def _safe(read: Callable[[re.Match[str]], date | None], match: re.Match[str]) -> date | None:
    with suppress(ValueError, OverflowError):
        return read(match)
    return None


def _ways(
    today: date, *, ahead: bool
) -> Iterator[tuple[str, Callable[[re.Match[str]], date | None]]]:
    written = partial(_written, today, ahead)
    yield r"(?P<year>\d{4})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]?", written
    yield (
        rf"(?P<year>[〇零一二三四五六七八九]{{4}})年(?P<month>{_HAN}{{1,2}})月(?P<day>{_HAN}{{1,3}})[日号]?",
        written,
    )
    yield r"(?<![\d-])(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?![\d-])", written
    yield r"(?<![\d/])(?P<year>\d{4})[/.](?P<month>\d{1,2})[/.](?P<day>\d{1,2})(?![\d/])", written
    yield (
        rf"(?<![\d月])(?P<month>\d{{1,2}}|{_HAN}{{1,2}})月(?P<day>\d{{1,2}}|{_HAN}{{1,3}})[日号]",
        written,
    )
    yield rf"\b{_DAY}(?:\s+of)?\s+{_MONTH}{_YEAR}", written
    yield rf"\b{_MONTH}\s+{_DAY}(?!\d){_YEAR}", written
    yield r"(?<![\d/])(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<year>\d{4})(?![\d/])", _slashed
    names = "|".join(sorted(_NAMED, key=len, reverse=True))
    yield rf"(?:{names})", lambda m: today + timedelta(days=_NAMED[m[0]])
    yield from _told(today)


def _told(today: date) -> Iterator[tuple[str, Callable[[re.Match[str]], date | None]]]:
    """From today, by days, weeks, months and years, and by days of the week."""
    span = r"(?P<half>个半)?个?(?P<unit>天|日|周|星期|礼拜|月|年)"
    english = r"\s*(?P<unit>day|week|fortnight|month|year)s?"
    back, on = partial(_counted, today, -1), partial(_counted, today, 1)
    yield rf"(?P<number>{NUMBER}){span}(?:以|之)?前", back
    yield rf"(?P<number>{NUMBER}){span}(?:以|之)?后", on
    yield rf"(?P<number>{NUMBER}){english}\s+(?:ago|earlier|back\b)", back
    yield rf"\bin\s+(?P<number>{NUMBER}){english}\b", on
    yield rf"(?P<number>{NUMBER}){english}\s+from\s+(?:now|today)", on
    weekday = r"(?:星期|周|礼拜)(?P<weekday>[一二三四五六日天])"
    yield rf"(?P<which>上上个?|上个?|这个?|本|下个?){weekday}", partial(_weekday, today)
    days = "|".join(name for name in _WEEKDAYS if name.isascii())
    yield rf"\b(?P<which>last|this|next)\s+(?P<weekday>{days})\b", partial(_english_day, today)


def _written(today: date, ahead: bool, match: re.Match[str]) -> date | None:
    parts = match.groupdict()
    month = _month(match["month"])
    day = number(match["day"])
    year = number(parts.get("year") or "") if parts.get("year") else None
    if month is None or day is None:
        return None
    if year is not None:
        return date(int(year), month, int(day))
    return _without_year(today, month, int(day), ahead=ahead)


def _month(written: str) -> int | None:
    if written[:3] in _MONTHS:
        return _MONTHS.index(written[:3]) + 1
    value = number(written)
    return None if value is None else int(value)


def _without_year(today: date, month: int, day: int, *, ahead: bool) -> date | None:
    """The nearest such day on the right side; 29 February waits for its year."""
    years = range(today.year, today.year + 9) if ahead else range(today.year, today.year - 9, -1)
    for year in years:
        with suppress(ValueError):
            found = date(year, month, day)
            if (found >= today) if ahead else (found <= today):
                return found
    return None


def _slashed(match: re.Match[str]) -> date | None:
    first, second, year = int(match["a"]), int(match["b"]), int(match["year"])
    if first > 12:
        return date(year, second, first)
    return date(year, first, second) if second > 12 or first == second else None


def _counted(today: date, sign: int, match: re.Match[str]) -> date | None:
    amount = number(match["number"])
    if amount is None:
        return None
    unit, factor = _SPANS[match["unit"]]
    if match.groupdict().get("half"):
        amount += Decimal("0.5")
    return shifted(today, amount * factor, unit, sign)


def _weekday(today: date, match: re.Match[str]) -> date:
    monday = today - timedelta(days=today.weekday())
    which = match["which"].rstrip("个")
    weeks = {"上上": -2, "上": -1, "下": 1}.get(which, 0)
    return monday + timedelta(days=7 * weeks + _WEEKDAYS[match["weekday"]])


def _english_day(today: date, match: re.Match[str]) -> date:
    """``last`` is the nearest before today, ``next`` and ``this`` the nearest after it."""
    ahead = (_WEEKDAYS[match["weekday"]] - today.weekday()) % 7 or 7
    return today + timedelta(
        days=ahead - 7
        if match["which"] == "last" and ahead < 7
        else ahead
        if match["which"] != "last"
        else -7
    )
