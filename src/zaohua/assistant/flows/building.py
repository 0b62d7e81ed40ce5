"""Steps of a flow from what is written, each checked with what is known when it is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zaohua.assistant.flows.case import OUTCOME, ROUNDS, TODAY
from zaohua.assistant.flows.citing import Sections, section
from zaohua.assistant.flows.conditions import dotted, read_condition
from zaohua.assistant.flows.faults import Faults
from zaohua.assistant.flows.form import SECTION, FlowSpec, StepSpec
from zaohua.assistant.flows.slots import Slot
from zaohua.assistant.flows.steps import (
    Action,
    Ask,
    Back,
    Check,
    Documents,
    GoOn,
    HandOver,
    Let,
    LookUp,
    Quote,
    Rules,
    Say,
    Step,
    rule_name,
)
from zaohua.assistant.flows.tables import Table
from zaohua.assistant.flows.values import LANGUAGES, Language, Record
from zaohua.knowledge.rules import RuleBook
from zaohua.knowledge.rules.expressions import Expression
from zaohua.knowledge.rules.form import in_language
from zaohua.knowledge.rules.kinds import DATE, NUMBER, TEXT, YES_NO, Kind
from zaohua.problems import nearest
from zaohua.strict_yaml import Place

_ALWAYS = read_condition("yes")


@dataclass(frozen=True, slots=True)
class Parts:
    """What steps may name: slots, tables, rules, flows, and documents by language."""

    slots: Mapping[str, Slot]
    tables: Mapping[str, Table]
    book: RuleBook | None
    flows: Sequence[str]
    sections: Mapping[Language, Sections]


@dataclass(slots=True)
class Builder:
    """Builds the steps of one flow.

    Attributes:
        kinds: of the names that expressions may use at this step.
        names: empty values of those that templates may use at this step.
        above: the steps before this one.
    """

    parts: Parts
    faults: Faults
    flow: str
    kinds: dict[str, Kind] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)
    above: list[StepSpec] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kinds |= {TODAY: DATE, ROUNDS: NUMBER} | {
            name: one.fact.kind for name, one in self.parts.slots.items()
        }
        self.names |= dict.fromkeys((TODAY, ROUNDS, *self.parts.slots), "")

    def steps(self, spec: FlowSpec) -> tuple[Step, ...]:
        """All steps; what is wrong with one is noted and the step left out."""
        made = [self._step(number, step) for number, step in enumerate(spec.steps)]
        return tuple(step for step in made if step)

    def _step(self, number: int, spec: StepSpec) -> Step | None:
        place: Place = (*place_of(self.flow), "steps", number)
        when = self._condition((*place, "when"), spec.when)
        if len(spec.does) != 1:
            told = f"does {' and '.join(spec.does)}" if spec.does else "does nothing"
            self.faults.add(place, f"a step does one thing, this one {told}")
            return None
        does = spec.does[0]
        build: Callable[[Place, StepSpec], Action | None] = getattr(self, f"_{does}")
        action = build(place, spec)
        self.above.append(spec)
        return Step(when, action) if action else None

    def _condition(self, place: Place, written: str | bool) -> Expression:
        if isinstance(written, bool):
            return read_condition("yes" if written else "no")
        found = self.faults.expression(place, written, self.kinds)
        if found and found[1].name != YES_NO.name:
            self.faults.add(place, f"a condition is yes or no, this is a {found[1].name}")
        return found[0] if found else _ALWAYS

    def _ask(self, place: Place, spec: StepSpec) -> Action | None:
        slot = self._slot((*place, "ask"), spec.ask)
        if slot and not (slot.spec.ask or spec.say):
            self.faults.add(("slots", slot.name), "is asked for and has no 'ask'")
        wording = self._words(place, "say", spec.say)
        return Ask(spec.ask, wording) if slot else None

    def _look_up(self, place: Place, spec: StepSpec) -> Action | None:
        wanted = spec.look_up
        assert wanted is not None  # noqa: S101 - `does` looked
        place = (*place, "look_up")
        by = self.faults.expression((*place, "by"), wanted.by, self.kinds)
        none = self.faults.wording((*place, "none"), wanted.none, self.names)
        table = self.parts.tables.get(wanted.table)
        if table is None:
            self._unknown((*place, "table"), "table", wanted.table, self.parts.tables)
            return None
        for column in wanted.show:
            if column not in table.columns:
                self._unknown((*place, "show"), "column", column, table.columns)
        columns = table.columns.items()
        self.kinds |= {dotted(table.name, name): column.fact.kind for name, column in columns}
        self.names[table.name] = table.blank()
        return LookUp(table.name, by[0], none, tuple(wanted.show)) if by else None

    def _check(self, place: Place, spec: StepSpec) -> Action | None:
        wanted = spec.check
        assert wanted is not None  # noqa: S101 - `does` looked
        place = (*place, "check")
        slot = self._slot((*place, "slot"), wanted.slot)
        same_as = self.faults.expression((*place, "same_as"), wanted.same_as, self.kinds)
        wrong = self.faults.wording((*place, "wrong"), wanted.wrong, self.names)
        return Check(wanted.slot, same_as[0], wrong) if slot and same_as else None

    def _let(self, place: Place, spec: StepSpec) -> Action:
        values = []
        for name, text in spec.let.items():
            found = self.faults.expression((*place, "let", name), text, self.kinds)
            if not name.isidentifier() or name in self.parts.slots or name in self.parts.tables:
                self.faults.add((*place, "let", name), "no name for a value, or it is taken")
            if found:
                values.append((name, found[0]))
            self.kinds[name] = found[1] if found else TEXT
            self.names[name] = ""
        return Let(tuple(values))

    def _rules(self, place: Place, spec: StepSpec) -> Action | None:
        book = self.parts.book
        if book is None:
            self.faults.add(place, "there is no file of rules")
            return None
        facts = {}
        for name, text in (spec.rules.facts if spec.rules else {}).items():
            here: Place = (*place, "rules", "facts", name)
            found = self.faults.expression(here, text, self.kinds)
            if name not in book.facts:
                self._unknown(here, "fact", name, book.facts)
            elif found and not _fits(found[1], book.facts[name].kind):
                self.faults.add(here, f"'{text}' is no value of this fact")
            if found:
                facts[name] = found[0]
        self.kinds |= {rule_name(rule): YES_NO for rule in book.rules} | {OUTCOME: TEXT}
        self.names[OUTCOME] = ""
        return Rules(facts)

    def _say(self, place: Place, spec: StepSpec) -> Action:
        once = (self.flow, int(place[-1])) if spec.go_on else None
        return Say(self._words(place, "say", spec.say), self._cited(place, spec), once)

    def _quote(self, place: Place, spec: StepSpec) -> Action:
        name = self._words(place, "quote", spec.quote)
        for language in LANGUAGES:
            written = in_language(spec.quote, language)
            if "{" not in written:
                self._section((*place, "quote"), written, language)
        return Quote(name, self.parts.sections)

    def _hand_over(self, place: Place, spec: StepSpec) -> Action:
        reason = self._words(place, "hand_over", spec.hand_over)
        return HandOver(reason, self._words(place, "say", spec.say))

    def _then(self, place: Place, spec: StepSpec) -> Action:
        if spec.then not in self.parts.flows:
            self._unknown((*place, "then"), "flow", spec.then, self.parts.flows)
        return GoOn(spec.then)

    def _back(self, place: Place, spec: StepSpec) -> Action | None:
        wanted = spec.back
        assert wanted is not None  # noqa: S101 - `does` looked
        place = (*place, "back")
        begin = next((n for n, step in enumerate(self.above) if wanted.to in step.asks), None)
        if begin is None or wanted.to not in self.parts.slots:
            asked = [slot for step in self.above for slot in step.asks]
            near = nearest(wanted.to, asked)
            self.faults.add((*place, "to"), f"no step above asks for '{wanted.to}', {near}")
            return None
        wording = self._words(place, "say", wanted.say)
        return Back(self.flow, len(self.above), self._asked_since(begin), wanted.times, wording)

    def _asked_since(self, begin: int) -> frozenset[str]:
        """Slots that are first asked for from a step on, and facts of rules worked out there."""
        before = {slot for step in self.above[:begin] for slot in step.asks}
        since = self.above[begin:]
        asked = {slot for step in since for slot in step.asks} & set(self.parts.slots) - before
        book = self.parts.book if any(step.rules for step in since) else None
        return frozenset(asked | set(book.facts if book else ()))

    def _documents(self, _place: Place, _spec: StepSpec) -> Action:
        return Documents()

    def _words(self, place: Place, key: str, text: str | dict[Language, str]) -> Any:
        return self.faults.wording((*place, key), text, self.names)

    def _cited(self, place: Place, spec: StepSpec) -> dict[Language, tuple[Record, ...]]:
        cite = spec.cite
        found: dict[Language, tuple[Record, ...]] = {}
        for language in LANGUAGES:
            names = cite.get(language, []) if isinstance(cite, Mapping) else cite
            sections = [self._section((*place, "cite"), name, language) for name in names]
            found[language] = tuple(filter(None, sections))
        return found

    def _section(self, place: Place, name: str, language: Language) -> Record | None:
        try:
            return section(self.parts.sections[language], name)
        except ValueError as error:
            self.faults.add(place, str(error))
            return None

    def _slot(self, place: Place, name: str) -> Slot | None:
        if name not in self.parts.slots:
            self._unknown(place, "slot", name, self.parts.slots)
        return self.parts.slots.get(name)

    def _unknown(self, place: Place, kind: str, name: str, known: Iterable[str]) -> None:
        self.faults.add(place, f"there is no {kind} '{name}', {nearest(name, known)}")


def place_of(flow: str) -> Place:
    """Where a flow stands in its file."""
    if flow.startswith(SECTION):
        return ("sections", int(flow.removeprefix(SECTION)) - 1)
    return ("flows", flow)


def _fits(given: Kind, wanted: Kind) -> bool:
    choices = not wanted.choices or not given.choices or set(given.choices) <= set(wanted.choices)
    return given.name == wanted.name and choices
