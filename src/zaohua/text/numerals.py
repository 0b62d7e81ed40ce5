"""Numbers in figures, Chinese numerals and English words: found in a text, and read exactly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

_DIGITS = {
    character: value
    for value, same in enumerate(
        ("零〇", "一壹幺", "二两俩贰兩", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for character in same
}
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}

_FIGURES = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_HAN_DIGITS = "零〇一二两三四五六七八九"
_HAN = "零〇一壹幺二两贰兩三叁四肆五伍六陆七柒八捌九玖十拾百佰千仟万萬亿億"
_COMMON = f"{_HAN_DIGITS}俩十百千"
"""What a numeral in running text begins with: 万一 is a word."""

_COUNTED = (
    "天日号年月周岁元块角分折个件人位次倍小半点时秒层楼米克斤吨升公里页章条款项种家名成例张份只台"
)
"""What follows a numeral that counts: without it a single one (一般) is a part of a word."""

_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
]  # fmt: skip
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_ENGLISH = {
    **{word: value for value, word in enumerate(_ONES)},
    **{word: 10 * value for value, word in enumerate(_TENS, start=2)},
}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6}
_COUNTS = {"dozen": 12, "couple": 2}
_WORD = "|".join([*_ENGLISH, *_SCALES])
_MONTHS = """january february march april may june july august september october november
    december""".split()  # noqa: SIM905
_MONTH = "|".join((*_MONTHS, *(f"{month[:3]}\\.?" for month in _MONTHS if month != "may")))

NUMBER = (
    rf"(?:{_FIGURES}(?:(?<=\d)(?:[{_HAN[24:]}]|\s[万萬亿億])(?:[{_HAN}]|(?<=[{_HAN[24:]}])\d+)*)?"
    rf"|[{_HAN}]+(?:点[{_HAN_DIGITS}]+)?[万亿]?|半"
    rf"|\b(?:an?\s+)?(?:{_WORD})(?:(?:[\s-]+|\s+and\s+)(?:{_WORD}))*(?:\s+and\s+a\s+half)?\b"
    rf"|\ba\s+(?:{'|'.join(_COUNTS)})(?:\s+of)?\b|\bhalf(?:\s+an?)?\b|\ban?\b)"
)
"""A pattern for what `number` reads: lower case, NFKC."""

_TOKEN = re.compile(rf"{_FIGURES}|[{_HAN}俩]")
_GAP = re.compile(r"(?<=\d)\s(?=[万萬亿億])")
_FOUND = re.compile(
    rf"(?P<number>{_FIGURES}(?:\s?[万亿])?"
    rf"|(?:[{_COMMON}][{_COMMON}万亿]+|[{_COMMON}](?=[{_COUNTED}]))"
    rf"(?:点[{_HAN_DIGITS}]+(?![十百千])[万亿]?)?"
    rf"|\b(?:{_WORD})(?:(?:[\s-]|\sand\s)(?:{_WORD}))*\b)"
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
    for match in _FOUND.finditer(text):
        value = _month(match["month"]) if match["month"] else _plain(match["number"])
        if value is not None:
            yield Number(value.normalize(), match.start(), match.end())


def number(text: str) -> Decimal | None:
    """The number that ``text`` is; None if it is none.

    ``120``, ``1,200.5``, ``一百二十``, ``三千五`` (3,500), ``二〇二六``, ``1.5万``, ``1.5 万``,
    ``三点一四``, ``半``, ``twenty-five``, ``a hundred and twenty``, ``one and a half``,
    ``a dozen``.
    """
    text = _GAP.sub("", text.strip())
    if re.fullmatch(_FIGURES, text):
        return Decimal(text.replace(",", ""))
    if text == "半":
        return Decimal("0.5")
    return _english(text) if text[:1].isascii() and text[:1].isalpha() else _chinese(text)


def _plain(said: str) -> Decimal | None:
    """``said`` as `number` reads it; in running text 百万 and 千元 stand without 一."""
    bare = said.lower()
    return number(f"一{bare}" if bare[0] in "百千" else bare)


def _month(name: str) -> Decimal:
    found = name.lower().rstrip(".")
    return Decimal(next(n for n, month in enumerate(_MONTHS, 1) if month.startswith(found)))


def _chinese(text: str) -> Decimal | None:
    whole, point, rest = text.partition("点")
    if point:
        return _with_fraction(whole, rest)
    tokens = _TOKEN.findall(text)
    if not tokens or "".join(tokens) != text:
        return None
    if len(tokens) > 1 and all(token in _DIGITS for token in tokens):
        return Decimal("".join(str(_DIGITS[token]) for token in tokens))
    return _by_units(tokens)


def _with_fraction(whole: str, rest: str) -> Decimal | None:
    scale = _LARGE.get(rest[-1:], 1)
    digits = rest.rstrip("万萬亿億")
    before = _chinese(whole) if whole else None
    if before is None or not digits or any(one not in _DIGITS for one in digits):
        return None
    return (before + Decimal(f"0.{''.join(str(_DIGITS[one]) for one in digits)}")) * scale


def _by_units(tokens: list[str]) -> Decimal | None:
    """Digits with 十百千万亿 after them; what does not descend is no number."""
    total = section = Decimal(0)
    digit: Decimal | None = None
    last, after_zero = 10**9, False
    for token in tokens:
        if token in _LARGE:
            chunk = section + (digit or Decimal(0))
            if not chunk and not total:
                return None
            unit = _LARGE[token]
            total = (total + chunk) * unit if total < unit else total + chunk * unit
            section, digit, last, after_zero = Decimal(0), None, unit, False
        elif token in _SMALL:
            unit = _SMALL[token]
            if last <= unit or (digit is None and unit != 10):
                return None
            section += unit * (Decimal(1) if digit is None else digit)
            digit, last, after_zero = None, unit, False
        elif digit:
            return None
        else:
            digit = Decimal(_DIGITS[token]) if token in _DIGITS else _figures(token)
            after_zero = after_zero or not digit
    if digit and not after_zero and 100 <= last < 10**9 and digit < 10:
        digit *= last // 10  # 三千五 is 3,500
    return total + section + (digit or 0)


def _figures(token: str) -> Decimal:
    return Decimal(token.replace(",", ""))


def _english(text: str) -> Decimal | None:
    words = [word for word in re.split(r"[\s-]+", text) if word != "of"]
    half = Decimal("0.5") if words[-3:] == ["and", "a", "half"] else Decimal(0)
    words = words[:-3] if half else words
    if words in (["a"], ["an"]):
        return Decimal(1)
    if words[0] == "half":
        return Decimal("0.5")
    if words[-1] in _COUNTS:
        return Decimal(_COUNTS[words[-1]])
    return _english_words([w for w in words if w != "and"], half)


def _english_words(words: list[str], half: Decimal) -> Decimal | None:
    total = section = Decimal(0)
    for place, word in enumerate(words):
        if word in ("a", "an") and not place:
            section = Decimal(1)
        elif word == "hundred":
            section = (section or Decimal(1)) * 100
        elif word in _SCALES:
            total, section = total + (section or Decimal(1)) * _SCALES[word], Decimal(0)
        elif word in _ENGLISH and _fits(section, _ENGLISH[word]):
            section += _ENGLISH[word]
        else:
            return None
    return total + section + half


def _fits(section: Decimal, value: int) -> bool:
    """``twenty`` + ``five`` is a number, ``five`` + ``five`` is two."""
    below = 100 if value >= 10 else 10
    return section % below == 0
