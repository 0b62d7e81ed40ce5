"""Slots: what a flow has to know, found in a message or taken from the answer to a question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from zaohua.assistant.flows.figures import below_zero, written_out
from zaohua.assistant.flows.form import SlotSpec
from zaohua.assistant.flows.phrases import yes_or_no
from zaohua.errors import UsageError
from zaohua.knowledge.rules.facts import Fact, checked
from zaohua.knowledge.rules.recognition.recognition import recognise
from zaohua.knowledge.rules.values import Value

_NEGATED = re.compile(
    r"(?:不是|不要|而非|并非|\bnot|\bisn't|instead of|rather than)\W*(?:the |订单|order )?$"
)
_ALONE = re.compile(
    r"我的|我|订单号?|单号|编号|号码|号|是|的|这个|那个"
    r"|\b(?:my|the|it|it's|its|is|order|number|no|this|that)\b|[\W_]"
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A way in which a value is written; ``form`` gives it its own form, else it stays as it is."""

    regex: re.Pattern[str]
    form: str = ""

    def values(self, text: str) -> Iterator[tuple[int, str]]:
        """Places and values in a plain text that are not denied (``not A1003``)."""
        for found in self.regex.finditer(text):
            if not _NEGATED.search(text[max(0, found.start() - 20) : found.start()]):
                part = found[1] if self.regex.groups else found[0]
                yield found.start(), self._formed(part or "")

    def _formed(self, part: str) -> str:
        if not self.form:
            return part.strip()
        digits = iter(re.sub(r"\D", "", part))
        return "".join(next(digits, "") if sign.isdigit() else sign for sign in self.form)


def pattern_of_form(form: str) -> Pattern:
    """``A0000``: an A and four digits, in either case, a blank or hyphen between them allowed."""
    pieces = []
    for place, sign in enumerate(form.lower()):
        turns = place > 0 and sign.isdigit() and form[place - 1].isalpha()
        pieces.append((r"[\s#-]?" if turns else "") + (r"\d" if sign == "0" else re.escape(sign)))
    return Pattern(re.compile(rf"(?<![a-z0-9])({''.join(pieces)})(?![a-z0-9])"), form)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the rows of a table, and the keys they stand for."""

    keys: Mapping[str, str]
    regex: re.Pattern[str]

    def values(self, text: str) -> Iterator[tuple[int, str]]:
        """Places and keys in a plain text; of two names at one place the longer."""
        for found in self.regex.finditer(text):
            if not _NEGATED.search(text[max(0, found.start() - 20) : found.start()]):
                yield found.start(), self.keys[found[1]]


def names_of(keys: Mapping[str, str]) -> Names:
    """Of plain names; an English one may stand in the plural."""
    longest = sorted(keys, key=lambda name: (-len(name), name))
    return Names(keys, re.compile("|".join([f"({_named(longest)})"])))


def _named(names: Sequence[str]) -> str:
    ascii_ones = [re.escape(name) for name in names if name.isascii()]
    others = [re.escape(name) for name in names if not name.isascii()]
    worded = [rf"(?<![a-z0-9])(?:{'|'.join(ascii_ones)})(?=(?:e?s)?(?![a-z0-9]))"]
    return "|".join(others + (worded if ascii_ones else []))


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot with its patterns compiled.

    Attributes:
        spec: as it was written.
        fact: for recognising, checking and showing.
        always: how it is written anywhere.
        answered: how it is written in an answer to its question.
    """

    name: str
    spec: SlotSpec
    fact: Fact
    always: tuple[Pattern | Names, ...]
    answered: tuple[Pattern, ...]

    def find(self, text: str) -> str | None:
        """The value of a slot of texts in a plain text: the first that is not denied."""
        return _first(self.always, text)

    def answer(self, text: str) -> str | None:
        """The value in a plain text that counts only as an answer to its question."""
        return _first(self.answered, text)

    def stands_alone(self, text: str) -> bool:
        """Whether a plain text says nothing but this slot's value."""
        rest = text
        for pattern in self.always:
            rest = pattern.regex.sub(" ", rest)
        return rest != text and not _ALONE.sub("", rest)

    def masked(self, text: str) -> str:
        """A plain text with a word for the slot in the place of its values."""
        for pattern in self.always:
            text = pattern.regex.sub(f" slot{self.name} ".replace("_", ""), text)
        return text


def loose_answer(fact: Fact, text: str) -> Value | None:
    """A yes, a no or a bare number in answer to the question for a fact."""
    if fact.spec.type == "yes/no":
        return yes_or_no(text)
    if fact.is_number:
        try:
            value = checked(fact, written_out(text))
        except UsageError:
            return None
        return -value if isinstance(value, Decimal) and below_zero(text) else value
    return None


def found_in(slots: Iterable[Slot], text: str, today: date) -> dict[str, Value]:
    """The values of ``slots`` in a plain text."""
    texts = [slot for slot in slots if slot.fact.spec.type == "text"]
    others = [slot.fact for slot in slots if slot.fact.spec.type != "text"]
    found: dict[str, Value] = {
        slot.name: value for slot in texts if (value := slot.find(text)) is not None
    }
    return found | recognise(others, text, "", today) if others else found


def _first(patterns: Iterable[Pattern | Names], text: str) -> str | None:
    for pattern in patterns:
        if found := min(pattern.values(text), default=None):
            return found[1]
    return None
