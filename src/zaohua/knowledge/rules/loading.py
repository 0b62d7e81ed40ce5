"""A rule file to a `RuleBook`: everything that is wrong with it in one message, with lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from zaohua.errors import UsageError
from zaohua.knowledge.rules.book import TODAY, Derived, Rule, RuleBook
from zaohua.knowledge.rules.expressions import WORDS, Expression, ExpressionError, parse
from zaohua.knowledge.rules.facts import Fact, unit_of
from zaohua.knowledge.rules.form import BookSpec, FactSpec, RuleSpec, TableSpec, Text
from zaohua.knowledge.rules.kinds import DATE, NUMBER, YES_NO, Kind, kind_of
from zaohua.knowledge.rules.recognition.units import CURRENCIES, nearest_unit
from zaohua.knowledge.rules.templates import Template, read_template
from zaohua.knowledge.rules.values import LANGUAGES, Language
from zaohua.problems import nearest, problems
from zaohua.strict_yaml import Place, Table, read_table

MOST_PROBLEMS = 20

T = TypeVar("T")


def load_rules(path: str | Path) -> RuleBook:
    """Read a rule file.

    Raises:
        NotFoundError: it cannot be read.
        UsageError: **all** that is wrong with it in one line: each problem with its line, a cycle
            by the names in it, an unknown name with the nearest known one.
    """
    table = read_table(Path(path), "a rule file", exact=True)
    reading = _Reading(str(path), table)
    try:
        spec = BookSpec.model_validate(table.values)
    except ValidationError as error:
        told = problems(error, BookSpec)
        places = [details["loc"] for details in error.errors()]
        for problem, place in zip(told, places, strict=True):
            reading.wrong(tuple(place), problem, named=True)
        raise reading.error() from None
    book = reading.book(spec)
    if reading.problems or book is None:
        raise reading.error()
    return book


@dataclass(slots=True)
class _Reading:
    """A file as it is read, and what is wrong with it so far."""

    path: str
    table: Table
    problems: list[tuple[int, str]] = field(default_factory=list)

    def wrong(self, place: Place, what: str, *, named: bool = False) -> None:
        where = "" if named else ".".join(map(str, place)) + ": "
        self.problems.append((self.table.line(place), f"{where}{what}"))

    def error(self) -> UsageError:
        told = [f"line {line}: {what}" for line, what in sorted(set(self.problems))]
        more = len(told) - MOST_PROBLEMS
        shown = told[:MOST_PROBLEMS] + ([f"and {more} more"] if more > 0 else [])
        return UsageError("; ".join(shown), where=self.path)

    def book(self, spec: BookSpec) -> RuleBook | None:
        facts = {name: self._fact(name, one) for name, one in spec.facts.items()}
        kinds: dict[str, Kind] = {TODAY: DATE, **{name: one.kind for name, one in facts.items()}}
        made = [self._derived(name, one) for name, one in spec.derived.items()]
        for name in (*spec.facts, *spec.derived):
            self._check_name(name, spec)
        derived = self._in_order([one for one in made if one], "derived")
        for one in derived:
            kinds[one.name] = self._kind_of_derived(one, kinds)
        unread = {name: NUMBER for name in spec.derived if name not in kinds}
        rules = [
            self._rule(place, one, kinds | unread, set(unread))
            for place, one in enumerate(spec.rules)
        ]
        ordered = self._vetoes_first(spec.rules, [rule for rule in rules if rule])
        order = sorted(spec.rules, key=lambda rule: -rule.priority)
        return RuleBook(
            path=self.path,
            heading=spec.title or spec.name or Path(self.path).stem,
            facts=facts,
            derived=tuple(derived),
            ordered=tuple(ordered),
            rules=tuple(rule.name for rule in order),
        )

    def _check_name(self, name: str, spec: BookSpec) -> None:
        place: Place = ("facts" if name in spec.facts else "derived", name)
        if not name.isidentifier() or name in WORDS or name == TODAY:
            self.wrong(place, "no name for a value: letters, digits and '_', no word of its own")
        if name in spec.facts and name in spec.derived:
            self.wrong(("derived", name), "there is a fact of that name")

    def _fact(self, name: str, spec: FactSpec) -> Fact:
        place: Place = ("facts", name)
        try:
            unit = unit_of(spec, name)
        except ValueError as error:
            near = (
                f"there are {', '.join(CURRENCIES)}"
                if spec.type == "money"
                else nearest_unit(str(error))
            )
            self.wrong((*place, "unit"), f"there is no unit '{error}' of {spec.type}, {near}")
            unit = None
        if spec.type == "choice" and not spec.choices:
            self.wrong(place, "a choice needs its 'choices'")
        if spec.type == "text" and not spec.patterns:
            self.wrong(place, "a text is found by its 'patterns' alone")
        return Fact(name, spec, unit, tuple(self._patterns(name, spec)))

    def _patterns(self, name: str, spec: FactSpec) -> Iterator[re.Pattern[str]]:
        for number, pattern in enumerate(spec.patterns):
            try:
                yield re.compile(pattern, re.IGNORECASE)
            except re.error as error:
                self.wrong(("facts", name, "patterns", number), f"no regular expression: {error}")

    def _derived(self, name: str, spec: str | int | TableSpec) -> Derived | None:
        place: Place = ("derived", name)
        if not isinstance(spec, TableSpec):
            expression = self._expression(place, str(spec))
            return Derived(name, expression, {}) if expression else None
        by = self._expression((*place, "by"), spec.by)
        rows = {
            key: self._expression((*place, "rows", key), str(row)) for key, row in spec.rows.items()
        }
        otherwise = None
        if spec.otherwise is not None:
            otherwise = self._expression((*place, "otherwise"), str(spec.otherwise))
        good = {key: row for key, row in rows.items() if row}
        return Derived(name, by, good, otherwise) if by and len(good) == len(rows) else None

    def _expression(self, place: Place, text: str) -> Expression | None:
        try:
            return parse(text)
        except ExpressionError as error:
            self.wrong(place, str(error))
            return None

    def _in_order(self, made: Sequence[Derived], where: str) -> list[Derived]:
        by_name = {one.name: one for one in made}
        edges = {one.name: [n for n in one.names if n in by_name] for one in made}
        names = self._sorted(edges, where, "is made from")
        return [by_name[name] for name in names]

    def _sorted(self, edges: Mapping[str, Iterable[str]], where: str, link: str) -> list[str]:
        try:
            return list(TopologicalSorter(edges).static_order())
        except CycleError as error:
            cycle = list(reversed(error.args[1]))
            self.wrong((where, cycle[0]), f"a cycle: {f' {link} '.join(cycle)}", named=True)
            return []

    def _kind_of_derived(self, one: Derived, kinds: Mapping[str, Kind]) -> Kind:
        place: Place = ("derived", one.name)
        chosen = self._kind(place, one.expression, kinds)
        rows = [*one.rows.values(), *filter(None, [one.otherwise])]
        if not rows or chosen is None:
            return chosen or NUMBER
        for key in one.rows:
            if chosen.choices and key not in chosen.choices:
                self.wrong((*place, "rows", key), f"no choice, {nearest(key, chosen.choices)}")
        found = [kind for row in rows if (kind := self._kind(place, row, kinds))]
        if len({kind.name for kind in found}) > 1:
            self.wrong(place, "its rows are of different kinds")
        return next((kind for kind in found if kind.unit), found[0] if found else NUMBER)

    def _kind(self, place: Place, expression: Expression, kinds: Mapping[str, Kind]) -> Kind | None:
        """None where it cannot be told, which is then told as a problem."""
        try:
            return kind_of(expression, kinds)
        except ExpressionError as error:
            self.wrong(place, str(error))
            return None

    def _rule(
        self, number: int, spec: RuleSpec, kinds: Mapping[str, Kind], unread: set[str]
    ) -> Rule | None:
        place: Place = ("rules", number)
        condition = self._expression((*place, "if"), _condition(spec.condition))
        then = self._texts((*place, "then"), spec.then, kinds)
        otherwise = self._texts((*place, "else"), spec.otherwise, kinds)
        if condition is None:
            return None
        kind = self._kind((*place, "if"), condition, kinds)
        if kind and kind.name != YES_NO.name and not unread & set(condition.names):
            self.wrong((*place, "if"), f"a condition is yes or no, this is a {kind.name}")
        return Rule(spec, condition, then, otherwise)

    def _texts(
        self, place: Place, text: Text, kinds: Mapping[str, Kind]
    ) -> dict[Language, Template]:
        given: Mapping[Any, str] = (
            text if isinstance(text, Mapping) else dict.fromkeys(LANGUAGES, text)
        )
        found: dict[Language, Template] = {}
        for language, one in given.items():
            try:
                found[language] = read_template(one)
            except ExpressionError as error:
                self.wrong(place, str(error))
                continue
            for expression in found[language].expressions:
                self._kind(place, expression, kinds)
        return found

    def _vetoes_first(self, specs: Sequence[RuleSpec], rules: Sequence[Rule]) -> list[Rule]:
        names = [spec.name for spec in specs]
        for number, spec in enumerate(specs):
            if spec.name in names[:number]:
                self.wrong(("rules", number, "name"), f"there are two rules named '{spec.name}'")
            for other in spec.unless:
                if other not in names:
                    self.wrong(
                        ("rules", number, "unless"),
                        f"there is no rule '{other}', {nearest(other, names)}",
                    )
        by_name = {rule.spec.name: rule for rule in rules}
        edges = {spec.name: spec.unless for spec in specs}
        order = self._sorted(edges, "rules", "gives way to")
        return [by_name[name] for name in order if name in by_name]


def _condition(given: str | bool) -> str:
    return given if isinstance(given, str) else str(given)
