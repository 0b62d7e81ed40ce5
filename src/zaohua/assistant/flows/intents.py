"""Which flow a message wants: by patterns first, then by what it is like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from zaohua.assistant.flows.likeness import Examples, Sameness
from zaohua.assistant.flows.slots import Slot

LIKE = 0.6
"""Likeness to an example from which a message wants the flow."""
LIKE_WHILE_WAITING = 0.75
"""The same while the answer to a question is waited for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A message as its intent is looked for.

    Attributes:
        text: plain.
        known: slots in it, or said before.
        recent: the flow that is under way or has just ended; empty if there is none.
    """

    text: str
    known: frozenset[str]
    recent: str


@dataclass(frozen=True, slots=True)
class Sign:
    """By what a flow is known.

    Attributes:
        flow: its name.
        pattern: one of all its patterns; None if it has none.
        unless: what forbids it.
        needs: slots without which it is not meant.
        opens_with: a slot whose value alone opens it.
        after: flows after which alone it counts; None if it counts always.
        first: whether it comes before an answer that is waited for.
        aside: whether it answers in between.
    """

    flow: str
    pattern: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    needs: frozenset[str]
    opens_with: Slot | None
    after: frozenset[str] | Literal["any"] | None
    first: bool
    aside: bool

    def counts(self, asked: Asked) -> bool:
        """Whether it may be meant."""
        if not self.needs <= asked.known:
            return False
        if self.after is not None and not asked.recent:
            return False
        if isinstance(self.after, frozenset) and asked.recent not in self.after:
            return False
        return not (self.unless and self.unless.search(asked.text))

    def knows(self, asked: Asked) -> bool:
        """Whether one of its patterns is there."""
        return self.pattern is not None and self.pattern.search(asked.text) is not None


class Intents:
    """The signs of all flows, those that come first before the others."""

    def __init__(
        self,
        signs: Iterable[Sign],
        examples: Iterable[tuple[str, str]],
        same: Sameness,
        slots: Sequence[Slot],
    ) -> None:
        """``examples``: names of flows with plain sentences; an empty name is elsewhere."""
        self._signs = sorted(signs, key=lambda sign: not sign.first)
        self._by_flow = {sign.flow: sign for sign in self._signs}
        self._same = same
        self._slots = [slot for slot in slots if slot.always]
        self._examples = Examples((name, self._folded(text)) for name, text in examples)

    def by_pattern(self, asked: Asked) -> str | None:
        """The first flow with a pattern that the message has."""
        for sign in self._signs:
            if sign.knows(asked) and sign.counts(asked):
                return sign.flow
        return None

    def opened_with(self, asked: Asked) -> str | None:
        """The flow that a message opens which only gives a slot's value."""
        for sign in self._signs:
            if sign.opens_with and sign.opens_with.stands_alone(asked.text):
                return sign.flow
        return None

    def by_likeness(self, asked: Asked, *, waiting: bool = False) -> str | None:
        """The flow with the example most like the message, if it is like enough."""
        for like, flow in self._examples.nearest(self._folded(asked.text)):
            if like < LIKE or not flow:
                return None
            sign = self._by_flow[flow]
            enough = like >= LIKE_WHILE_WAITING or sign.aside or not waiting
            if enough and sign.counts(asked):
                return flow
        return None

    def _folded(self, text: str) -> str:
        for slot in self._slots:
            text = slot.masked(text)
        return self._same.folded(text)
