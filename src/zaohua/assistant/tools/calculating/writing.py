"""Writes exact numbers for people."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

PLACES = 20
"""Decimal places up to which a value is written whole."""
ROUNDED = 12
"""Significant digits of a value that must be rounded."""


def written(value: Fraction) -> tuple[str, bool]:
    """A value in decimals, and whether these are all of it."""
    if value.denominator == 1:
        return str(value.numerator), True
    places = decimal_places(value)
    if places is not None:
        whole = abs(value.numerator) * 10**places // value.denominator
        digits = str(whole).rjust(places + 1, "0")
        sign = "-" if value < 0 else ""
        return f"{sign}{digits[:-places]}.{digits[-places:]}", True
    return rounded(value, ROUNDED), False


def rounded(value: Fraction, digits: int) -> str:
    """A value with so many significant digits, without zeros at its end."""
    with localcontext() as context:
        context.prec = digits
        text = f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimal_places(value: Fraction) -> int | None:
    """How many decimal places a value has; None if they do not end before `PLACES`."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0 and twos <= PLACES:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0 and fives <= PLACES:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives)
    return places if rest == 1 and places <= PLACES else None
