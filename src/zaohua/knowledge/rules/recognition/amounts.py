"""Amounts in a text: numbers with units, money, how often a day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from zaohua.knowledge.rules.recognition.units import UNITS, Unit, unit_named
from zaohua.text.numerals import NUMBER, number

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Amount:
    """A number at a place of a text; ``unit`` is None for a bare one."""

    start: int
    end: int
    value: Decimal
    unit: Unit | None


_RATES = (
    rf"(?:每天|每日|一天|一日|一昼夜)(?:吃|服|服用|喝|用)?(?P<day>{NUMBER})(?:次|回|顿)",
    rf"(?:每周|每星期|每个星期|一周|一个星期)(?P<week>{NUMBER})(?:次|回)",
    rf"每隔?(?P<every>{NUMBER})个?小时(?:吃|服|服用|喝|用)?一?次?",
    rf"(?P<day_en>{NUMBER})\s+times\s+(?:a|per|each|every)\s+day|(?P<daily>{NUMBER})\s+times\s+daily",
    rf"(?P<week_en>{NUMBER})\s+times\s+(?:a|per|each|every)\s+week",
    rf"every\s+(?P<every_en>{NUMBER})\s+hours?",
    r"(?P<word>once|twice|thrice)\s+(?:(?:a|per|each|every)\s+(?P<of>day|week)|daily|(?P<weekly>weekly))",
)  # fmt: skip
_WORDS = {"once": Decimal(1), "twice": Decimal(2), "thrice": Decimal(3)}


def amounts_in(text: str, own: Sequence[Unit] = (), taken: Sequence[Span] = ()) -> list[Amount]:
    """The amounts in ``text`` (lower case, NFKC) by place; none of them inside ``taken``.

    Args:
        text: where.
        own: units that a rule file has of its own.
        taken: places that are something else already.
    """
    found: list[Amount] = []
    spans = list(taken)
    for way in (_rates, _money_before, lambda whole: _after(whole, own), _bare):
        for amount in way(text):
            if all(amount.end <= start or end <= amount.start for start, end in spans):
                found.append(amount)
                spans.append((amount.start, amount.end))
    return sorted(found, key=lambda amount: amount.start)


def _rates(text: str) -> Iterator[Amount]:
    day, week = unit_named("per day"), unit_named("per week")
    for match in _compiled("|".join(_RATES)).finditer(text):
        groups = {name: got for name, got in match.groupdict().items() if got}
        if word := groups.get("word"):
            often: Decimal | None = _WORDS[word]
        else:
            often = number(next(iter(groups.values())))
        if not often:
            continue
        if "every" in groups or "every_en" in groups:
            often = 24 / often
        weekly = {"week", "week_en", "weekly"} & set(groups) or groups.get("of") == "week"
        yield Amount(match.start(), match.end(), often, week if weekly else day)


def _money_before(text: str) -> Iterator[Amount]:
    signs = {sign: unit for unit in UNITS for sign in unit.signs}
    longest = sorted(map(re.escape, signs), key=len, reverse=True)
    pattern = rf"(?<![a-z])(?P<sign>{'|'.join(longest)})\s*(?P<number>{NUMBER})(?:\s*(?:元|块))?"
    for match in _compiled(pattern).finditer(text):
        value = number(match["number"])
        if value is not None and not match["number"].startswith(("a", "half")):
            yield Amount(match.start(), match.end(), value, signs[match["sign"]])


def _after(text: str, own: Sequence[Unit]) -> Iterator[Amount]:
    words = {word: unit for unit in (*UNITS, *own) for word in unit.words if word}
    pattern = (
        rf"(?P<number>{NUMBER})(?P<and_half>个半(?=[月年]|小时|钟头|星期))?"
        rf"\s*-?(?P<unit>{_any_of((*words, '月'))})(?P<half>半(?!天|年|个))?"
    )
    for match in _compiled(pattern).finditer(text):
        unit, value = words.get(match["unit"], unit_named("month")), number(match["number"])
        if value is None or unit is None or _is_no_amount(match, unit):
            continue
        end = match.end()
        if unit.name == "CNY":
            value, end = _with_jiao(text, value, match.end("unit"))
        elif match["half"] or match["and_half"]:
            value += Decimal("0.5")
        yield Amount(match.start(), end, value, unit)


def _is_no_amount(match: re.Match[str], unit: Unit) -> bool:
    """2026年 is a year and 3月 a month of it; 一个半月 is an amount."""
    if match["unit"] == "月":
        return not match["and_half"]
    return (
        unit.name == "year"
        and re.fullmatch(r"\d{4}|[〇零一二三四五六七八九]{4}", match["number"]) is not None
    )


_JIAO = re.compile(
    r"零?([\d零〇一二两三四五六七八九])(?:毛|角)?(?!\s*[\w%])|零?([\d一二两三四五六七八九])(?:毛|角)"
)


def _with_jiao(text: str, value: Decimal, end: int) -> tuple[Decimal, int]:
    """三块五 is 3.5, 十块零五毛 is 10.5."""
    rest = _JIAO.match(text, end) if text[end - 1] in "块元" else None
    tenth = number(rest[1] or rest[2]) if rest else None
    if rest is None or tenth is None:
        return value, end
    return value + tenth / 10, rest.end()


def _bare(text: str) -> Iterator[Amount]:
    for match in _compiled(rf"(?<![a-z\d.])(?P<number>{NUMBER})(?![a-z\d])").finditer(text):
        value = number(match["number"])
        if value is not None and match["number"] not in ("a", "an", "半", "half"):
            yield Amount(match.start(), match.end(), value, None)


@cache
def _any_of(words: tuple[str, ...]) -> str:
    """The longest first; a Latin word ends where its letters end."""
    longest = sorted(words, key=len, reverse=True)
    return "|".join(
        re.escape(w) + (r"(?![a-z])" if w[-1:].isascii() and w[-1:].isalpha() else "")
        for w in longest
    )


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
