"""What rules are asked and what they answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

Value = bool | str | Decimal | date
"""A fact's value: yes or no, a choice or text, a number in the fact's own unit, a day."""

Given = Value | int | float
"""What may be given for a value; a number may also come as text with its unit (``"2 g"``)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule says about one case.

    Attributes:
        rule: its name.
        holds: None if it cannot be told without what is ``missing``.
        says: the rule's text for this outcome, values filled in.
        because: what the rule rests on, then the facts it used.
        missing: names of facts that would decide it, in the order of the file.
        vetoed_by: rules that hold and forbid this one.
        problem: why the rule could not be worked out (a division by zero), else empty.
    """

    rule: str
    holds: bool | None
    says: str = ""
    because: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    vetoed_by: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Stands for a value that cannot be told: the facts that would be needed."""

    names: frozenset[str]
