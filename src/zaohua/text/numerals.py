"""Numbers in a text as numbers: digits, Chinese numerals, English number words, months."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_GROUPS = {"万": 10_000, "亿": 100_000_000}
_CHINESE = "".join((*_DIGITS, *_TENS, *_GROUPS))
_FIRST = "".join((*_DIGITS, *_TENS))  # 万一 is a word
_COUNTED = (
    "天日号年月周岁元块角分折个件人位次倍小半点时秒层楼米克斤吨升公里页章条款项种家名成例张份只台"
)
"""What follows a numeral that counts: without it a single one (一般, 万一) is a part of a word."""

_SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
    fifteen sixteen seventeen eighteen nineteen""".split()  # noqa: SIM905
_ROUND = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_ENGLISH = {word: n for n, word in enumerate(_SMALL)} | {
    word: 10 * n for n, word in enumerate(_ROUND, start=2)
}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_MONTHS = """january february march april may june july august september october november
    december""".split()  # noqa: SIM905

_WORD = "|".join(sorted((*_ENGLISH, *_SCALES), key=len, reverse=True))
_MONTH = "|".join((*_MONTHS, *(f"{month[:3]}\\.?" for month in _MONTHS if month != "may")))
_NUMBER = re.compile(
    rf"(?P<digits>(?:\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+)(?:\.\d+)?)(?P<group>\s?[万亿])?"
    rf"|(?P<chinese>[{_FIRST}][{_CHINESE}]+|[{_FIRST}](?=[{_COUNTED}]))(?:点(?P<tail>[{_CHINESE}]+))?"
    rf"|(?P<english>\b(?:{_WORD})(?:(?:[\s-]|\sand\s)(?:{_WORD}))*\b)"
    rf"|(?P<month>\b(?:{_MONTH})(?=\s+\d|\s*,|\s*$)|(?<=\d )(?:{_MONTH})\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number that stands at characters ``start`` to ``end`` of a text."""

    value: Decimal
    start: int
    end: int


def numbers(text: str) -> Iterator[Number]:
    """The numbers of ``text``: 14, 1,200.50, 十四, 两百三十, 3万, fourteen, November (as 11)."""
    for match in _NUMBER.finditer(text):
        value = _value(match)
        if value is not None:
            yield Number(value, match.start(), match.end())


def chinese_numeral(text: str) -> int | None:
    """The value of 二百三十五, 一万二, 二〇二六; None if it is no numeral."""
    if not text or any(c not in _CHINESE for c in text):
        return None
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total = group = digit = last = 0
    for c in text:
        if c in _DIGITS:
            digit = _DIGITS[c]
            last = 0 if digit == 0 else last
        elif c in _TENS:
            group += (digit or 1) * _TENS[c]
            digit, last = 0, _TENS[c]
        else:
            total = (total + group + digit or 1) * _GROUPS[c]
            group, digit, last = 0, 0, _GROUPS[c]
    return total + group + digit * (last // 10 if last > 10 else 1)  # 一万二 is 12,000


def _value(match: re.Match[str]) -> Decimal | None:
    if digits := match["digits"]:
        return _decimal(digits, (match["group"] or "").strip())
    if chinese := match["chinese"]:
        whole = chinese_numeral(chinese)
        tail = "".join(str(_DIGITS.get(c, "")) for c in match["tail"] or "")
        return None if whole is None else Decimal(f"{whole}.{tail or 0}").normalize()
    if english := match["english"]:
        return Decimal(_spoken(english.lower()))
    name = match["month"].lower().rstrip(".")
    return Decimal(next(n for n, m in enumerate(_MONTHS, start=1) if m.startswith(name)))


def _decimal(digits: str, group: str) -> Decimal | None:
    try:
        value = Decimal(digits.replace(",", ""))
    except InvalidOperation:
        return None
    return (value * _GROUPS.get(group, 1)).normalize()


def _spoken(words: str) -> int:
    total = group = 0
    for word in re.split(r"[\s-]+", words):
        if word in _ENGLISH:
            group += _ENGLISH[word]
        elif word == "hundred":
            group = (group or 1) * 100
        elif word in _SCALES:
            total += (group or 1) * _SCALES[word]
            group = 0
    return total + group
