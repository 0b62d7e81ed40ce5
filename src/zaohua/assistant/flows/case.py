"""One run through the steps of a flow: what is known, what is said, on what it rests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from zaohua.assistant.flows.matter import Matter
from zaohua.assistant.flows.slots import Slot
from zaohua.assistant.flows.tables import Row, Table
from zaohua.assistant.flows.values import Language, Record
from zaohua.assistant.flows.wording import Wording
from zaohua.knowledge.rules import RuleBook
from zaohua.knowledge.rules.facts import shown
from zaohua.knowledge.rules.values import Unknown, Value

TODAY = "today"
ROUNDS = "rounds"
OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Known:
    """What all cases of a file share: slots, tables and rules."""

    slots: Mapping[str, Slot]
    tables: Mapping[str, Table]
    book: RuleBook | None


@dataclass(slots=True)
class Case:
    """A matter as its flow runs through it.

    Attributes:
        values: for expressions; what is not known is `Unknown`.
        texts: for templates.
        said: paragraphs of the answer.
        rows: that were looked up; shown only once the flow has come to its end.
        grounds: sections and rules it rests on.
    """

    known: Known
    matter: Matter
    language: Language
    today: date
    values: dict[str, Value | Unknown] = field(default_factory=dict)
    texts: dict[str, Any] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    rows: list[Record] = field(default_factory=list)
    grounds: list[Record] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.put(TODAY, self.today)
        self.put(ROUNDS, Decimal(sum(self.matter.gone_back.values())))
        for name, slot in self.known.slots.items():
            value = self.matter.slots.get(name)
            self.values[name] = Unknown(frozenset([name])) if value is None else value
            told = "" if value is None else shown(value, self.language, slot.fact)
            self.texts[name] = told
        for table in self.known.tables.values():
            self.values |= table.nothing()
            self.texts[table.name] = table.blank()

    def put(self, name: str, value: Value | None) -> None:
        """Make a value known; None is one that cannot be told."""
        self.values[name] = Unknown(frozenset([name])) if value is None else value
        self.texts[name] = "" if value is None else shown(value, self.language)

    def put_row(self, table: str, row: Row) -> None:
        """Make a row known."""
        self.values |= row.values
        self.texts[table] = row.shown
        self.rows.append(row.record)

    def forget(self, slot: str) -> bool:
        """Take back a slot's value; whether the message looked at gave it."""
        self.matter.slots.pop(slot, None)
        return slot in self.matter.fresh

    def begin_again(self, without: Iterable[str]) -> None:
        """Forget slots and facts, and what was worked out and looked up with them."""
        for name in without:
            self.matter.slots.pop(name, None)
            self.matter.facts.pop(name, None)
        self.values.clear()
        self.texts.clear()
        self.__post_init__()

    def say(self, text: str) -> None:
        """Add a paragraph to the answer."""
        if text:
            self.said.append(text)

    def word(self, wording: Wording) -> str:
        """A text filled with what is known."""
        return wording.filled(self.language, self.texts)
