"""What flows make of one message after another."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from zaohua.assistant.flows.answers import (
    Got,
    Heard,
    answered,
    given,
    heard,
    only_about,
    take,
    waited_slot,
)
from zaohua.assistant.flows.case import Case
from zaohua.assistant.flows.handing import known_facts, summary
from zaohua.assistant.flows.intents import Asked
from zaohua.assistant.flows.matter import Matter
from zaohua.assistant.flows.phrases import asks, breaks_off, does_not_know, wants_person
from zaohua.assistant.flows.steps import Stop
from zaohua.assistant.flows.values import FlowStep, Handover, Language
from zaohua.knowledge.rules.form import Text, in_language

if TYPE_CHECKING:
    from zaohua.assistant.flows.dialogue import Flows

MOST_TRIES = 3
MOST_ASIDES = 3
MOST_CHARACTERS = 2000
"""Of a message; what stands further on is not looked at."""
_QUOTED: dict[Language, str] = {"zh": "您写的是「{}」。", "en": "You wrote “{}”. "}
_QUOTED_CHARACTERS = 40
_SOON = 3
"""Messages within which a flow that comes after another may follow it."""


class Replay:
    """The state of a dialogue as its messages are gone through."""

    def __init__(self, flows: Flows, language: Language) -> None:
        self._flows = flows
        self._language = language
        self._kept: Got = {}
        self._matter: Matter | None = None
        self._recent, self._since = "", 0
        self._said: list[str] = []
        self._handed: set[str] = set()

    def hear(self, text: str, today: date) -> FlowStep | None:
        """What is said to a message; None if no flow is about it."""
        text = text[:MOST_CHARACTERS]
        message = heard(self._flows.known, text, today)
        self._said.append(text)
        self._since += 1
        wanted = self._wanted(message)
        if wanted and (self._matter is None or wanted != self._matter.flow):
            return self._begin(wanted, message)
        if self._matter is not None:
            return self._answer(self._matter, message)
        self._keep(message.slots)
        return None

    def _wanted(self, message: Heard) -> str | None:
        """The flow that a message asks for in so many words."""
        intents, matter = self._flows.intents, self._matter
        recent = matter.flow if matter else self._recent if self._since <= _SOON else ""
        asked = Asked(message.plain, frozenset(self._kept | message.slots), recent)
        found = intents.by_pattern(asked)
        if matter is None:
            return found or intents.opened_with(asked) or intents.by_likeness(asked)
        slot = waited_slot(self._flows.known, matter)
        if slot and slot.stands_alone(message.plain):
            return None
        if (slot and slot.spec.free) or self._given(matter, message):
            answers = found is None or self._flows.flows[found].spec.aside
            return None if answers and not asks(message.plain) else found
        return found or intents.by_likeness(asked, waiting=True)

    def _begin(self, flow: str, message: Heard) -> FlowStep | None:
        wants = self._flows.flows[flow].wants
        facts = {name: value for name, value in message.facts.items() if name in wants}
        matter = Matter(flow, self._kept | message.slots, facts, set(message.slots))
        if self._matter is not None and self._flows.flows[flow].spec.aside:
            return self._in_between(matter, message)
        self._matter = matter
        return self._run(matter, message)

    def _in_between(self, matter: Matter, message: Heard) -> FlowStep:
        """An answer that leaves the matter under way as it is."""
        case = Case(self._flows.known, matter, self._language, message.today)
        documents = self._flows.run(case).how == "documents"
        return self._step(case, "answered in between", reply=None if documents else "")

    def _answer(self, matter: Matter, message: Heard) -> FlowStep | None:
        if breaks_off(message.plain):
            return self._drop(matter)
        if matter.stuck and self._takes_up_offer(matter, message):
            case = Case(self._flows.known, matter, self._language, message.today)
            return self._give_up(case)
        if got := self._given(matter, message):
            return self._go_on(matter, got, message)
        return self._loosely(matter, message)

    def _loosely(self, matter: Matter, message: Heard) -> FlowStep | None:
        """Take a message for an answer if it can be one."""
        matter.unknown = does_not_know(message.plain)
        unread = self._unread(matter, message)
        if matter.stuck and (unread is not None or asks(message.plain)):
            self._matter, self._recent, self._since = None, matter.flow, 0
            self._keep(message.slots)
            return None
        if unread is not None:
            return self._again(matter, unread, message)
        if asks(message.plain):
            self._aside(matter)
            return None
        return self._go_on(matter, answered(self._flows.known, matter, message), message)

    def _takes_up_offer(self, matter: Matter, message: Heard) -> bool:
        """Whether a person is wanted; a yes may still be the answer that was waited for."""
        got = answered(self._flows.known, matter, message)
        return not got and wants_person(message.plain)

    def _unread(self, matter: Matter, message: Heard) -> Text | None:
        """What is said to an answer of no use; None to one of use, and to a question."""
        known, texts = self._flows.known, self._flows.texts
        slot = waited_slot(known, matter)
        if matter.unknown:
            return (slot and slot.spec.unknown) or texts.unknown
        if only_about(known, matter, message):
            return texts.about
        if asks(message.plain) or answered(known, matter, message):
            return None
        return (slot and slot.spec.again) or texts.again

    def _given(self, matter: Matter, message: Heard) -> Got:
        return given(self._flows.known, matter, self._flows.flows[matter.flow].wants, message)

    def _go_on(self, matter: Matter, got: Got, message: Heard) -> FlowStep | None:
        take(self._flows.known, matter, got)
        matter.asides, matter.stuck, matter.unknown = 0, False, False
        return self._run(matter, message)

    def _run(self, matter: Matter, message: Heard, before: str = "") -> FlowStep | None:
        """Take the steps; ``before`` is said first where an answer was of no use."""
        case = Case(self._flows.known, matter, self._language, message.today)
        if before:
            case.say(before)
        stop = self._flows.run(case)
        self._keep(matter.slots)
        if stop.how == "waits":
            return self._waits(case, stop, failed=stop.failed or bool(before))
        self._matter, self._recent, self._since = None, matter.flow, 0
        if stop.how == "documents":
            return self._step(case, "left to the documents", reply=None)
        if stop.how == "hands over":
            return self._hand_over(case, stop.reason)
        return self._step(case, "answered")

    def _waits(self, case: Case, stop: Stop, *, failed: bool) -> FlowStep:
        matter = case.matter
        matter.tries = matter.tries + 1 if failed else 0
        matter.waits = stop.waits
        case.rows.clear()  # whoever asks may still have to say who they are
        if matter.tries >= MOST_TRIES:
            at_once = ("hand over", "hand over unknown" if matter.unknown else "")
            handed = self._flows.flows[matter.flow].spec.stuck in at_once
            return self._give_up(case) if handed else self._offer(case)
        return self._step(case, f"asked for {stop.waits.name if stop.waits else ''}")

    def _offer(self, case: Case) -> FlowStep:
        """Say what was wrong and how to go on, and leave it to the person."""
        case.matter.stuck = True
        case.say(self._text(self._flows.texts.stuck))
        return self._step(case, "left after three answers of no use")

    def _give_up(self, case: Case) -> FlowStep:
        self._matter, self._recent, self._since = None, case.matter.flow, 0
        case.said[:] = [self._text(self._flows.texts.gave_up)]
        return self._hand_over(case, self._text(self._flows.texts.gave_up_reason))

    def _hand_over(self, case: Case, reason: str) -> FlowStep:
        facts = known_facts(case)
        key = repr((reason, sorted(facts.items())))
        if key in self._handed:
            reply = self._text(self._flows.texts.already)
            return self._step(case, "was handed over before", reply=reply)
        self._handed.add(key)
        title = in_language(self._flows.flows[case.matter.flow].spec.title, self._language)
        told = summary(title, facts, self._said, self._language)
        return self._step(case, "handed over to a person", handover=Handover(reason, told))

    def _again(self, matter: Matter, before: Text, message: Heard) -> FlowStep | None:
        matter.fresh = set()
        told = self._text(before)
        if not matter.unknown and matter.tries == MOST_TRIES - 1:
            told = _QUOTED[self._language].format(message.text.strip()[:_QUOTED_CHARACTERS]) + told
        return self._run(matter, message, told)

    def _aside(self, matter: Matter) -> None:
        """Another question in between: it is left to the documents, the matter waits."""
        matter.asides += 1
        if matter.asides > MOST_ASIDES:
            self._matter = None

    def _drop(self, matter: Matter) -> FlowStep:
        self._matter, self._recent, self._since = None, matter.flow, 0
        reply = self._text(self._flows.texts.cancelled)
        return FlowStep(matter.flow, reply, (), {}, None, f"{matter.flow}: broken off")

    def _keep(self, slots: Got) -> None:
        """Remember what also counts for later matters."""
        for name, slot in self._flows.known.slots.items():
            if slot.spec.earlier and name in slots:
                self._kept[name] = slots[name]

    def _step(
        self, case: Case, done: str, *, reply: str | None = "", handover: Handover | None = None
    ) -> FlowStep:
        """``reply``: in place of what was said; None leaves the answer to the documents."""
        flow = case.matter.flow
        said = "\n\n".join(case.said) if reply == "" else reply
        records = tuple(dict.fromkeys((*case.rows, *case.grounds)))
        return FlowStep(flow, said, records, known_facts(case), handover, f"{flow}: {done}")

    def _text(self, text: Text) -> str:
        return in_language(text, self._language)
