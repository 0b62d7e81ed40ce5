"""Expressions of the rule files that also know columns of rows: ``order.status == "sent"``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from zaohua.knowledge.rules.evaluating import evaluate
from zaohua.knowledge.rules.expressions import Expression, ExpressionError, parse
from zaohua.knowledge.rules.kinds import Kind, kind_of
from zaohua.knowledge.rules.values import Unknown, Value

Values = Mapping[str, Value | Unknown]
Kinds = Mapping[str, Kind]

_DOT = "__"
_DOTTED = re.compile(r"""("[^"]*"|'[^']*')|\b([A-Za-z_]\w*)\.([A-Za-z_]\w*)""")


def dotted(row: str, column: str) -> str:
    """The one name under which a column of a row stands among values."""
    return f"{row}{_DOT}{column}"


def read_condition(text: str) -> Expression:
    """Read an expression; columns are named ``row.column``.

    Raises:
        ExpressionError: it is none.
    """
    try:
        return parse(_DOTTED.sub(lambda found: found[1] or dotted(found[2], found[3]), text))
    except ExpressionError as error:
        raise ExpressionError(_told(error)) from None


def checked_kind(expression: Expression, known: Kinds) -> Kind:
    """The kind of its value.

    Raises:
        ExpressionError: an unknown name, or values that do not go together.
    """
    try:
        return kind_of(expression, known)
    except ExpressionError as error:
        raise ExpressionError(_told(error)) from None


def value_of(expression: Expression, values: Values) -> Value | None:
    """Its value, None if that cannot be told: a cell is empty, a slot is not known."""
    known = {name: values.get(name, Unknown(frozenset([name]))) for name in expression.names}
    try:
        found = evaluate(expression, known)
    except ExpressionError:
        return None
    return None if isinstance(found, Unknown) else found


def _told(error: ExpressionError) -> str:
    return str(error).replace(_DOT, ".")
