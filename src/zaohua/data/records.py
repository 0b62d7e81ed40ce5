"""What training data is made of. Readers make records; later steps keep, change or drop them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Record:
    """One example.

    Exactly one form is filled: ``text``; or ``messages``; or ``messages`` with ``chosen`` and
    ``rejected``; or ``messages`` with ``label`` (thumbs); or ``text`` with ``label``
    (classification).

    Attributes:
        source: where it came from: a path or URL, with ``!member`` for a file in an archive.
        position: number of the record in its source, from 0. ``(source, position)`` is unique.
        meta: what else the source said (title, url, date ...); JSON values only.
    """

    source: str
    position: int
    text: str = ""
    messages: tuple[Turn, ...] = ()
    chosen: tuple[Turn, ...] = ()
    rejected: tuple[Turn, ...] = ()
    label: str | bool | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> Literal["text", "chat", "preference", "thumbs", "classification"]:
        """Which form is filled."""
        if self.chosen or self.rejected:
            return "preference"
        if self.messages:
            return "chat" if self.label is None else "thumbs"
        return "text" if self.label is None else "classification"

    def body(self) -> str:
        """All its text, for filters and hashes: turns joined by newlines."""
        if self.text:
            return self.text
        turns = (*self.messages, *self.chosen, *self.rejected)
        return "\n".join(turn.content for turn in turns)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something a reader had to skip: reported and counted, never fatal."""

    source: str
    reason: str
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A record that a cleaning step threw out, and why: a short stable code (``too_short``)."""

    record: Record
    step: str
    reason: str
