"""The functions and constants that a calculation may name."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from zaohua.assistant.tools.values import ToolFailed

DIGITS = 30
"""To which inexact values are computed."""
LARGEST_FACTORIAL = 400
LARGEST_LOGARITHM = 2000


@dataclass(frozen=True, slots=True)
class Number:
    """A value; not ``exact`` if it was rounded to `DIGITS` on the way."""

    value: Fraction
    exact: bool = True


def constant(name: str) -> Number | None:
    """What a name without brackets stands for."""
    if name in ("pi", "π"):
        return Number(Fraction("3.14159265358979323846264338328"), exact=False)
    if name == "e":
        return Number(Fraction("2.71828182845904523536028747135"), exact=False)
    return None


def power(base: Number, exponent: Number, most_bits: int) -> Number:
    """``base`` to the ``exponent``.

    Raises:
        ToolFailed: the result has no place in the real numbers, or too many digits.
    """
    whole = exponent.value.denominator == 1
    if base.value == 0 and exponent.value < 0:
        raise ToolFailed("division by zero")
    if base.value < 0 and not whole:
        raise ToolFailed("a negative number has no such root")
    size = max(_bits(base.value.numerator), _bits(base.value.denominator))
    if size * abs(exponent.value) > most_bits:
        raise ToolFailed("the result has too many digits")
    if whole:
        return Number(base.value ** int(exponent.value), base.exact and exponent.exact)
    if exponent.value == Fraction(1, 2):
        return square_root([base])
    with localcontext() as context:
        context.prec = DIGITS
        raised = _decimal(base.value) ** _decimal(exponent.value)
    return Number(Fraction(raised), exact=False)


def _bits(number: int) -> int:
    """Bits beyond those of 1, which stays small whatever its power."""
    return max(abs(number).bit_length() - 1, 1) if abs(number) > 1 else 0


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def square_root(given: Sequence[Number]) -> Number:
    """Exact where the root is a fraction."""
    [one] = given
    if one.value < 0:
        raise ToolFailed("a negative number has no real square root")
    top, bottom = math.isqrt(one.value.numerator), math.isqrt(one.value.denominator)
    root = Fraction(top, bottom) if bottom else Fraction(0)
    if root * root == one.value:
        return Number(root, one.exact)
    with localcontext() as context:
        context.prec = DIGITS
        return Number(Fraction(_decimal(one.value).sqrt()), exact=False)


def factorial(given: Sequence[Number]) -> Number:
    """Of a whole number up to `LARGEST_FACTORIAL`."""
    [one] = given
    if one.value.denominator != 1 or not 0 <= one.value <= LARGEST_FACTORIAL:
        raise ToolFailed(f"a factorial is of a whole number from 0 to {LARGEST_FACTORIAL}")
    return Number(Fraction(math.factorial(int(one.value))), one.exact)


def _rounded(given: Sequence[Number]) -> Number:
    """Half away from zero, as people round."""
    one, places = given[0], int(given[1].value) if len(given) > 1 else 0
    if abs(places) > LARGEST_FACTORIAL:
        raise ToolFailed("that many places cannot be rounded to")
    scaled = abs(one.value) * Fraction(10) ** places
    whole = math.floor(scaled + Fraction(1, 2))
    sign = -1 if one.value < 0 else 1
    return Number(sign * whole / Fraction(10) ** places, one.exact)


def _in_decimals(work: Callable[[Decimal], Decimal]) -> Callable[[Sequence[Number]], Number]:
    def computed(given: Sequence[Number]) -> Number:
        [one] = given
        with localcontext() as context:
            context.prec = DIGITS
            value = _decimal(one.value)
            if work is not Decimal.exp and value <= 0:
                raise ToolFailed("only a positive number has a logarithm")
            if work is Decimal.exp and abs(value) > LARGEST_LOGARITHM:
                raise ToolFailed("the result has too many digits")
            return Number(Fraction(work(value)), exact=False)

    return computed


def _folded(work: Callable[[Sequence[Fraction]], Fraction]) -> Callable[[Sequence[Number]], Number]:
    return lambda given: Number(work([n.value for n in given]), all(n.exact for n in given))


FUNCTIONS: dict[str, tuple[Callable[[Sequence[Number]], Number], int, int]] = {
    "sqrt": (square_root, 1, 1),
    "√": (square_root, 1, 1),
    "factorial": (factorial, 1, 1),
    "round": (_rounded, 1, 2),
    "abs": (_folded(lambda n: abs(n[0])), 1, 1),
    "floor": (_folded(lambda n: Fraction(math.floor(n[0]))), 1, 1),
    "ceil": (_folded(lambda n: Fraction(math.ceil(n[0]))), 1, 1),
    "min": (_folded(min), 1, 100),
    "max": (_folded(max), 1, 100),
    "sum": (_folded(lambda n: sum(n, Fraction(0))), 1, 100),
    "avg": (_folded(lambda n: sum(n, Fraction(0)) / len(n)), 1, 100),
    "mean": (_folded(lambda n: sum(n, Fraction(0)) / len(n)), 1, 100),
    "ln": (_in_decimals(Decimal.ln), 1, 1),
    "log": (_in_decimals(Decimal.log10), 1, 1),
    "exp": (_in_decimals(Decimal.exp), 1, 1),
}
"""By name: what computes it, and how many values it takes at least and at most."""
