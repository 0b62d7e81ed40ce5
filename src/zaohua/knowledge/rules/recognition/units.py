"""Units of measure and money: how they are written, and how one becomes another, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit.

    Attributes:
        name: by which rule files name it.
        dimension: units of one dimension become one another.
        factor: how many of the dimension's first unit it is.
        words: how it is written after a number, in lower case.
        signs: how it is written before one.
    """

    name: str
    dimension: str
    factor: Decimal
    words: tuple[str, ...]
    signs: tuple[str, ...] = ()


def _unit(name: str, dimension: str, factor: str, words: str, signs: str = "") -> Unit:
    return Unit(name, dimension, Decimal(factor), tuple(words.split("|")), tuple(signs.split()))


UNITS: tuple[Unit, ...] = (
    _unit("mg", "mass", "1", "mg|毫克|milligram|milligrams"),
    _unit("ug", "mass", "0.001", "ug|μg|µg|mcg|微克|microgram|micrograms"),
    _unit("g", "mass", "1000", "g|克|gram|grams"),
    _unit("kg", "mass", "1000000", "kg|公斤|千克|kilo|kilos|kilogram|kilograms"),
    _unit("jin", "mass", "500000", "斤|市斤"),
    _unit("lb", "mass", "453592.37", "lb|lbs|磅|pounds of weight"),
    _unit("ml", "volume", "1", "ml|毫升|milliliter|milliliters|millilitre|millilitres"),
    _unit("l", "volume", "1000", "l|升|公升|liter|liters|litre|litres"),
    _unit("minute", "time", "1", "min|mins|分钟|minute|minutes"),
    _unit("hour", "time", "60", "h|hr|hrs|个小时|小时|个钟头|钟头|hour|hours"),
    _unit("day", "time", "1440", "天|日|d|day|days"),
    _unit("week", "time", "10080", "周|个星期|星期|个礼拜|礼拜|week|weeks"),
    _unit("fortnight", "time", "20160", "fortnight|fortnights"),
    _unit("month", "months", "1", "个月|個月|月龄|month|months"),
    _unit("year", "months", "12", "年|岁|歲|周岁|year|years|yr|yrs|years old|year-old"),
    _unit("mm", "length", "1", "mm|毫米"),
    _unit("cm", "length", "10", "cm|厘米|公分"),
    _unit("m", "length", "1000", "m|米|meter|meters|metre|metres"),
    _unit("km", "length", "1000000", "km|公里|千米|kilometer|kilometers|kilometre|kilometres"),
    _unit("percent", "share", "1", "%|percent|per cent"),
    _unit("celsius", "temperature", "1", "°c|℃|摄氏度|度|degrees celsius|degrees"),
    _unit("tablet", "tablets", "1", "片|粒|颗|tablet|tablets|pill|pills|capsule|capsules"),
    _unit("piece", "pieces", "1", "件|个|台|双|只|piece|pieces|item|items|pair|pairs"),
    _unit("time", "times", "1", "次|回|times|time"),
    _unit("CNY", "CNY", "1", "元|块钱|块|元人民币|人民币|yuan|rmb|cny", "¥ rmb cny 人民币"),
    _unit("jiao", "CNY", "0.1", "毛钱|毛|角"),
    _unit("USD", "USD", "1", "美元|美金|us dollars|dollars|dollar|usd|bucks", "us$ $ usd"),
    _unit("cent", "USD", "0.01", "美分|cents|cent"),
    _unit("EUR", "EUR", "1", "欧元|euros|euro|eur", "€ eur"),
    _unit("GBP", "GBP", "1", "英镑|pounds sterling|pounds|pound|gbp|quid", "£ gbp"),
    _unit("HKD", "HKD", "1", "港元|港币|hkd|hong kong dollars", "hk$ hkd 港币"),
    _unit("JPY", "JPY", "1", "日元|日圆|円|yen|jpy", "jpy"),
    _unit("per day", "rate", "1", ""),
    _unit("per week", "rate of weeks", "1", ""),
)  # fmt: skip

CURRENCIES = ("CNY", "USD", "EUR", "GBP", "HKD", "JPY")
TIMES = ("minute", "hour", "day", "week", "fortnight", "month", "year")

_NAMED = {unit.name.lower(): unit for unit in UNITS}
_NAMED |= {word: unit for unit in reversed(UNITS) for word in unit.words if word not in _NAMED}


def unit_named(name: str) -> Unit | None:
    """The unit that rule files or people call ``name``."""
    return _NAMED.get(name.strip().lower())


def nearest_unit(name: str) -> str:
    """The known name most like ``name``, or the names there are."""
    near = get_close_matches(name.lower(), _NAMED, 1)
    if near:
        return f"did you mean '{_NAMED[near[0]].name}'?"
    return f"there are {', '.join(unit.name for unit in UNITS)}"


def converted(amount: Decimal, unit: Unit, wanted: Unit) -> Decimal | None:
    """``amount`` of ``unit`` as a number of ``wanted``; None if one is no measure of the other."""
    if unit.dimension != wanted.dimension:
        return None
    return amount * unit.factor / wanted.factor
