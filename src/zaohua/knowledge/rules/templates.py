"""Texts of rules with values filled in: ``{30 - days} days are left``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from zaohua.knowledge.rules.evaluating import evaluate
from zaohua.knowledge.rules.expressions import Expression, ExpressionError, parse
from zaohua.knowledge.rules.facts import Fact, shown
from zaohua.knowledge.rules.values import Language, Unknown, Value

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NOT_KNOWN = {"zh": "（未知）", "en": "(not known)"}


@dataclass(frozen=True, slots=True)
class Template:
    """Plain pieces and expressions in turn."""

    parts: tuple[str | Expression, ...]

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """What is filled in."""
        return tuple(part for part in self.parts if isinstance(part, Expression))

    def filled(
        self,
        values: Mapping[str, Value | Unknown],
        language: Language,
        facts: Mapping[str, Fact],
    ) -> tuple[str, set[str]]:
        """The text, and the facts that were missing for it."""
        missing: set[str] = set()
        text = []
        for part in self.parts:
            if isinstance(part, str):
                text.append(part)
                continue
            value = _value(part, values)
            if isinstance(value, Unknown):
                missing |= value.names
                text.append(_NOT_KNOWN[language])
            else:
                text.append(shown(value, language, facts.get(part.text)))
        return "".join(text), missing


def read_template(text: str) -> Template:
    """Read a text; braces are doubled to stand for themselves.

    Raises:
        ExpressionError: a brace alone, or what stands in braces is no expression.
    """
    return Template(tuple(_parts(text)))


def _parts(text: str) -> Iterator[str | Expression]:
    start = 0
    for match in _PART.finditer(text):
        yield text[start : match.start()]
        if match[0] in ("{{", "}}"):
            yield match[0][0]
        elif match[1] is not None:
            yield parse(match[1])
        else:
            raise ExpressionError(f"a '{match[0]}' alone, write '{match[0] * 2}' for the sign")
        start = match.end()
    yield text[start:]


def _value(part: Expression, values: Mapping[str, Value | Unknown]) -> Value | Unknown:
    try:
        return evaluate(part, values)
    except ExpressionError:
        return Unknown(frozenset())
