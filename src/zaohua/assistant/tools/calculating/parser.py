"""Computes a calculation from its tokens: precedence climbing, no evaluation of anything else."""

from __future__ import annotations

from fractions import Fraction

from zaohua.assistant.tools.calculating.functions import (
    FUNCTIONS,
    Number,
    constant,
    factorial,
    power,
)
from zaohua.assistant.tools.calculating.tokens import Token, tokens_of
from zaohua.assistant.tools.values import ToolFailed

MOST_BITS = 3400
"""Of a number: about a thousand digits."""
DEEPEST = 50
_BINARY = {"+": 1, "-": 1, "*": 2, "/": 2, "//": 2, "%": 2, "of": 2, "的": 2, "mod": 2}
_POWERS = ("^", "**")
_STARTS = ("number", "name")


def compute(expression: str) -> Number:
    """The value of a calculation.

    Raises:
        ToolFailed: it cannot be read, divides by zero or grows too large.
    """
    parser = _Parser(tokens_of(expression))
    value = parser.sum_of(1)
    if parser.here.kind != "end":
        raise ToolFailed(f"'{parser.here.text}' is not expected here")
    return value


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._position = 0
        self._depth = 0

    @property
    def here(self) -> Token:
        return self._tokens[self._position]

    def _next(self) -> Token:
        token = self.here
        self._position += token.kind != "end"
        return token

    def _take(self, text: str) -> bool:
        taken = self.here.kind == "operator" and self.here.text == text
        self._position += taken
        return taken

    def sum_of(self, lowest: int) -> Number:
        self._deeper()
        left = self._signed()
        while (weight := _BINARY.get(self.here.text, 0)) >= lowest and self.here.kind != "end":
            operator = self._next().text
            right_at = self._position
            right = self.sum_of(weight + 1)
            if left.value != 1:
                self._refuse_added_percent(operator, right_at)
            left = _sized(_joined(operator, left, right))
        self._depth -= 1
        return left

    def _refuse_added_percent(self, operator: str, began: int) -> None:
        """``200 + 15%`` is 230 to some and 200.15 to others; ``1 + 15%`` the same to all."""
        percent = self._tokens[self._position - 1].text == "%" != self._tokens[began - 2].text
        if operator in "+-" and percent and self._position - began == 2:
            share = self._tokens[began].text
            raise ToolFailed(
                f"adding a percentage can mean two things: write x * (1 {operator} {share}/100) "
                f"for {share}% of x more or less, {share}/100 for the fraction"
            )

    def _signed(self) -> Number:
        sign = 1
        while self.here.kind == "operator" and self.here.text in ("+", "-"):
            sign = -sign if self._next().text == "-" else sign
        value = self._raised()
        return Number(sign * value.value, value.exact)

    def _raised(self) -> Number:
        base = self._after(self._atom())
        if self.here.kind == "operator" and self.here.text in _POWERS:
            self._next()
            self._deeper()
            base = _sized(power(base, self._signed(), MOST_BITS))
            self._depth -= 1
        return base

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ToolFailed(f"the calculation is nested deeper than {DEEPEST} levels")

    def _after(self, value: Number) -> Number:
        """What follows a value: ``5!``, ``50%``, ``3万``."""
        while True:
            if self.here.kind == "scale":
                value = Number(value.value * self._next().value, value.exact)
            elif self._take("!"):
                value = factorial([value])
            elif self.here.text == "%" and not self._divides():
                self._next()
                value = Number(value.value / 100, value.exact)
            else:
                return value

    def _divides(self) -> bool:
        """Whether the ``%`` here asks for a remainder: a value follows it."""
        after = self._tokens[self._position + 1]
        of = after.text in ("of", "的")
        return (after.kind in _STARTS and not of) or after.text == "("

    def _atom(self) -> Number:
        token = self._next()
        if token.kind == "number":
            return Number(token.value)
        if token.text == "(":
            value = self.sum_of(1)
            self._close()
            return value
        if token.kind == "name":
            return self._named(token.text)
        raise ToolFailed(
            f"'{token.text}' is not expected here" if token.text else "a number is missing"
        )

    def _close(self) -> None:
        if not self._take(")") and self.here.kind != "end":
            raise ToolFailed(f"')' is missing before '{self.here.text}'")

    def _named(self, name: str) -> Number:
        if name == "√" and self.here.text != "(":
            return FUNCTIONS[name][0]([self._atom()])
        found = constant(name)
        if found is not None:
            return found
        if name not in FUNCTIONS or not self._take("("):
            known = ", ".join(sorted(FUNCTIONS))
            raise ToolFailed(f"'{name}' is not known here; functions are {known}")
        given = [self.sum_of(1)]
        while self._take(","):
            given.append(self.sum_of(1))
        self._close()
        work, least, most = FUNCTIONS[name]
        if not least <= len(given) <= most:
            raise ToolFailed(f"{name} takes {least} to {most} values")
        return _sized(work(given))


def _joined(operator: str, left: Number, right: Number) -> Number:
    exact = left.exact and right.exact
    if operator in ("/", "//", "%", "mod") and right.value == 0:
        raise ToolFailed("division by zero")
    one, two = left.value, right.value
    results = {
        "+": lambda: one + two,
        "-": lambda: one - two,
        "/": lambda: one / two,
        "//": lambda: Fraction(one // two),
        "%": lambda: one % two,
        "mod": lambda: one % two,
    }
    return Number(results.get(operator, lambda: one * two)(), exact)


def _sized(number: Number) -> Number:
    value = number.value
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
        raise ToolFailed("the result has too many digits")
    return number
