"""A file of flows to `Flows`: everything that is wrong with it in one message, with lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from zaohua.assistant.flows.building import Builder, Parts, place_of
from zaohua.assistant.flows.case import OUTCOME, ROUNDS, TODAY, Known
from zaohua.assistant.flows.citing import read_sections
from zaohua.assistant.flows.dialogue import Flow, Flows
from zaohua.assistant.flows.faults import Faults
from zaohua.assistant.flows.form import FlowSpec, FlowsSpec, SlotSpec, StepSpec
from zaohua.assistant.flows.intents import Intents, Sign
from zaohua.assistant.flows.likeness import sameness
from zaohua.assistant.flows.phrases import plain
from zaohua.assistant.flows.slots import Names, Pattern, Slot, names_of, pattern_of_form
from zaohua.assistant.flows.steps import RULES, Step
from zaohua.assistant.flows.tables import Table, TableFaults, read_table
from zaohua.assistant.flows.values import LANGUAGES
from zaohua.knowledge.rules import RuleBook
from zaohua.knowledge.rules.expressions import WORDS
from zaohua.knowledge.rules.facts import Fact, unit_of
from zaohua.knowledge.rules.form import Words, words_of
from zaohua.problems import nearest, problems
from zaohua.strict_yaml import Place, parse_table, read_text

_TAKEN = {TODAY, ROUNDS, OUTCOME, RULES, *WORDS}


def read_flows(path: Path, tables: Path, book: RuleBook | None = None) -> Flows:
    """Read a file of flows.

    Args:
        path: of it; documents that it cites are in ``knowledge/zh`` and ``knowledge/en`` beside it.
        tables: the folder of its tables.
        book: the rules that its steps may ask.

    Raises:
        NotFoundError: it cannot be read.
        UsageError: **all** that is wrong in one line: each problem with its line, unknown names
            with the nearest known one, flows that go on with each other in a circle.
    """
    what, mend = "a file of flows", "it begins with 'version: 1'"
    table = parse_table(read_text(path, what), str(path), what, mend)
    faults = Faults(str(path), table)
    try:
        spec = FlowsSpec.model_validate(table.values)
    except ValidationError as error:
        told = problems(error, FlowsSpec)
        for details, what in zip(error.errors(), told, strict=True):
            faults.add(tuple(details["loc"]), what, named=True)
        raise faults.error() from None
    flows = _Reading(spec, faults, book, path.parent / "knowledge").flows(tables)
    if faults.found:
        raise faults.error()
    return flows


class _Reading:
    """The parts of a file, built one after another."""

    def __init__(
        self, spec: FlowsSpec, faults: Faults, book: RuleBook | None, documents: Path
    ) -> None:
        self._spec = spec
        self._faults = faults
        self._book = book
        self._sections = {one: read_sections(documents / one) for one in LANGUAGES}
        self._flows = spec.all_flows

    def flows(self, folder: Path) -> Flows:
        tables = dict(self._tables(folder))
        if self._faults.found:  # what else is wrong would mostly follow from it
            raise self._faults.error()
        slots = {name: self._slot(name, one, tables) for name, one in self._spec.slots.items()}
        parts = Parts(slots, tables, self._book, tuple(self._spec.flows), self._sections)
        steps = {
            name: Builder(parts, self._faults, name).steps(one) for name, one in self._flows.items()
        }
        self._check_circles()
        flows = {name: self._flow(name, steps[name]) for name in self._flows}
        return Flows(
            flows, Known(slots, tables, self._book), self._intents(slots), self._spec.texts
        )

    def _tables(self, folder: Path) -> Iterator[tuple[str, Table]]:
        for name, spec in self._spec.tables.items():
            self._check_name(("tables", name), name)
            try:
                yield name, read_table(name, spec, folder)
            except TableFaults as error:
                for keys, what in error.faults:
                    self._faults.add(("tables", name, *keys), what)

    def _check_name(self, place: Place, name: str) -> None:
        if not name.isidentifier() or name.startswith("_") or "__" in name or name in _TAKEN:
            self._faults.add(place, "no name for this: letters, digits and '_', no word of its own")

    def _slot(self, name: str, spec: SlotSpec, tables: Mapping[str, Table]) -> Slot:
        place: Place = ("slots", name)
        self._check_name(place, name)
        if name in self._spec.tables or (self._book and name in self._book.facts):
            self._faults.add(place, "a table or a fact of the rules has this name")
        if spec.type == "choice" and not spec.choices:
            self._faults.add(place, "a choice needs its 'choices'")
        try:
            unit = unit_of(spec, name)
        except ValueError as error:
            self._faults.add((*place, "unit"), f"there is no unit '{error}' of {spec.type}")
            unit = None
        regexes = [
            regex
            for number, one in enumerate(spec.patterns)
            if (regex := self._faults.regex((*place, "patterns", number), one))
        ]
        forms = [pattern_of_form(form) for form in spec.forms]
        names = self._names(place, spec, tables)
        always: list[Pattern | Names] = [*forms, *(Pattern(regex) for regex in regexes), *names]
        answered = tuple(pattern_of_form(form) for form in spec.answers)
        return Slot(name, spec, Fact(name, spec, unit, tuple(regexes)), tuple(always), answered)

    def _names(self, place: Place, spec: SlotSpec, tables: Mapping[str, Table]) -> list[Names]:
        """The names of the rows that a slot stands for."""
        if not spec.table:
            return []
        if spec.table not in self._spec.tables:
            told = f"there is no table '{spec.table}', {nearest(spec.table, self._spec.tables)}"
            self._faults.add((*place, "table"), told)
        if spec.table not in tables:
            return []
        table = tables[spec.table]
        keys: dict[str, str] = {}
        for cells in table.rows.values():
            for head in (table.spec.key, *spec.by):
                if head not in cells:
                    self._faults.add((*place, "by"), f"the table has no column '{head}'")
                    return []
                for name in filter(None, map(plain, cells[head].split("|"))):
                    if keys.setdefault(name, cells[table.spec.key]) != cells[table.spec.key]:
                        self._faults.add((*place, "by"), f"'{name}' names two rows")
        return [names_of(keys)] if keys else []

    def _check_circles(self) -> None:
        edges = {
            name: [step.then for step in flow.steps if step.then in self._spec.flows]
            for name, flow in self._spec.flows.items()
        }
        try:
            TopologicalSorter(edges).prepare()
        except CycleError as error:
            cycle = list(reversed(error.args[1]))
            told = f"flows go round in a circle: {' goes on with '.join(cycle)}; a step 'back' may"
            self._faults.add(("flows", cycle[0]), told, named=True)

    def _flow(self, name: str, steps: tuple[Step, ...]) -> Flow:
        used = list(self._reached(name))
        slots = {slot for step in used for slot in step.asks} & set(self._spec.slots)
        if self._book and any(step.rules for step in used):
            slots |= set(self._book.facts)
        return Flow(name, self._flows[name], steps, frozenset(slots))

    def _reached(self, name: str) -> Iterator[StepSpec]:
        """The steps of a flow and of all that it goes on with."""
        seen: set[str] = set()
        left = [name]
        while left:
            if (here := left.pop()) in seen or here not in self._flows:
                continue
            seen.add(here)
            for step in self._flows[here].steps:
                yield step
                left.append(step.then)

    def _intents(self, slots: Mapping[str, Slot]) -> Intents:
        spec = self._spec
        signs = [self._sign(name, flow, slots) for name, flow in self._flows.items()]
        sources = [("", spec.elsewhere)]
        sources += [(name, flow.examples) for name, flow in self._flows.items()]
        examples = [(name, plain(text)) for name, words in sources for text in words_of(words)]
        alike = spec.alike
        listed = alike if isinstance(alike, list) else [g for one in alike.values() for g in one]
        groups = [[plain(word) for word in group] for group in listed]
        return Intents(signs, examples, sameness(groups), list(slots.values()))

    def _sign(self, name: str, flow: FlowSpec, slots: Mapping[str, Slot]) -> Sign:
        place = place_of(name)
        if flow.opens_with and flow.opens_with not in slots:
            told = f"there is no slot '{flow.opens_with}', {nearest(flow.opens_with, slots)}"
            self._faults.add((*place, "opens_with"), told)
        for other in flow.after if isinstance(flow.after, list) else ():
            if other not in self._spec.flows:
                told = f"there is no flow '{other}', {nearest(other, self._spec.flows)}"
                self._faults.add((*place, "after"), told)
        for slot in flow.needs:
            if slot not in slots:
                told = f"there is no slot '{slot}', {nearest(slot, slots)}"
                self._faults.add((*place, "needs"), told)
        if flow.aside and any(step.ask or step.check or step.rules for step in flow.steps):
            self._faults.add((*place, "aside"), "what answers in between asks for nothing")
        after: frozenset[str] | Literal["any"] | None
        after = "any" if flow.after == "any" else frozenset(flow.after) or None
        return Sign(
            flow=name,
            pattern=self._any((*place, "patterns"), flow.patterns),
            unless=self._any((*place, "unless"), flow.unless),
            needs=frozenset(flow.needs),
            opens_with=slots.get(flow.opens_with),
            after=after,
            first=flow.first,
            aside=flow.aside,
        )

    def _any(self, place: Place, patterns: Words) -> re.Pattern[str] | None:
        """One pattern for all of them."""
        good: Iterable[str] = (
            f"(?:{one})" for one in words_of(patterns) if self._faults.regex(place, one)
        )
        joined = "|".join(good)
        return re.compile(joined) if joined else None
