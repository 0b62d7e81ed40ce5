"""What a message changes in the memory: facts kept, ended, forgotten."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from zaohua.assistant.memory.accepting import accepted
from zaohua.assistant.memory.forgetting import meant
from zaohua.assistant.memory.keeping import (
    drop,
    keep,
    may_learn,
    memories,
    source_of,
    take,
    values,
)
from zaohua.assistant.memory.orders import forget_order, is_everything
from zaohua.assistant.memory.values import Claim, Learned
from zaohua.store.database import Database
from zaohua.store.tables import MessageRow


def learn_from(
    database: Database,
    owner: str,
    question: str,
    message_id: str | None,
    claims: Sequence[Claim],
) -> Learned | None:
    """Keep ``claims``, or forget if the message says so; None if nothing may be learned from it."""
    with database.session() as session:
        source = source_of(session, owner, message_id) if message_id else None
        if not may_learn(session, owner, source):
            return None
        if source is not None and not take(session, source):
            return None
        told = forget_order(question)
        if told is None:
            return _kept(session, owner, claims, source)
        learned = forget_told(session, owner, told)
    if learned.forgotten:
        database.scrub()
    return learned


def learn_more(
    database: Database, owner: str, message_id: str | None, claims: Sequence[Claim]
) -> Learned:
    """Keep more of a message that was learned from, if the memory is still on."""
    with database.session() as session:
        source = source_of(session, owner, message_id) if message_id else None
        if not claims or not may_learn(session, owner, source):
            return Learned()
        return _kept(session, owner, claims, source)


def forget_told(session: Session, owner: str, told: str) -> Learned:
    """Delete what ``told`` means; if that is everything, only say what would go."""
    rows = memories(session, owner, ended=True)
    if is_everything(told):
        return Learned(would_forget=values(rows))
    gone = meant(told, rows)
    learned = Learned(forgotten=values(gone))
    drop(session, gone)
    return learned


def _kept(
    session: Session, owner: str, claims: Sequence[Claim], source: MessageRow | None
) -> Learned:
    taken, refused = accepted(claims)
    kept = keep(session, owner, taken, source)
    full = ("the memory is full",) if kept.full else ()
    return Learned(values(kept.facts), values(kept.ended), refused=(*refused, *full))
