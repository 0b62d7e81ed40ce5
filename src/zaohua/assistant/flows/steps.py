"""The steps of flows, read and ready. Each does one thing to a case, and may end its run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from zaohua.assistant.flows.case import OUTCOME, Case
from zaohua.assistant.flows.citing import Sections
from zaohua.assistant.flows.conditions import dotted, value_of
from zaohua.assistant.flows.matter import Wait
from zaohua.assistant.flows.phrases import plain
from zaohua.assistant.flows.values import Language, Record
from zaohua.assistant.flows.wording import Wording
from zaohua.knowledge.rules import Outcome
from zaohua.knowledge.rules.expressions import Expression
from zaohua.knowledge.rules.form import in_language
from zaohua.knowledge.rules.values import Value

RULES = "rules"


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a run through the steps ends.

    Attributes:
        how: an answer is waited for; the matter is done; a person takes over; another flow goes
            on; the documents and the model answer.
        waits: for what.
        failed: whether the message looked at gave something of no use.
        reason: why a person takes over.
        flow: that goes on.
    """

    how: Literal["waits", "done", "hands over", "goes on", "documents"]
    waits: Wait | None = None
    failed: bool = False
    reason: str = ""
    flow: str = ""


DONE = Stop("done")


class Action(Protocol):
    """What a step does."""

    def do(self, case: Case) -> Stop | None:
        """Do it; None if the next step follows."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a flow and when it is taken."""

    when: Expression
    action: Action

    def do(self, case: Case) -> Stop | None:
        """Do it if its time has come."""
        return self.action.do(case) if value_of(self.when, case.values) is True else None


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for a slot that is not known, in its own words or in those of this step."""

    slot: str
    wording: Wording

    def do(self, case: Case) -> Stop | None:
        """Ask, or go on."""
        return None if self.slot in case.matter.slots else ask(case, self.slot, self.wording)


def ask(case: Case, slot: str, wording: Wording | None = None, *, failed: bool = False) -> Stop:
    """Ask for a slot."""
    own = in_language(case.known.slots[slot].spec.ask, case.language)
    case.say(case.word(wording) if wording else own)
    return Stop("waits", Wait(slot), failed)


@dataclass(frozen=True, slots=True)
class LookUp:
    """Find a row; the slot that found none is asked for again."""

    table: str
    by: Expression
    none: Wording
    show: tuple[str, ...]

    def do(self, case: Case) -> Stop | None:
        """Find it."""
        key = value_of(self.by, case.values)
        table = case.known.tables[self.table]
        row = None if key is None else table.find(key, case.language, case.today, self.show)
        if row is None:
            return self._missed(case)
        case.put_row(self.table, row)
        return None

    def _missed(self, case: Case) -> Stop | None:
        slot = self.by.text
        if slot not in case.known.slots:
            case.say(case.word(self.none))
            return DONE if self.none else None
        fresh = case.forget(slot)
        return ask(case, slot, self.none if fresh else None, failed=fresh)


@dataclass(frozen=True, slots=True)
class Check:
    """Hold a slot against a value; one that is not the same is asked for again."""

    slot: str
    same_as: Expression
    wrong: Wording

    def do(self, case: Case) -> Stop | None:
        """Compare."""
        wanted = value_of(self.same_as, case.values)
        given = case.matter.slots.get(self.slot)
        if given is not None and wanted is not None and plain(str(given)) == plain(str(wanted)):
            return None
        fresh = case.forget(self.slot)
        return ask(case, self.slot, self.wrong if fresh else None, failed=fresh)


@dataclass(frozen=True, slots=True)
class Let:
    """Work values out."""

    values: tuple[tuple[str, Expression], ...]

    def do(self, case: Case) -> None:
        """Put them among the values."""
        for name, expression in self.values:
            case.put(name, value_of(expression, case.values))


@dataclass(frozen=True, slots=True)
class Rules:
    """Work the rules out, with facts of the case and those found in what was said."""

    facts: Mapping[str, Expression]

    def do(self, case: Case) -> Stop | None:
        """Put the outcome among the values, or ask for what it needs."""
        book = case.known.book
        assert book is not None  # noqa: S101 - looked at when the file was read
        outcomes = book.evaluate(self._facts(case), case.language, case.today)
        missing = next((one.missing[0] for one in outcomes if one.missing), None)
        if missing is not None:
            case.say(book.ask(missing, case.language))
            return Stop("waits", Wait(missing, fact=True))
        for one in outcomes:
            case.put(rule_name(one.rule), one.holds)
        told = [one for one in outcomes if one.says]
        case.put(OUTCOME, "\n".join(one.says for one in told))
        case.grounds.append(_ground(Path(book.path).name, book.title(case.language), told))
        return None

    def _facts(self, case: Case) -> dict[str, Value]:
        found = {name: value_of(one, case.values) for name, one in self.facts.items()}
        return case.matter.facts | {k: v for k, v in found.items() if v is not None}


def rule_name(rule: str) -> str:
    """The name under which the outcome of a rule stands among values: ``rules.in_time``."""
    return dotted(RULES, rule.replace("-", "_"))


def _ground(source: str, title: str, told: Sequence[Outcome]) -> Record:
    lines = [line for one in told for line in (one.says, *one.because)]
    return Record(source, title, "\n".join(dict.fromkeys(lines)))


@dataclass(frozen=True, slots=True)
class Say:
    """Say something, with the sections of documents that it rests on.

    Attributes:
        once: the place of a step after which the flow goes on; None if it ends there.
    """

    wording: Wording
    cites: Mapping[Language, tuple[Record, ...]] = field(default_factory=dict)
    once: tuple[str, int] | None = None

    def do(self, case: Case) -> Stop | None:
        """Say it."""
        if self.once in case.matter.told:
            return None
        case.say(case.word(self.wording))
        case.grounds.extend(self.cites.get(case.language, ()))
        if self.once is None:
            return DONE
        case.matter.told.add(self.once)
        return None


@dataclass(frozen=True, slots=True)
class Quote:
    """Say a section of a document as it stands."""

    name: Wording
    sections: Mapping[Language, Sections]

    def do(self, case: Case) -> Stop:
        """Say it; without it the documents answer."""
        found = self.sections[case.language].get(case.word(self.name))
        if found is None:
            return Stop("documents")
        case.say(found.text)
        case.grounds.append(found)
        return DONE


@dataclass(frozen=True, slots=True)
class HandOver:
    """Leave the rest to a person."""

    reason: Wording
    wording: Wording

    def do(self, case: Case) -> Stop:
        """Say so, and why."""
        case.say(case.word(self.wording))
        return Stop("hands over", reason=case.word(self.reason))


@dataclass(frozen=True, slots=True)
class GoOn:
    """Go on with another flow."""

    flow: str

    def do(self, case: Case) -> Stop:
        """Name it."""
        return Stop("goes on", flow=self.flow)


@dataclass(frozen=True, slots=True)
class Back:
    """Go back to an earlier step, so many times.

    Attributes:
        flow: whose step this is.
        step: its place.
        forgets: slots and facts that are asked for from there on.
        times: after which it is passed over.
        wording: said before the question.
    """

    flow: str
    step: int
    forgets: frozenset[str]
    times: int
    wording: Wording

    def do(self, case: Case) -> Stop | None:
        """Take the steps from the top again, without what is forgotten."""
        gone = case.matter.gone_back
        place = (self.flow, self.step)
        if gone.get(place, 0) >= self.times:
            return None
        gone[place] = gone.get(place, 0) + 1
        case.say(case.word(self.wording))
        case.begin_again(self.forgets)
        return Stop("goes on", flow=self.flow)


class Documents:
    """Leave the answer to the documents and the model."""

    def do(self, case: Case) -> Stop:
        """Leave it."""
        return Stop("documents")
