"""The tool that converts units."""

from __future__ import annotations

import unicodedata
from difflib import get_close_matches
from fractions import Fraction
from functools import cache
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from zaohua.assistant.tools.calculating.parser import compute
from zaohua.assistant.tools.calculating.writing import decimal_places, rounded, written
from zaohua.assistant.tools.converting.table import Unit, units
from zaohua.assistant.tools.values import ToolFailed, ToolOutput

PLACES = 12
DIGITS = 7
"""Of a result that is rounded."""


def _amount(given: object) -> object:
    """Models write amounts as numbers, and as texts like ``1,500`` or ``3/4``."""
    return given if isinstance(given, str) else str(given)


Amount = Annotated[str, BeforeValidator(_amount), WithJsonSchema({"type": "number"})]


def convert_unit(value: Amount, from_unit: str, to_unit: str) -> ToolOutput:
    """Convert a length, mass, temperature, volume, area or speed to another unit.

    Args:
        value: how many of from_unit.
        from_unit: such as km, 斤, °F, gallon, 亩, mph.
        to_unit: such as mile, kg, °C, litre, square metre, km/h.
    """
    amount = compute(value).value
    one, two = unit_named(from_unit), unit_named(to_unit)
    if one.measures != two.measures:
        raise ToolFailed(
            f"{one.name} is a unit of {one.measures}, {two.name} one of {two.measures}"
        )
    found = (amount * one.factor + one.offset - two.offset) / two.factor
    if one.measures == "temperature" and amount * one.factor + one.offset < 0:
        raise ToolFailed("there is no temperature below absolute zero")
    text, exact = _shown(found)
    told = {"value": written(amount)[0], "from": one.name, "to": two.name, "result": text}
    sign = "=" if exact else "≈"
    return ToolOutput(f"{told['value']} {one.name} {sign} {text} {two.name}", told)


def unit_named(name: str) -> Unit:
    """A unit by any of its names.

    Raises:
        ToolFailed: there is no such unit; the nearest ones are told.
    """
    known = _units()
    plain = " ".join(unicodedata.normalize("NFC", name).replace("μ", "µ").split())
    low = plain.lower().replace("_", " ").rstrip(".")
    for form in (low, low.replace(" ", ""), low.removeprefix("degrees ").removeprefix("°")):
        if form in known:
            return known[form]
    near = {known[one].name for one in get_close_matches(low, known, 3)}
    mend = (
        f"did you mean {', '.join(sorted(near))}?"
        if near
        else "it is no unit of what is converted here"
    )
    raise ToolFailed(f"there is no unit '{name[:40]}' here", mend=mend)


def _shown(value: Fraction) -> tuple[str, bool]:
    places = decimal_places(value)
    if places is not None and places <= PLACES:
        return written(value)
    return rounded(value, DIGITS), False


@cache
def _units() -> dict[str, Unit]:
    return units()
