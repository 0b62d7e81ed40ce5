"""The kinds of values that expressions have, known before any case is."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from zaohua.knowledge.rules.expressions import WORDS, Expression, ExpressionError


@dataclass(frozen=True, slots=True)
class Kind:
    """Of a value.

    Attributes:
        name: what it is.
        unit: of a number; empty if it goes with any.
        choices: what a text can be; empty if anything.
    """

    name: Literal["number", "date", "yes/no", "text"]
    unit: str = ""
    choices: tuple[str, ...] = ()


NUMBER, DATE, YES_NO, TEXT = Kind("number"), Kind("date"), Kind("yes/no"), Kind("text")
DAYS = Kind("number", "day")

# Of functions: kinds of the arguments (the last goes for all further ones), least and most of them.
_ARGUMENTS: dict[str, tuple[tuple[str, ...], int, int]] = {
    "abs": (("number",), 1, 1),
    "min": (("number",), 2, 20),
    "max": (("number",), 2, 20),
    "round": (("number",), 1, 2),
    "floor": (("number",), 1, 1),
    "ceil": (("number",), 1, 1),
    "date": (("text",), 1, 1),
    "add_days": (("date", "number"), 2, 2),
    "add_months": (("date", "number"), 2, 2),
    "years_between": (("date",), 2, 2),
}


def kind_of(expression: Expression, known: Mapping[str, Kind]) -> Kind:
    """The kind of the value of ``expression``, given those of the names in it.

    Raises:
        ExpressionError: an unknown name, or values that do not go together.
    """
    for name in expression.names:
        if name not in known:
            raise ExpressionError(f"there is no '{name}', {_nearest(name, known)}")
    return _kind(expression.tree, known)


def _nearest(name: str, known: Mapping[str, Kind]) -> str:
    near = get_close_matches(name, known, 1)
    return f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}"


def _kind(node: ast.expr, known: Mapping[str, Kind]) -> Kind:  # noqa: PLR0911 - one a node
    match node:
        case ast.Constant(value=value):
            return _of_constant(value)
        case ast.Name(id=name):
            return YES_NO if name in WORDS else known[name]
        case ast.BoolOp(values=parts):
            return _all(parts, YES_NO, known)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return _all([inner], YES_NO, known)
        case ast.UnaryOp(operand=inner):
            return _number(inner, known)
        case ast.BinOp():
            return _of_sum(node, known)
        case ast.Compare(left=left, ops=ops, comparators=rights):
            return _of_comparison([left, *rights], ops, known)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            _all([test], YES_NO, known)
            return _joined(_kind(body, known), _kind(orelse, known))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _of_call(name, arguments, known)
    raise ExpressionError("a list stands only after 'in'")


def _of_constant(value: object) -> Kind:
    if isinstance(value, bool):
        return YES_NO
    return Kind("text", choices=(value,)) if isinstance(value, str) else NUMBER


def _all(parts: Sequence[ast.expr], wanted: Kind, known: Mapping[str, Kind]) -> Kind:
    for part in parts:
        found = _kind(part, known)
        if found.name != wanted.name:
            raise ExpressionError(f"'{ast.unparse(part)}' is a {found.name}, not a {wanted.name}")
    return wanted


def _number(node: ast.expr, known: Mapping[str, Kind]) -> Kind:
    _all([node], NUMBER, known)
    return _kind(node, known)


def _of_sum(node: ast.BinOp, known: Mapping[str, Kind]) -> Kind:
    left, right = _kind(node.left, known), _kind(node.right, known)
    if isinstance(node.op, ast.Sub) and (left.name, right.name) == ("date", "date"):
        return DAYS
    if isinstance(node.op, ast.Add | ast.Sub):
        if left.name == "date":
            days = _number(node.right, known)
            return left if days.unit in ("", "day") else _clash(DAYS, days)
        return _joined(_number(node.left, known), _number(node.right, known))
    _all([node.left, node.right], NUMBER, known)
    if isinstance(node.op, ast.Div) and left.unit == right.unit:
        return NUMBER
    return left if left.unit and not right.unit else Kind("number", "" if left.unit else right.unit)


def _joined(left: Kind, right: Kind) -> Kind:
    if left.name != right.name:
        raise ExpressionError(f"a {left.name} and a {right.name} do not go together")
    if left.unit and right.unit and left.unit != right.unit:
        _clash(left, right)
    choices = (*left.choices, *right.choices) if left.choices and right.choices else ()
    return Kind(left.name, left.unit or right.unit, tuple(dict.fromkeys(choices)))


def _clash(left: Kind, right: Kind) -> Kind:
    raise ExpressionError(f"{left.unit} and {right.unit} do not go together")


def _of_comparison(
    parts: Sequence[ast.expr], ops: Sequence[ast.cmpop], known: Mapping[str, Kind]
) -> Kind:
    for left, op, right in zip(parts, ops, parts[1:], strict=False):
        if isinstance(op, ast.In | ast.NotIn):
            if not isinstance(right, ast.List | ast.Tuple):
                raise ExpressionError("after 'in' stands a list: in [1, 2]")
            for item in right.elts:
                _comparable(_kind(left, known), _kind(item, known))
            continue
        kind = _comparable(_kind(left, known), _kind(right, known))
        if kind.name not in ("number", "date") and not isinstance(op, ast.Eq | ast.NotEq):
            raise ExpressionError(f"a {kind.name} is not more or less than another")
    return YES_NO


def _comparable(left: Kind, right: Kind) -> Kind:
    for one, other in ((left, right), (right, left)):
        if len(one.choices) == 1 and other.choices and one.choices[0] not in other.choices:
            near = get_close_matches(one.choices[0], other.choices, 1) or other.choices
            raise ExpressionError(f"'{one.choices[0]}' is no choice, there is {', '.join(near)}")
    return _joined(left, right)


def _of_call(name: str, arguments: Sequence[ast.expr], known: Mapping[str, Kind]) -> Kind:
    if name == "known":
        if len(arguments) != 1 or not isinstance(arguments[0], ast.Name):
            raise ExpressionError("known() takes the name of a fact")
        return YES_NO
    wanted, least, most = _ARGUMENTS[name]
    if not least <= len(arguments) <= most:
        raise ExpressionError(
            f"{name}() takes {least} arguments" + (" or more" if most > least else "")
        )
    for place, argument in enumerate(arguments):
        _all([argument], Kind(wanted[min(place, len(wanted) - 1)]), known)  # type: ignore[arg-type]
    return _RESULTS[name]([_kind(argument, known) for argument in arguments])


def _first(kinds: Sequence[Kind]) -> Kind:
    return kinds[0]


def _common(kinds: Sequence[Kind]) -> Kind:
    joined = kinds[0]
    for kind in kinds[1:]:
        joined = _joined(joined, kind)
    return joined


_RESULTS: dict[str, Callable[[Sequence[Kind]], Kind]] = {
    **dict.fromkeys(("abs", "round", "floor", "ceil", "add_days", "add_months"), _first),
    **dict.fromkeys(("min", "max"), _common),
    "date": lambda _: DATE,
    "years_between": lambda _: Kind("number", "year"),
}
