"""A matter under way: what is known of it, what was asked for, how often that failed."""

from __future__ import annotations

from dataclasses import dataclass, field

from zaohua.knowledge.rules.values import Value


@dataclass(frozen=True, slots=True)
class Wait:
    """What an answer is waited for: a slot, or a fact of the rules."""

    name: str
    fact: bool = False


@dataclass(slots=True)
class Matter:
    """Worked out anew from the messages of a branch each time.

    Attributes:
        flow: that is about it.
        slots: known values.
        facts: of the rules, found in what was said since it began.
        fresh: slots that the message looked at has given.
        told: steps that say something once and have done so.
        gone_back: how often steps went back.
        waits: what was asked for last.
        tries: answers to that in a row that were of no use.
        unknown: whether the last answer was that somebody does not know.
        stuck: whether that was too often, so that a person was offered.
        asides: other questions in between.
    """

    flow: str
    slots: dict[str, Value]
    facts: dict[str, Value] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    told: set[tuple[str, int]] = field(default_factory=set)
    gone_back: dict[tuple[str, int], int] = field(default_factory=dict)
    waits: Wait | None = None
    tries: int = 0
    unknown: bool = False
    stuck: bool = False
    asides: int = 0
