"""What a flow gives a turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from zaohua.knowledge.rules.values import LANGUAGES, Language

__all__ = ["LANGUAGES", "FlowStep", "Handover", "Language", "Record", "Said"]


class Said(Protocol):
    """A message, as far as flows look at it."""

    @property
    def role(self) -> Literal["user", "assistant"]:
        """Whose it is."""

    @property
    def content(self) -> str:
        """What it says."""

    @property
    def created_at(self) -> datetime:
        """When it was said."""


@dataclass(frozen=True, slots=True)
class Record:
    """Something that was looked up: a row of a table, the outcome of rules, a part of a document.

    Attributes:
        source: the name of its file.
        title: for people.
        text: what it says, without what is nobody's business.
    """

    source: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Handover:
    """What a person is to take over, and what they need to know."""

    reason: str
    summary: str


@dataclass(frozen=True, slots=True)
class FlowStep:
    """What a flow makes of the last message of a branch.

    Attributes:
        flow: its name.
        reply: said as it is; None leaves the answer to the documents and the model.
        records: on which it rests.
        facts: what is known of the matter, by the titles of slots, for people.
        handover: set if a person takes over.
        said: what was done, in one clause, for the trace.
    """

    flow: str
    reply: str | None
    records: tuple[Record, ...]
    facts: Mapping[str, str]
    handover: Handover | None
    said: str
