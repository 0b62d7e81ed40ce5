"""The small language of conditions: Python's expressions, few of them, never run as Python.

``days <= 30 and not worn``, ``min(price, 500) * 0.9``, ``kind in ["shoes", "hats"]``,
``18 if member else 0``. Numbers are exact decimals. What is not named here is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

MOST_CHARACTERS = 1000
MOST_NODES = 200
DEEPEST = 24

FUNCTIONS = (
    "abs", "min", "max", "round", "floor", "ceil",
    "date", "add_days", "add_months", "years_between", "known",
)  # fmt: skip
WORDS: dict[str, bool] = {"yes": True, "no": False, "true": True, "false": False}

_NODES = (
    ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, ast.Add, ast.Sub,
    ast.Mult, ast.Div, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In,
    ast.NotIn, ast.IfExp, ast.Name, ast.Load, ast.Constant, ast.Call, ast.List, ast.Tuple,
)  # fmt: skip


class ExpressionError(ValueError):
    """What is wrong with an expression, in one clause."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression: its text, its tree, the names in it in their order."""

    text: str
    tree: ast.expr
    names: tuple[str, ...]


def parse(text: str) -> Expression:
    """Read an expression.

    Raises:
        ExpressionError: it is none, or has what is not allowed, or is too long or too deep.
    """
    text = text.strip()
    if len(text) > MOST_CHARACTERS:
        raise ExpressionError(f"longer than {MOST_CHARACTERS} characters")
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"cannot be read at character {error.offset or 1}") from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError("cannot be read") from None
    nodes = list(_walk(tree))
    for node in nodes:
        _check(node, text)
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    used = [n.id for n in nodes if isinstance(n, ast.Name) and id(n) not in called]
    names = dict.fromkeys(name for name in used if name not in WORDS)
    return Expression(text, tree, tuple(names))


def number(node: ast.Constant, text: str) -> Decimal:
    """The number that ``node`` of ``text`` stands for, as exact as it is written."""
    written = ast.get_source_segment(text, node) or str(node.value)
    try:
        return Decimal(written)
    except InvalidOperation:
        return Decimal(str(node.value))


def _walk(tree: ast.expr) -> Iterator[ast.AST]:
    """All nodes from left to right, bounded in number and depth."""
    left: list[tuple[ast.AST, int]] = [(tree, 1)]
    number_of = 0
    while left:
        node, depth = left.pop()
        number_of += 1
        if number_of > MOST_NODES:
            raise ExpressionError("too long: make derived values of parts of it")
        if depth > DEEPEST:
            raise ExpressionError("too deep: make derived values of parts of it")
        yield node
        left.extend((child, depth + 1) for child in reversed(list(ast.iter_child_nodes(node))))


def _check(node: ast.AST, text: str) -> None:
    if not isinstance(node, _NODES):
        written = ast.get_source_segment(text, node) if isinstance(node, ast.expr) else None
        raise ExpressionError(f"'{(written or type(node).__name__)[:40]}' is not allowed here")
    if isinstance(node, ast.Constant):
        _check_constant(node)
    if isinstance(node, ast.Call):
        _check_call(node)


def _check_constant(node: ast.Constant) -> None:
    if not isinstance(node.value, bool | int | float | str) or abs(_size(node.value)) > 1e15:
        raise ExpressionError(f"'{str(node.value)[:40]}' is not a value")


def _size(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _check_call(node: ast.Call) -> None:
    if not isinstance(node.func, ast.Name) or node.keywords:
        raise ExpressionError("only functions by name, without named arguments")
    if node.func.id not in FUNCTIONS:
        raise ExpressionError(
            f"there is no function '{node.func.id}', there are {', '.join(FUNCTIONS)}"
        )
