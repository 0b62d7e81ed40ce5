"""Reading and writing rows of conversations and messages, inside a session of the caller."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from zaohua.assistant.values import Conversation, Message
from zaohua.errors import NotFoundError
from zaohua.store.tables import AnswerPieceRow, ConversationRow, MessageRow


def own_conversation(
    session: Session, owner: str, conversation_id: str, *, lock: bool = False
) -> ConversationRow:
    """The row of a conversation of ``owner``; ``lock`` keeps other writers off it.

    Raises:
        NotFoundError: there is none, or it is another owner's.
    """
    asked = select(ConversationRow).where(
        ConversationRow.id == conversation_id, ConversationRow.owner == owner
    )
    row = session.scalar(asked.with_for_update() if lock else asked)
    if row is None:
        raise NotFoundError("there is no such conversation")
    return row


def own_message(session: Session, owner: str, message_id: str) -> MessageRow:
    """The row of a message in a conversation of ``owner``.

    Raises:
        NotFoundError: there is none, or it is another owner's.
    """
    row = session.scalar(
        select(MessageRow)
        .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
        .where(MessageRow.id == message_id, ConversationRow.owner == owner)
    )
    if row is None:
        raise NotFoundError("there is no such message")
    return row


def message_counts(session: Session, conversation_ids: Sequence[str]) -> dict[str, int]:
    """How many messages each conversation has; without those that have none."""
    rows = session.execute(
        select(MessageRow.conversation_id, func.count())
        .where(MessageRow.conversation_id.in_(conversation_ids))
        .group_by(MessageRow.conversation_id)
    )
    return {row[0]: row[1] for row in rows}


def conversation_value(session: Session, row: ConversationRow) -> Conversation:
    """A conversation as it is seen from outside."""
    return Conversation.of(row, message_counts(session, [row.id]).get(row.id, 0))


def message_values(session: Session, rows: Iterable[MessageRow]) -> list[Message]:
    """Messages as they are seen from outside, running answers with all committed text."""
    rows = list(rows)
    if not rows:
        return []
    more = unfolded(session, [row.id for row in rows if row.status == "running"])
    scored = with_tokens(session, {row.conversation_id for row in rows})
    return [
        Message.of(row, has_tokens=row.id in scored, more=more.get(row.id, ("", "")))
        for row in rows
    ]


def with_tokens(session: Session, conversation_ids: Iterable[str]) -> set[str]:
    """Messages of these conversations whose token probabilities are stored."""
    return set(
        session.scalars(
            select(MessageRow.id).where(
                MessageRow.conversation_id.in_(conversation_ids), MessageRow.tokens.is_not(None)
            )
        )
    )


def unfolded(session: Session, message_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Reasoning and content of answers that are not yet part of their message rows."""
    found: dict[str, list[AnswerPieceRow]] = defaultdict(list)
    for start in range(0, len(message_ids), 500):
        for piece in session.scalars(
            select(AnswerPieceRow)
            .where(AnswerPieceRow.message_id.in_(message_ids[start : start + 500]))
            .order_by(AnswerPieceRow.message_id, AnswerPieceRow.position)
        ):
            found[piece.message_id].append(piece)
    return {
        message_id: ("".join(p.reasoning for p in pieces), "".join(p.content for p in pieces))
        for message_id, pieces in found.items()
    }


def branch_rows(session: Session, message_id: str) -> list[MessageRow]:
    """The rows from the root of the tree to ``message_id``."""
    base = (
        select(MessageRow.id, MessageRow.parent_id)
        .where(MessageRow.id == message_id)
        .cte("branch", recursive=True)
    )
    parent = aliased(MessageRow)
    branch = base.union(select(parent.id, parent.parent_id).where(parent.id == base.c.parent_id))
    rows = session.scalars(
        select(MessageRow).where(MessageRow.id.in_(select(branch.c.id))).order_by(MessageRow.seq)
    )
    return list(rows)


def next_seq(session: Session, conversation_id: str) -> int:
    """The number of the next message of a conversation that the caller has locked."""
    last = session.scalar(
        select(func.max(MessageRow.seq)).where(MessageRow.conversation_id == conversation_id)
    )
    return (last or 0) + 1
