"""A case told over several turns: answers to what the rules asked, and what replaces what."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping

from zaohua.knowledge.rules.book import RuleBook
from zaohua.knowledge.rules.expressions import Expression
from zaohua.knowledge.rules.values import Value

_ASKED_ZH = re.compile(r"多少|多久|多长时间|多长|(?P<old>多大)|几")
_ASKED_EN = (
    (re.compile(r"what (is|was|are|were) (.+?) in ([\w°]+)\?", re.I), r"\2 \1 {} \3"),
    (re.compile(r"(?:what|how (?:long|much)|when) (is|was|are|were|did) (.+?)\?", re.I), r"\2 \1 {}"),  # noqa: E501
    (re.compile(r"(.*?)\bhow many (.+?)\?", re.I), r"\1{} \2"),
    (re.compile(r"how old\b.*\?", re.I), "{} old"),
)  # fmt: skip


def completed(ask: str, answer: str) -> str:
    """``ask`` with ``answer`` in the place of what it asks for.

    体重多少公斤？ and 15 give 体重15公斤？, *How long is the contract?* and *two years* give
    *the contract is two years*; what has no such place stands before its answer.
    """
    said = answer.strip().rstrip("。.！!")
    if match := _ASKED_ZH.search(ask):
        return f"{ask[: match.start()]}{said}{'大' if match['old'] else ''}{ask[match.end() :]}"
    for pattern, form in _ASKED_EN:
        if match := pattern.fullmatch(ask.strip()):
            return match.expand(form).replace("{}", said)
    return f"{ask} {said}"


def carried(
    book: RuleBook, before: Mapping[str, Value], fresh: Mapping[str, Value]
) -> dict[str, Value]:
    """What is known once ``fresh`` was said after ``before``.

    What was said before in another measure, and would stand against it, is forgotten: a contract
    of six months after one of two years.
    """
    numbers = {name for name in fresh if book.facts[name].is_number}
    gone = set(_supplanted(book, numbers)) - set(fresh)
    return {name: value for name, value in before.items() if name not in gone} | dict(fresh)


def _supplanted(book: RuleBook, fresh: Collection[str]) -> Iterator[str]:
    """Facts that a derived value takes in the place of one of ``fresh`` if it knows them."""
    for one in book.derived:
        for node in ast.walk(one.expression.tree):
            if isinstance(node, ast.IfExp):
                first = book.roots(_names(one.expression, node.body))
                last = book.roots(_names(one.expression, node.orelse))
                guards = set(_known(node.test))
                if set(fresh) & last - first - guards:
                    yield from guards


def _names(expression: Expression, node: ast.AST) -> set[str]:
    found = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return found & set(expression.names)


def _known(test: ast.expr) -> Iterator[str]:
    """The names in each ``known(name)`` that has no *not* before it."""
    if isinstance(test, ast.Call) and isinstance(test.args[0], ast.Name):
        yield test.args[0].id
    elif isinstance(test, ast.BoolOp):
        for part in test.values:
            yield from _known(part)
