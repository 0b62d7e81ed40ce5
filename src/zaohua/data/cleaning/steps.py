"""What a cleaning step is, and how a step reaches every text of a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar, Protocol

from zaohua.data.records import Dropped, Record, Turn

CHINESE = frozenset({"zh", "mixed"})
"""Languages judged by characters and masked in Chinese."""


class Step(Protocol):
    """One step: keeps a record, changed or not, or drops it with a reason.

    Steps that remember what they saw (de-duplication) depend on the order of the records; all
    others look at one record alone and may run on any number of processes.
    """

    name: ClassVar[str]

    def apply(self, record: Record) -> Record | Dropped:
        """The record as it goes on, or what was dropped and why."""
        ...


def rewritten(record: Record, change: Callable[[str], str], step: str) -> Record | Dropped:
    """``record`` with ``change`` applied to its text or to each of its turns.

    A record whose text becomes blank is dropped as ``empty``; one with a turn that became blank,
    as ``empty_turn``: a conversation with a hole teaches the wrong thing.
    """
    if record.text and not (record.messages or record.chosen or record.rejected):
        return _rewritten_text(record, change(record.text), step)
    text = change(record.text) if record.text else ""
    groups = [_turns(group, change) for group in _groups(record)]
    if text == record.text and groups == list(_groups(record)):
        return record
    if record.text and not text.strip():
        return Dropped(record, step, "empty")
    for old, new in zip(_groups(record), groups, strict=True):
        if any(b.content and not a.content.strip() for b, a in zip(old, new, strict=True)):
            return Dropped(record, step, "empty_turn")
    messages, chosen, rejected = groups
    return replace(record, text=text, messages=messages, chosen=chosen, rejected=rejected)


def _rewritten_text(record: Record, text: str, step: str) -> Record | Dropped:
    if text == record.text:
        return record
    return replace(record, text=text) if text.strip() else Dropped(record, step, "empty")


def language_of(record: Record) -> str:
    """The language that `IdentifyLanguage` wrote down, else the one its script suggests."""
    known = record.meta.get("language")
    if isinstance(known, str):
        return known
    from zaohua.data.cleaning.languages import script_language

    return script_language(record.body())


def characters(record: Record) -> int:
    """How many characters of text the record has."""
    turns = (*record.messages, *record.chosen, *record.rejected)
    return len(record.text) + sum(len(turn.content) for turn in turns)


def size_of(record: Record) -> tuple[int, int]:
    """Characters of text the record has, and bytes of these in UTF-8."""
    texts = [turn.content for turn in (*record.messages, *record.chosen, *record.rejected)]
    texts.append(record.text)
    return sum(map(len, texts)), sum(map(_bytes, texts))


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _groups(record: Record) -> tuple[tuple[Turn, ...], tuple[Turn, ...], tuple[Turn, ...]]:
    return record.messages, record.chosen, record.rejected


def _turns(turns: tuple[Turn, ...], change: Callable[[str], str]) -> tuple[Turn, ...]:
    return tuple(Turn(turn.role, change(turn.content)) for turn in turns)
