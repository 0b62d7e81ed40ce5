"""What an answer writes: its rows before it starts, its text as it grows, its end.

All functions are blocking and work inside a session of the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from zaohua.assistant.ids import new_id
from zaohua.assistant.records import (
    branch_rows,
    conversation_value,
    message_values,
    next_seq,
    own_conversation,
    own_message,
    unfolded,
)
from zaohua.assistant.running import Done, Ending, Piece
from zaohua.assistant.search import index_message, index_title
from zaohua.assistant.values import Conversation, Message
from zaohua.errors import UsageError
from zaohua.store.tables import AnswerPieceRow, ConversationRow, MessageRow, now

TITLE_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Opened:
    """Rows made for an answer that is about to start; ``branch`` ends in its user message."""

    conversation: Conversation
    user: Message
    assistant: Message
    branch: tuple[Message, ...]


def open_question(
    session: Session,
    owner: str,
    conversation_id: str,
    content: str,
    parent_id: str | None,
    *,
    default_model: str,
) -> Opened:
    """Write a user message under ``parent_id`` and the answer that will follow it.

    ``default_model`` answers if the conversation names none.

    Raises:
        NotFoundError: no such conversation.
        UsageError: ``parent_id`` is not a finished message of it.
    """
    conversation = own_conversation(session, owner, conversation_id, lock=True)
    if parent_id is not None:
        _check_parent(session, conversation.id, parent_id)
    user = MessageRow(
        id=new_id(),
        conversation_id=conversation.id,
        parent_id=parent_id,
        seq=next_seq(session, conversation.id),
        role="user",
        content=content,
        reasoning="",
        status="complete",
        created_at=now(),
    )
    session.add(user)
    session.flush()
    index_message(session, user)
    if not conversation.title:
        conversation.title = first_words(content)
        index_title(session, conversation)
    return _open_answer(session, conversation, user, default_model)


def open_regeneration(
    session: Session, owner: str, message_id: str, *, default_model: str
) -> Opened:
    """Write another answer to a user message, or beside an assistant message.

    Raises:
        NotFoundError: no such message.
        UsageError: an assistant message that answers nothing.
    """
    message = own_message(session, owner, message_id)
    conversation = own_conversation(session, owner, message.conversation_id, lock=True)
    if message.role == "assistant":
        parent = session.get(MessageRow, message.parent_id) if message.parent_id else None
        if parent is None or parent.role != "user":
            raise UsageError("this message answers no question", where="message_id")
        message = parent
    return _open_answer(session, conversation, message, default_model)


def append_pieces(session: Session, pieces: Sequence[tuple[str, Piece]]) -> None:
    """Keep new text of running answers: (message id, piece) pairs. Repeating it does no harm."""
    if not pieces:
        return
    postgresql = session.get_bind().dialect.name == "postgresql"
    insert = (postgresql_insert if postgresql else sqlite_insert)(AnswerPieceRow)
    new = insert.excluded
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["message_id", "position"],
            set_={"reasoning": new.reasoning, "content": new.content},
        ),
        [{"message_id": message_id, **asdict(piece)} for message_id, piece in pieces],
    )


def is_there(session: Session, message_id: str) -> bool:
    """Whether the message (still) exists."""
    return session.get(MessageRow, message_id) is not None


def close_answer(
    session: Session, message_id: str, text: tuple[str, str], ending: Ending
) -> Done | None:
    """Write the end of an answer with its whole text (reasoning, content); None if it is gone."""
    row = session.get(MessageRow, message_id)
    if row is None:
        return None
    row.reasoning, row.content = text
    for name in Ending.__dataclass_fields__:
        setattr(row, name, getattr(ending, name))
    session.execute(delete(AnswerPieceRow).where(AnswerPieceRow.message_id == message_id))
    conversation = session.get_one(ConversationRow, row.conversation_id)
    conversation.updated_at = now()
    session.flush()
    index_message(session, row)
    [message] = message_values(session, [row])
    return Done(message, conversation_value(session, conversation))


def recover_answers(session: Session, except_for: Iterable[str] = ()) -> int:
    """Mark answers that nobody writes any more as interrupted, their text kept; how many.

    ``except_for`` names answers that this process is writing.
    """
    rows = session.scalars(
        select(MessageRow).where(
            (MessageRow.status == "running")
            | MessageRow.id.in_(select(AnswerPieceRow.message_id).distinct())
        )
    ).all()
    orphans = [row for row in rows if row.id not in set(except_for)]
    more = unfolded(session, [row.id for row in orphans])
    for row in orphans:
        reasoning, content = more.get(row.id, ("", ""))
        row.reasoning += reasoning
        row.content += content
        row.status = "interrupted"
        row.error = row.error or "the server stopped before the answer was complete"
        session.execute(delete(AnswerPieceRow).where(AnswerPieceRow.message_id == row.id))
        session.flush()
        index_message(session, row)
    return len(orphans)


def first_words(content: str) -> str:
    """A title cut from a question."""
    line = " ".join(content.split())
    if len(line) <= TITLE_LENGTH:
        return line
    cut = line[:TITLE_LENGTH]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > TITLE_LENGTH // 2 else cut) + "…"


def _open_answer(
    session: Session, conversation: ConversationRow, user: MessageRow, default_model: str
) -> Opened:
    answer = MessageRow(
        id=new_id(),
        conversation_id=conversation.id,
        parent_id=user.id,
        seq=next_seq(session, conversation.id),
        role="assistant",
        content="",
        reasoning="",
        status="running",
        model=conversation.model or default_model,
        created_at=now(),
    )
    session.add(answer)
    conversation.leaf_id = answer.id
    conversation.updated_at = now()
    session.flush()
    branch = message_values(session, branch_rows(session, user.id))
    [written] = message_values(session, [answer])
    return Opened(conversation_value(session, conversation), branch[-1], written, tuple(branch))


def _check_parent(session: Session, conversation_id: str, parent_id: str) -> None:
    parent = session.get(MessageRow, parent_id)
    if parent is None or parent.conversation_id != conversation_id:
        raise UsageError("parent_id is not a message of this conversation", where="parent_id")
    if parent.status == "running":
        raise UsageError(
            "the answer above is still being written", where="parent_id", mend="stop it first"
        )
