"""Works expressions out, exactly; what is not known stays unknown only where it matters."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_UP,
    Decimal,
    DecimalException,
    localcontext,
)
from typing import Any

from zaohua.knowledge.rules.expressions import WORDS, Expression, ExpressionError, number
from zaohua.knowledge.rules.months import add_months, years_between
from zaohua.knowledge.rules.values import Unknown, Value

PRECISION = 50
"""Digits of what does not come out even."""

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def evaluate(expression: Expression, values: Mapping[str, Value | Unknown]) -> Value | Unknown:
    """The value of a checked expression, or what is missing for it.

    ``and`` and ``or`` need not know what cannot change them.

    Raises:
        ExpressionError: it has no value: a division by zero, a day out of the calendar.
    """
    with localcontext() as context:
        context.prec = PRECISION
        try:
            found: Value | Unknown = _Working(expression.text, values).value(expression.tree)
            return found
        except (DecimalException, OverflowError, ValueError) as error:
            told = str(error) if isinstance(error, ExpressionError) else _reason(error)
            raise ExpressionError(f"'{expression.text}' has no value: {told}") from None


def _reason(error: Exception) -> str:
    if isinstance(error, ZeroDivisionError | DecimalException):
        return "division by zero" if isinstance(error, ZeroDivisionError) else "not a number"
    return "a day that is in no calendar"


class _Working:
    def __init__(self, text: str, values: Mapping[str, Value | Unknown]) -> None:
        self._text = text
        self._values = values

    def value(self, node: ast.expr) -> Any:  # noqa: PLR0911 - one for each node
        match node:
            case ast.Constant(value=bool() | str() as plain):
                return plain
            case ast.Constant():
                return number(node, self._text)
            case ast.Name(id=name):
                return WORDS[name] if name in WORDS else self._values[name]
            case ast.BoolOp(op=op, values=parts):
                return self._joined(parts, stop=isinstance(op, ast.Or))
            case ast.UnaryOp(op=op, operand=inner):
                return self._unary(op, self.value(inner))
            case ast.BinOp(left=left, op=op, right=right):
                return _with_known(_arithmetic(op), [self.value(left), self.value(right)])
            case ast.Compare(left=left, ops=ops, comparators=rights):
                return self._compared([left, *rights], ops)
            case ast.IfExp():
                return self._chosen(node)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._called(name, arguments)
        raise ExpressionError("not an expression")

    def _joined(self, parts: Sequence[ast.expr], *, stop: bool) -> bool | Unknown:
        return _either([self.value(part) for part in parts], stop=stop)

    def _unary(self, op: ast.unaryop, value: Any) -> Any:
        if isinstance(value, Unknown):
            return value
        return not value if isinstance(op, ast.Not) else -value

    def _compared(self, parts: Sequence[ast.expr], ops: Sequence[ast.cmpop]) -> bool | Unknown:
        pairs = zip(parts, ops, parts[1:], strict=False)
        return _either([self._pair(left, op, right) for left, op, right in pairs], stop=False)

    def _pair(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> bool | Unknown:
        if isinstance(right, ast.List | ast.Tuple):
            inside = [self._pair(left, ast.Eq(), item) for item in right.elts]
            found = _either(inside, stop=True)
            return self._unary(ast.Not(), found) if isinstance(op, ast.NotIn) else found
        compared: bool | Unknown = _with_known(
            _COMPARE[type(op)], [self.value(left), self.value(right)]
        )
        return compared

    def _chosen(self, node: ast.IfExp) -> Any:
        test = self.value(node.test)
        if not isinstance(test, Unknown):
            return self.value(node.body if test else node.orelse)
        body, orelse = self.value(node.body), self.value(node.orelse)
        return body if body == orelse and not isinstance(body, Unknown) else test

    def _called(self, name: str, arguments: Sequence[ast.expr]) -> Any:
        values = [self.value(argument) for argument in arguments]
        if name == "known":
            return not isinstance(values[0], Unknown)
        return _with_known(_FUNCTIONS[name], values)


def _either(values: Sequence[bool | Unknown], *, stop: bool) -> bool | Unknown:
    """``stop`` if one of ``values`` is that, the opposite if all are; unknown in between."""
    if any(value is stop for value in values):
        return stop
    missing = [value.names for value in values if isinstance(value, Unknown)]
    return Unknown(frozenset().union(*missing)) if missing else not stop


def _with_known(work: Callable[..., Any], values: Sequence[Any]) -> Any:
    missing = [value.names for value in values if isinstance(value, Unknown)]
    return Unknown(frozenset().union(*missing)) if missing else work(*values)


def _arithmetic(op: ast.operator) -> Callable[[Any, Any], Any]:
    match op:
        case ast.Add():
            return _add
        case ast.Sub():
            return _subtract
        case ast.Mult():
            return operator.mul
    return operator.truediv


def _add(left: Any, right: Any) -> Any:
    return add_days(left, right) if isinstance(left, date) else left + right


def _subtract(left: Any, right: Any) -> Any:
    if isinstance(left, date) and isinstance(right, date):
        return Decimal((left - right).days)
    return add_days(left, -right) if isinstance(left, date) else left - right


def add_days(day: date, days: Decimal) -> date:
    """``days`` later; part of a day does not count."""
    return day + timedelta(days=int(days))


def _rounded(value: Decimal, digits: Decimal = Decimal(0)) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-int(digits)), rounding=ROUND_HALF_UP)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ExpressionError(f"'{text}' is no day, write date('2026-11-03')") from None


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "min": min,
    "max": max,
    "round": _rounded,
    "floor": lambda value: value.to_integral_value(ROUND_FLOOR),
    "ceil": lambda value: value.to_integral_value(ROUND_CEILING),
    "date": _day,
    "add_days": add_days,
    "add_months": lambda day, months: add_months(day, int(months)),
    "years_between": lambda first, last: Decimal(years_between(first, last)),
}
