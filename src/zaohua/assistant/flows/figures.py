"""Numbers as people answer with them: below zero, fractions, with a decimal comma, or only about.

The numbers of the rules (`zaohua.text.numerals`) are those of running text, where ``3/4`` may be a
day and ``-`` a dash; in answer to the question for a number they are what they look like.
"""

from __future__ import annotations

import re
from decimal import Decimal

from zaohua.text.numerals import number

_HAN = "零〇一二两三四五六七八九十百"
_BELOW_ZERO = re.compile(
    r"(?:(?<![\w.)])[-–](?=[\d.])|−\s*(?=\d)|(?:负|零下)\s*(?=[\d半零〇一二两三四五六七八九十百千])"
    r"|\b(?:minus|negative)\s+(?=\w))"
)
_FRACTION = re.compile(
    r"(?:(?P<whole>\d+)(?:\s+|\s*又\s*))?(?P<top>\d+)\s*[/⁄]\s*(?P<bottom>\d+)(?![\d/])"
)
_CHINESE_FRACTION = re.compile(
    rf"(?:(?P<whole>[\d{_HAN}]+)又)?(?P<bottom>(?!百分)[\d{_HAN}]+)分之(?P<top>[\d{_HAN}]+)"
)
_COMMA = re.compile(r"(?<![\d,.])(\d{1,3}),(\d{1,2})(?![\d,])")
_ABOUT = re.compile(
    r"一两|[两二]三|三[四五]|四五|五六|六七|七八|八九|[十百千]几|[十百千]来|好几|若干"
    r"|[\d.]+\s*(?:-|–|~|至|到|或(?:者|是)?|\bto\b|\bor\b)\s*\d"
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten) (?:or|to) \w+"
    r"|\b(?:a few|several|dozens|a handful)\b"
)


def is_about(text: str) -> bool:
    """Whether a plain text only says about how many: 两三个, 2-3, a few."""
    return _ABOUT.search(text) is not None


def below_zero(text: str) -> bool:
    """Whether a plain text has a number below zero: -5, 负五, minus five."""
    return _BELOW_ZERO.search(text) is not None


def written_out(text: str) -> str:
    """A plain text with its fractions and decimal commas as decimals, and without signs.

    ``3/4`` and 四分之三 are 0.75, ``1 1/2`` is 1.5, as is ``1,5``; ``1,500`` stays a thousand.
    """
    text = _BELOW_ZERO.sub(" ", text)
    for pattern in (_CHINESE_FRACTION, _FRACTION):
        text = pattern.sub(_decimal, text)
    return _COMMA.sub(r"\1.\2", text)


def _decimal(match: re.Match[str]) -> str:
    whole, top, bottom = (number(match[name] or "0") for name in ("whole", "top", "bottom"))
    if whole is None or top is None or not bottom:
        return match.group()
    value: Decimal = whole + top / bottom
    return f" {value:f} "
