"""Facts in the database: read, kept, ended, deleted, inside a session of the caller."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, defer

from zaohua.assistant.ids import new_id
from zaohua.assistant.memory.decay import FADED, weight
from zaohua.assistant.memory.kinds import KINDS, key_of, text_of
from zaohua.assistant.memory.values import Claim, Remembered
from zaohua.assistant.records import own_message
from zaohua.errors import NotFoundError
from zaohua.store.tables import (
    ConversationRow,
    LearnedMessageRow,
    MemoryRow,
    MemorySwitchRow,
    MessageRow,
    now,
)
from zaohua.text.search_terms import search_terms

MOST = 1000
"""Facts that hold of one owner."""
_ORDER = list(KINDS)


@dataclass(slots=True)
class Kept:
    """What became of claims, as it is gathered."""

    facts: list[MemoryRow] = field(default_factory=list)
    ended: list[MemoryRow] = field(default_factory=list)
    full: bool = False


def remembered(row: MemoryRow, at: datetime) -> Remembered:
    """A row as it is seen from outside."""
    left = weight(row, at)
    return Remembered(
        id=row.id,
        text=row.text,
        kind=row.kind,
        value=row.value,
        language=row.language,
        explicit=row.explicit,
        standing=KINDS[row.kind].standing,
        source_message_id=row.message_id,
        conversation_id=row.conversation_id,
        created_at=row.created_at,
        used_at=row.used_at,
        uses=row.uses,
        weight=round(left, 3),
        recalled=row.ended_at is None and left >= FADED,
        ended_at=row.ended_at,
        superseded_by=row.superseded_by,
    )


def values(rows: Iterable[MemoryRow]) -> tuple[Remembered, ...]:
    """Rows as they are seen from outside."""
    at = now()
    return tuple(remembered(row, at) for row in rows)


def own_memory(session: Session, owner: str, memory_id: str) -> MemoryRow:
    """The row of a fact of ``owner``.

    Raises:
        NotFoundError: there is none, or it is another owner's.
    """
    row = session.scalar(
        select(MemoryRow).where(MemoryRow.id == memory_id, MemoryRow.owner == owner)
    )
    if row is None:
        raise NotFoundError(
            "there is no such memory", where=memory_id, mend="'zaohua memory list' shows all"
        )
    return row


def memories(
    session: Session, owner: str, *, ended: bool = False, vectors: bool = False
) -> list[MemoryRow]:
    """The facts of ``owner`` by kind, the oldest first; with ``ended`` also those of the past."""
    asked = select(MemoryRow).where(MemoryRow.owner == owner)
    asked = asked if ended else asked.where(MemoryRow.ended_at.is_(None))
    rows = session.scalars(asked if vectors else asked.options(defer(MemoryRow.vector))).all()
    return sorted(rows, key=lambda row: (_ORDER.index(row.kind), row.created_at, row.id))


def is_enabled(session: Session, owner: str) -> bool:
    """Whether the assistant may remember ``owner``."""
    row = session.get(MemorySwitchRow, owner)
    return row is None or row.enabled


def source_of(session: Session, owner: str, message_id: str) -> MessageRow:
    """The question: the message itself, or the one before if it is an answer.

    Raises:
        NotFoundError: there is no such message of ``owner``.
    """
    row = own_message(session, owner, message_id)
    if row.role == "assistant" and row.parent_id:
        return own_message(session, owner, row.parent_id)
    return row


def may_learn(session: Session, owner: str, message: MessageRow | None) -> bool:
    """Whether the memory is on, for the owner and in the conversation of the message."""
    if not is_enabled(session, owner):
        return False
    talk = session.get(ConversationRow, message.conversation_id) if message else None
    return talk is None or talk.memory


def take(session: Session, message: MessageRow) -> bool:
    """Mark a message as learned from; False if it was before."""
    try:
        with session.begin_nested():
            session.add(LearnedMessageRow(message_id=message.id))
    except IntegrityError:
        return False
    return True


def keep(session: Session, owner: str, claims: Sequence[Claim], message: MessageRow | None) -> Kept:
    """Write claims: a new fact ends the one of the same key, one said again is as new."""
    kept = Kept()
    held = {row.key: row for row in memories(session, owner)}
    for claim in claims:
        key = key_of(claim.kind, claim.value)
        before = held.get(key)
        if claim.ended:
            _end(before, claim, kept)
        elif before is not None and _same(before, claim):
            _renew(before, claim)
        elif len(held) >= MOST and before is None:
            kept.full = True
        else:
            held[key] = _write(session, owner, claim, message)
            kept.facts.append(held[key])
            if before is not None:
                supersede(before, held[key].id)
                kept.ended.append(before)
    session.flush()
    return kept


def supersede(row: MemoryRow, by: str | None) -> None:
    """End a fact, because of another if ``by`` names one."""
    row.ended_at, row.superseded_by = now(), by


def _end(before: MemoryRow | None, claim: Claim, kept: Kept) -> None:
    if before is not None and _plain(claim.value) in _plain(before.value):
        supersede(before, None)
        kept.ended.append(before)


def _same(row: MemoryRow, claim: Claim) -> bool:
    told_alike = not claim.explicit or (row.explicit and row.text == claim.text)
    return row.kind == claim.kind and _plain(row.value) == _plain(claim.value) and told_alike


def _renew(row: MemoryRow, claim: Claim) -> None:
    row.used_at = now()
    row.explicit = row.explicit or claim.explicit


def _write(session: Session, owner: str, claim: Claim, message: MessageRow | None) -> MemoryRow:
    row = MemoryRow(
        id=new_id(),
        owner=owner,
        key=key_of(claim.kind, claim.value),
        kind=claim.kind,
        text=claim.text or text_of(claim.kind, claim.value, claim.language),
        value=claim.value,
        language=claim.language,
        explicit=claim.explicit,
        message_id=message.id if message else None,
        conversation_id=message.conversation_id if message else None,
        uses=0,
        created_at=now(),
    )
    session.add(row)
    session.flush()
    return row


def drop(session: Session, rows: Iterable[MemoryRow]) -> None:
    """Delete facts with all that was made of them."""
    session.execute(delete(MemoryRow).where(MemoryRow.id.in_([row.id for row in rows])))


def _plain(text: str) -> str:
    return " ".join(search_terms(text))
