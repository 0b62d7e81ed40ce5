"""Reads dates and time zones as people write them in Chinese and English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from zaohua.assistant.tools.values import ToolFailed

_RELATIVE = {
    "today": 0, "now": 0, "今天": 0, "今日": 0, "现在": 0,
    "tomorrow": 1, "明天": 1, "明日": 1, "yesterday": -1, "昨天": -1, "昨日": -1,
    "the day after tomorrow": 2, "后天": 2, "大后天": 3,
    "the day before yesterday": -2, "前天": -2, "大前天": -3,
}  # fmt: skip
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun",
            "july jul", "august aug", "september sept sep", "october oct", "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY = r"(?P<day>\d{1,2})"
_YEAR = r"(?:,?\s*(?P<year>\d{4}))?"
DATE_FORMS = (
    r"(?P<year>\d{4})\s*[-/.]\s*(?P<month>\d{1,2})\s*[-/.]\s*(?P<day>\d{1,2})",
    r"(?:(?P<year>\d{4})\s*年\s*)?(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]?",
    rf"(?P<name>{_MONTH})\.?\s+(?:the\s+)?{_DAY}(?:st|nd|rd|th)?{_YEAR}",
    rf"{_DAY}(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<name>{_MONTH})\.?{_YEAR}",
)
"""Regular expressions of dates in small letters."""
_FORMS = tuple(re.compile(form) for form in DATE_FORMS)
_ORDERED = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}")
_TAIL = re.compile(r"(?:[T\s]\s*\d{1,2}:\d{2}.*)$", re.IGNORECASE)
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?")
_ZONES: Mapping[str, str] = {
    "北京": "Asia/Shanghai", "上海": "Asia/Shanghai", "中国": "Asia/Shanghai",
    "beijing": "Asia/Shanghai", "china": "Asia/Shanghai", "香港": "Asia/Hong_Kong",
    "台北": "Asia/Taipei", "东京": "Asia/Tokyo", "日本": "Asia/Tokyo", "首尔": "Asia/Seoul",
    "新加坡": "Asia/Singapore", "悉尼": "Australia/Sydney", "莫斯科": "Europe/Moscow",
    "伦敦": "Europe/London", "巴黎": "Europe/Paris", "柏林": "Europe/Berlin",
    "纽约": "America/New_York", "芝加哥": "America/Chicago", "洛杉矶": "America/Los_Angeles",
    "旧金山": "America/Los_Angeles", "迪拜": "Asia/Dubai", "san francisco": "America/Los_Angeles",
}  # fmt: skip
_AREAS = ("Asia", "Europe", "America", "Australia", "Africa", "Pacific")


def read_date(text: str, today: date) -> date:
    """A date written in numbers, with a month's name or as a word like ``tomorrow``.

    Without a year it is in the year of ``today``.

    Raises:
        ToolFailed: it is none, does not exist, or could be two (``3/5/2026``).
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower().rstrip(".。")
    if plain in _RELATIVE:
        return today + timedelta(_RELATIVE[plain])
    plain = _TAIL.sub("", plain).strip()
    for form in _FORMS:
        if found := form.fullmatch(plain):
            return _date(found, today, text)
    if _ORDERED.fullmatch(plain):
        raise ToolFailed(f"'{text}' can be two dates: write it as 2026-03-05")
    raise ToolFailed(f"'{text[:40]}' is no date: write it as 2026-03-05")


def _date(found: re.Match[str], today: date, text: str) -> date:
    parts = found.groupdict()
    month = int(parts["month"]) if parts.get("month") else _MONTHS[parts["name"]]
    try:
        return date(int(parts.get("year") or today.year), month, int(parts["day"]))
    except ValueError:
        raise ToolFailed(f"there is no such date: {text}") from None


def zone_named(name: str, now: datetime) -> tzinfo:
    """A time zone by its name, by a city in it, or by its distance from UTC.

    Raises:
        ToolFailed: it is not known.
    """
    plain = unicodedata.normalize("NFKC", name).strip()
    low = plain.lower()
    if low in ("local", "本地"):
        return now.tzinfo or UTC
    if low in ("utc", "gmt", "z"):
        return UTC
    if found := _OFFSET.fullmatch(low):
        sign = -1 if found[1] == "-" else 1
        return _offset(sign * (int(found[2]) * 60 + int(found[3] or 0)), name)
    city = low.replace(" ", "_").title()
    names = (_ZONES.get(low.removesuffix("时间"), ""), plain, *(f"{a}/{city}" for a in _AREAS))
    for candidate in filter(None, names):
        if zone := _zone(candidate):
            return zone
    raise ToolFailed(f"'{name[:40]}' is no time zone known here: write Asia/Shanghai or UTC+8")


def _offset(minutes: int, name: str) -> tzinfo:
    if abs(minutes) >= 24 * 60:
        raise ToolFailed(f"'{name}' is no time zone")
    return timezone(timedelta(minutes=minutes))


def _zone(name: str) -> tzinfo | None:
    reading: Callable[[str], tzinfo] = ZoneInfo
    try:
        return reading(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
