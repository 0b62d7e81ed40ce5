"""What a message gives for a matter: values that stand in it, and those an answer alone gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from zaohua.assistant.flows.case import Known
from zaohua.assistant.flows.figures import below_zero, is_about, written_out
from zaohua.assistant.flows.matter import Matter
from zaohua.assistant.flows.phrases import plain
from zaohua.assistant.flows.slots import Slot, found_in, loose_answer
from zaohua.knowledge.rules.facts import Fact
from zaohua.knowledge.rules.values import Value

Got = dict[str, Value]
"""Values by the names of slots and of facts, which differ."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message, read.

    Attributes:
        text: as it was written.
        plain: in lower case and one width.
        slots: that stand in it.
        facts: of the rules, that stand in it.
        today: when it was said.
    """

    text: str
    plain: str
    slots: Got
    facts: Got
    today: date


def heard(known: Known, text: str, today: date) -> Heard:
    """Read a message."""
    folded = plain(text)
    slots = found_in(known.slots.values(), folded, today)
    facts = known.book.facts_in(folded, "", today) if known.book else {}
    return Heard(text, folded, slots, facts, today)


def given(known: Known, matter: Matter, wanted: frozenset[str], message: Heard) -> Got:
    """What stands in a message and is new to a matter, or was asked for.

    Args:
        known: slots, tables and rules.
        matter: that is under way.
        wanted: slots and facts that its flow uses.
        message: that was read.
    """
    slot = waited_slot(known, matter)
    if slot and slot.spec.free:
        return {}
    facts = message.facts
    if matter.waits and matter.waits.name in facts:  # an answer takes back no other one in passing
        facts = {
            name: value
            for name, value in facts.items()
            if name == matter.waits.name or name not in matter.facts
        }
    found = {name: value for name, value in (facts | message.slots).items() if name in wanted}
    if slot and slot.name not in found:
        value = slot.answer(message.plain)
        found |= {} if value is None else {slot.name: value}
    found |= _as_figure(known, matter, message)
    asked = matter.waits.name if matter.waits else ""
    if only_about(known, matter, message):
        found.pop(asked, None)
    before = matter.facts | matter.slots
    return {
        name: value for name, value in found.items() if name == asked or before.get(name) != value
    }


def answered(known: Known, matter: Matter, message: Heard) -> Got:
    """What a message gives only because it is an answer: a yes, a number, any text."""
    if matter.waits is None or not message.plain or only_about(known, matter, message):
        return {}
    slot, fact = waited_slot(known, matter), waited_fact(known, matter)
    if slot and slot.spec.free:
        return {slot.name: message.text.strip()}
    value = loose_answer(fact, message.plain) if fact else None
    return {} if value is None else {matter.waits.name: value}


def waited_slot(known: Known, matter: Matter) -> Slot | None:
    """The slot whose value is waited for."""
    wait = matter.waits
    return None if wait is None or wait.fact else known.slots[wait.name]


def waited_fact(known: Known, matter: Matter) -> Fact | None:
    """The fact that is waited for, a slot's own or one of the rules."""
    if matter.waits is None:
        return None
    slot = waited_slot(known, matter)
    return slot.fact if slot else known.book.facts[matter.waits.name] if known.book else None


def only_about(known: Known, matter: Matter, message: Heard) -> bool:
    """Whether a message gives about how many, where one number is waited for."""
    fact = waited_fact(known, matter)
    return fact is not None and fact.is_number and is_about(message.plain)


def _as_figure(known: Known, matter: Matter, message: Heard) -> Got:
    """The number waited for, where it is written as in no running text: -5, 3/4."""
    fact, plain = waited_fact(known, matter), message.plain
    if fact is None or not fact.is_number or not (below_zero(plain) or written_out(plain) != plain):
        return {}
    value = loose_answer(fact, plain)
    return {} if value is None else {fact.name: value}


def take(known: Known, matter: Matter, got: Got) -> None:
    """Make what was got known of a matter."""
    for name, value in got.items():
        (matter.slots if name in known.slots else matter.facts)[name] = value
    matter.fresh = set(got)
