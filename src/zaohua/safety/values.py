"""What a guard says of a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NoReturn

Action = Literal["pass", "mask", "refuse", "flag"]
"""``pass``: nothing to say. ``flag``: something was found, the text goes on (made harmless where
that takes nothing from it). ``mask``: part of it was replaced. ``refuse``: it does not go on, and
the text of the ruling is what to answer instead."""
Kind = Literal["topic", "personal", "order", "hidden", "role", "image", "size", "repetition"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found at characters ``start`` to ``end`` of the text that was judged.

    Attributes:
        kind: what it is.
        rule: name of the topic, the kind of personal data, the family of orders.
        start: first character.
        end: one past the last.
        note: one clause for the trace; never the personal data itself.
    """

    kind: Kind
    rule: str
    start: int
    end: int
    note: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Masked:
    """What the masks of a question stand for, for the turn alone: a tool may need the number.

    It shows nothing of itself in logs, and cannot be pickled.
    """

    values: Mapping[str, str] = field(default_factory=dict)

    def restore(self, text: str) -> str:
        """``text`` with the values in the place of their masks."""
        for mask in sorted(self.values, key=len, reverse=True):
            text = text.replace(mask, self.values[mask])
        return text

    def __repr__(self) -> str:
        return f"Masked({len(self.values)} values)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("masked personal data is not kept beyond its turn")


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of a text, and why.

    Attributes:
        action: what became of it.
        text: what goes on in its place.
        findings: in the order of their places.
        masked: what the masks in ``text`` stand for.
    """

    action: Action
    text: str
    findings: tuple[Finding, ...] = ()
    masked: Masked = field(default_factory=Masked)
