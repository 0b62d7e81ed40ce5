"""Jinja2, kept to what a prompt needs: what is given is data, and no template runs away.

A template may print, choose and repeat. It may not call, define, set, import or reach into Python;
each repetition is counted, and the time and the length of what comes out are bounded.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

import jinja2
from jinja2 import nodes
from jinja2.sandbox import SandboxedEnvironment

from zaohua.errors import UsageError
from zaohua.generate.prompts.shaping import FILTERS

MOST_STEPS: Final = 10_000
"""Repetitions of all loops of one rendering."""
MOST_CHARACTERS: Final = 20_000_000
SECONDS: Final = 5.0
LONGEST_SOURCE: Final = 64 * 1024

_FILTERS: Final = (
    "abs", "capitalize", "default", "d", "first", "float", "int", "last", "length", "count",
    "lower", "max", "min", "reverse", "round", "sort", "sum", "title", "trim", "truncate",
    "upper", "wordcount",
)  # fmt: skip
_TESTS: Final = (
    "defined", "undefined", "none", "true", "false", "boolean", "number", "integer", "string",
    "odd", "even", "divisibleby", "eq", "ne", "lt", "le", "gt", "ge", "in", "equalto", "==", "!=",
    "<", "<=", ">", ">=",
)  # fmt: skip
_ALLOWED: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.For,
    nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
    nodes.CondExpr, nodes.Getattr, nodes.Getitem, nodes.List, nodes.Tuple, nodes.Add, nodes.Sub,
    nodes.Div, nodes.FloorDiv, nodes.Mul, nodes.Mod, nodes.Neg, nodes.Pos, nodes.Concat,
    nodes.Slice, nodes.Keyword,
)  # fmt: skip
_STEPS: Final = "_steps_"  # no input can have this name
_WORDS: Final = {
    nodes.Call: "calls",
    nodes.Pow: "powers (**)",
    nodes.Assign: "{% set %}",
    nodes.AssignBlock: "{% set %}",
    nodes.Macro: "macros",
    nodes.Include: "{% include %}",
    nodes.Import: "{% import %}",
    nodes.FromImport: "{% import %}",
    nodes.Extends: "{% extends %}",
    nodes.Block: "{% block %}",
    nodes.Dict: "tables",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a template, and the line of the template (from 1)."""

    what: str
    line: int


