"""The facts of a rule file, ready to be recognised, checked and shown."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from zaohua.errors import UsageError
from zaohua.knowledge.rules.form import FactSpec, in_language, words_of
from zaohua.knowledge.rules.kinds import DATE, TEXT, YES_NO, Kind
from zaohua.knowledge.rules.recognition.amounts import Amount, amounts_in
from zaohua.knowledge.rules.recognition.units import CURRENCIES, Unit, converted, unit_named
from zaohua.knowledge.rules.values import Given, Language, Value

_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "JPY": "JP¥"}
_ZH_UNITS = {
    "day": "天", "week": "周", "month": "个月", "year": "年", "hour": "小时",
    "minute": "分钟", "per day": "次/天", "per week": "次/周", "tablet": "片", "piece": "件",
    "percent": "%",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact by its name, with its unit (of numbers) and its patterns compiled."""

    name: str
    spec: FactSpec
    unit: Unit | None
    patterns: tuple[re.Pattern[str], ...]

    @property
    def is_number(self) -> bool:
        """Whether its value is a number of its unit."""
        return self.spec.type in ("number", "money", "duration")

    @property
    def kind(self) -> Kind:
        """For checking expressions."""
        if self.is_number:
            return Kind("number", self.unit.name if self.unit else "")
        if self.spec.type == "choice":
            return Kind("text", choices=tuple(self.spec.choices))
        return {"date": DATE, "yes/no": YES_NO, "text": TEXT}[self.spec.type]

    def title(self, language: Language) -> str:
        """What people call it."""
        return in_language(self.spec.title, language) or self.name

    def words(self, language: str) -> list[str]:
        """Near which it is looked for, in lower case."""
        return [word.lower() for word in words_of(self.spec.words, language)]


def unit_of(spec: FactSpec, name: str) -> Unit | None:
    """The unit that a fact's numbers are given in; one of its own where ``unit_words`` are given.

    Raises:
        ValueError: there is no such unit, or no such currency.
    """
    if spec.type not in ("number", "money", "duration"):
        return None
    written = spec.unit or {"money": "CNY", "duration": "day"}.get(spec.type, "")
    if spec.unit_words:
        return Unit(
            written or name, f"own:{name}", Decimal(1), tuple(map(str.lower, spec.unit_words))
        )
    unit = unit_named(written) if written else None
    if written and unit is None:
        raise ValueError(written)
    if spec.type == "money" and (unit is None or unit.name not in CURRENCIES):
        raise ValueError(written)
    if spec.type == "duration" and (unit is None or unit.dimension not in ("time", "months")):
        raise ValueError(written)
    return unit


def checked(fact: Fact, given: Given) -> Value:
    """``given`` as a value of ``fact``; texts of numbers and days must be plain here.

    Raises:
        UsageError: it is none.
    """
    value = _plain(fact, given)
    wanted = {"date": date, "yes/no": bool}.get(fact.spec.type, Decimal if fact.is_number else str)
    if not isinstance(value, wanted) or (wanted is not bool and isinstance(value, bool)):
        raise UsageError(f"'{given}' is no {fact.spec.type}", where=fact.name)
    if fact.spec.type == "choice" and value not in fact.spec.choices:
        there = ", ".join(fact.spec.choices)
        raise UsageError(f"'{given}' is no choice, there is {there}", where=fact.name)
    return value


def _plain(fact: Fact, given: Given) -> Value:
    if isinstance(given, int | float) and not isinstance(given, bool):
        return Decimal(str(given))
    if isinstance(given, str):
        return _measured(fact, given) if fact.is_number else _read(fact.spec.type, given)
    return given


def _read(kind: str, written: str) -> Value:
    """``written`` as a value of that kind; as it is if it is none."""
    if kind == "yes/no":
        words = {"yes": True, "true": True, "是": True, "no": False, "false": False, "否": False}
        return words.get(written.lower(), written)
    if kind == "date":
        with suppress(ValueError):
            return date.fromisoformat(written)
    return written


def _measured(fact: Fact, written: str) -> Value:
    """``2 g`` of a fact in mg is 2000; what is no one amount stays as it is written."""
    own = [fact.unit] if fact.unit and fact.unit.dimension.startswith("own:") else []
    match amounts_in(written.lower(), own):
        case [Amount(value=value, unit=None)]:
            return value
        case [Amount(value=value, unit=unit)] if unit and fact.unit:
            return written if (there := converted(value, unit, fact.unit)) is None else there
    return written


def shown(value: Value, language: Language, fact: Fact | None = None) -> str:
    """``value`` for people: of a fact with its unit, else plain."""
    if isinstance(value, bool):
        return {"zh": ("否", "是"), "en": ("no", "yes")}[language][value]
    if isinstance(value, date):
        return _day(value, language)
    if isinstance(value, Decimal):
        return _with_unit(value, fact.unit if fact else None, language)
    if fact and value in fact.spec.choices:
        words = words_of(fact.spec.choices[value], language)
        return words[0] if words else value
    return value


def plain_number(value: Decimal) -> str:
    """Without an exponent, without zeros at the end, with 10 digits after the point at most."""
    rounded = round(value, 10) if value.as_tuple().exponent < -10 else value  # type: ignore[operator]
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _with_unit(value: Decimal, unit: Unit | None, language: Language) -> str:
    number = plain_number(value)
    if unit is None:
        return number
    if unit.name in _SIGNS:
        cents = f"{value:.2f}" if value == round(value, 2) and value != int(value) else number
        return f"{_SIGNS[unit.name]}{cents}"
    if language == "zh" and unit.name in _ZH_UNITS:
        return f"{number} {_ZH_UNITS[unit.name]}"
    return f"{number} {_plural(unit.name, value)}"


def _plural(name: str, value: Decimal) -> str:
    counted = ("minute", "hour", "day", "week", "month", "year", "tablet", "piece")
    return f"{name}s" if name in counted and abs(value) != 1 else name


def _day(value: date, language: Language) -> str:
    if language == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {value:%B} {value.year}"