class Unfit(Exception):
    """A template that cannot be used, with all its faults."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.what for fault in faults))


class Renderer:
    """Compiles templates and renders them; remembers nothing of what they were given."""

    def __init__(self) -> None:
        self._environment = _environment()

    def compile(self, source: str, known: Iterable[str]) -> jinja2.Template:
        """A template that uses only what it may and only the names that are ``known``.

        Raises:
            Unfit: with all its faults.
        """
        if len(source) > LONGEST_SOURCE:
            raise Unfit([Fault(f"is longer than {LONGEST_SOURCE} characters", 1)])
        try:
            tree = self._environment.parse(source)
        except jinja2.TemplateSyntaxError as error:
            raise Unfit([Fault(str(error.message), error.lineno)]) from None
        except RecursionError:
            raise Unfit([Fault("is nested too deeply", 1)]) from None
        if faults := [*_forbidden(tree), *_unknown(tree, set(known))]:
            raise Unfit(sorted(faults, key=lambda fault: fault.line))
        for loop in tree.find_all(nodes.For):
            steps = nodes.Name(_STEPS, "load", lineno=loop.lineno)
            counted = nodes.Filter(loop.iter, _STEPS, [steps], [], None, None, lineno=loop.lineno)
            loop.iter = counted.set_environment(self._environment)
        return self._made(tree)

    def _made(self, tree: nodes.Template) -> jinja2.Template:
        try:
            code = self._environment.compile(tree)
        except (jinja2.TemplateError, RecursionError, SyntaxError) as error:
            raise Unfit([Fault(str(error), getattr(error, "lineno", None) or 1)]) from None
        return jinja2.Template.from_code(self._environment, code, {})

    def render(self, template: jinja2.Template, values: Mapping[str, Any], where: str = "") -> str:
        """What ``template`` says of ``values``, which are data and never templates.

        Raises:
            UsageError: it takes too long, says too much, or does what its values do not allow.
        """
        try:
            return self._said(template, values)
        except jinja2.TemplateError as error:
            what = str(error.message)
        except UsageError as error:
            what = error.what
        except (TypeError, ValueError, ArithmeticError, AttributeError, LookupError) as error:
            what = str(error)
        raise UsageError(f"the template cannot be filled: {what}", where=where)

    def _said(self, template: jinja2.Template, values: Mapping[str, Any]) -> str:
        steps = Steps()
        said, size = [], 0
        for piece in template.generate({**values, _STEPS: steps}):
            size += len(piece)
            if size > MOST_CHARACTERS:
                raise UsageError(f"it says over {MOST_CHARACTERS:,} characters")
            steps.in_time()
            said.append(piece)
        return "".join(said)


class Steps:
    """The repetitions and the time of one rendering."""

    def __init__(self) -> None:
        self._left = MOST_STEPS
        self._end = time.monotonic() + SECONDS

    def in_time(self) -> None:
        """Be sure that it has not taken too long."""
        if time.monotonic() > self._end:
            raise UsageError(f"it takes over {SECONDS:.0f} s")

    def of(self, items: Any) -> Iterator[Any]:
        """``items``, each counted."""
        if not isinstance(items, Sequence):
            raise TypeError("only lists can be gone through")
        if len(items) > self._left:
            raise UsageError(f"its loops take over {MOST_STEPS:,} steps")
        for item in items:
            self._left -= 1
            if self._left < 0:
                raise UsageError(f"its loops take over {MOST_STEPS:,} steps")
            self.in_time()
            yield item


def _environment() -> SandboxedEnvironment:
    made = _Bounded(undefined=jinja2.StrictUndefined, autoescape=False, trim_blocks=True,
                    lstrip_blocks=True, keep_trailing_newline=False)  # fmt: skip
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in _FILTERS}
    made.filters |= {**_OWN, _STEPS: _counted}
    made.tests = {name: made.tests[name] for name in _TESTS}
    return made


class _Bounded(SandboxedEnvironment):
    """Numbers are calculated with, texts are not multiplied or formatted."""

    intercepted_binops = frozenset({"*", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if not all(isinstance(side, int | float) for side in (left, right)):
            raise TypeError(f"'{operator}' is for numbers")
        return super().call_binop(context, operator, left, right)


def _counted(items: Any, steps: Steps) -> Iterator[Any]:
    return steps.of(items)


def _join(items: Any, between: str = "") -> str:
    if isinstance(items, str) or not isinstance(items, Sequence):
        raise TypeError("'join' is for lists")
    said = [str(item) for item in items]
    if sum(map(len, said)) + len(between) * len(said) > MOST_CHARACTERS:
        raise UsageError(f"it says over {MOST_CHARACTERS:,} characters")
    return between.join(said)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _lines(text: Any) -> list[str]:
    return [line for line in str(text).splitlines() if line.strip()]


_OWN: Final = {"join": _join, "json": _json, "lines": _lines, **FILTERS}


def _forbidden(tree: nodes.Template) -> Iterator[Fault]:
    for node in _walk(tree):
        if not isinstance(node, _ALLOWED):
            told = _WORDS.get(type(node), type(node).__name__.lower())
            yield Fault(f"{told} cannot be used in a prompt", node.lineno)
        elif isinstance(node, nodes.For) and (node.recursive or node.test is not None):
            yield Fault("a loop can be neither recursive nor filtered", node.lineno)
        elif isinstance(node, nodes.Getattr | nodes.Getitem) and _private(node):
            yield Fault("names that begin with '_' cannot be reached", node.lineno)
        elif isinstance(node, nodes.Filter | nodes.Test):
            yield from _no_such(node)


def _private(node: nodes.Getattr | nodes.Getitem) -> bool:
    name = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", "")
    return isinstance(name, str) and name.startswith("_")


def _no_such(node: nodes.Filter | nodes.Test) -> Iterator[Fault]:
    test = isinstance(node, nodes.Test)
    known = _TESTS if test else (*_FILTERS, *_OWN)
    if node.name not in known:
        kind = "test" if test else "filter"
        yield Fault(f"there is no {kind} '{node.name}'{_near(node.name, known)}", node.lineno)


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _walk(child)


def _unknown(tree: nodes.Template, known: set[str]) -> Iterator[Fault]:
    bound = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}
    told: set[str] = set()
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name not in known | bound | {"loop"} | told:
            told.add(name.name)
            yield Fault(f"'{name.name}' is no input{_near(name.name, known)}", name.lineno)


def _near(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), 1)
    return f", did you mean '{near[0]}'?" if near else ""
