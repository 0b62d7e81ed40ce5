"""Conversations as their owner sees them: made, listed, searched, changed, deleted, judged."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select, tuple_
from sqlalchemy.orm import Session, undefer

from zaohua.assistant.ids import new_id
from zaohua.assistant.records import (
    conversation_value,
    message_counts,
    message_values,
    own_conversation,
    own_message,
)
from zaohua.assistant.search import best_hits, found_in, index_title
from zaohua.assistant.values import Conversation, Feedback, Message
from zaohua.errors import UsageError
from zaohua.store.database import Database
from zaohua.store.tables import ConversationRow, MessageRow
from zaohua.text.search_terms import Phrase, query_phrases, snippet

_SETTINGS = (
    "title",
    "model",
    "system",
    "sampling",
    "overflow",
    "collections",
    "memory",
    "scenario",
    "pinned",
    "archived",
    "leaf_id",
)


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a search found a conversation: its best message (None: by its title only)."""

    snippet: str
    message_id: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation of a list; ``hit`` only if it was searched for."""

    conversation: Conversation
    hit: Hit | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list; ``next_cursor`` continues it."""

    items: list[Listed]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Whole:
    """A conversation with all its messages in order of creation."""

    conversation: Conversation
    messages: list[Message]


class Conversations:
    """All that can be done with conversations except answering.

    Blocking; every call names the owner.

    Raises everywhere:
        NotFoundError: no such conversation or message of that owner.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, owner: str, settings: Mapping[str, Any] | None = None) -> Conversation:
        """A new conversation with any of its settings given."""
        row = ConversationRow(id=new_id(), owner=owner, title="", sampling={})
        with self._database.session() as session:
            session.add(row)
            session.flush()
            _change(session, row, settings or {})
            return Conversation.of(row, 0)

    def get(self, owner: str, conversation_id: str) -> Conversation:
        """One conversation."""
        with self._database.reading() as session:
            return conversation_value(session, own_conversation(session, owner, conversation_id))

    def whole(self, owner: str, conversation_id: str) -> Whole:
        """One conversation with its tree of messages."""
        with self._database.reading() as session:
            row = own_conversation(session, owner, conversation_id)
            rows = session.scalars(
                select(MessageRow)
                .where(MessageRow.conversation_id == row.id)
                .order_by(MessageRow.seq)
            ).all()
            return Whole(Conversation.of(row, len(rows)), message_values(session, rows))

    def list(
        self,
        owner: str,
        *,
        query: str = "",
        archived: bool = False,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page:
        """Pinned ones first, then the newest; with ``query`` those whose title or messages have it.

        A query without letters or digits finds nothing.

        Raises:
            UsageError: the cursor is not one of ours.
        """
        phrases = query_phrases(query)
        if query.strip() and not phrases:
            return Page([], None)
        with self._database.reading() as session:
            asked = _listing(owner, archived=archived, cursor=cursor)
            asked = asked.where(*found_in(session, phrases)).limit(limit + 1)
            rows = list(session.scalars(asked))
            items = _listed(session, rows[:limit], phrases)
        return Page(items, _cursor(rows[limit - 1]) if len(rows) > limit else None)

    def update(self, owner: str, conversation_id: str, settings: Mapping[str, Any]) -> Conversation:
        """Change any of the settings, ``pinned``, ``archived`` and ``leaf_id``.

        Raises:
            UsageError: ``leaf_id`` is not a message of the conversation.
        """
        with self._database.session() as session:
            row = own_conversation(session, owner, conversation_id, lock=True)
            _change(session, row, settings)
            session.flush()
            return conversation_value(session, row)

    def delete(self, owner: str, conversation_id: str) -> None:
        """Delete a conversation with all its messages."""
        with self._database.session() as session:
            row = own_conversation(session, owner, conversation_id, lock=True)
            session.execute(delete(ConversationRow).where(ConversationRow.id == row.id))

    def message(self, owner: str, message_id: str) -> Message:
        """One message."""
        with self._database.reading() as session:
            [message] = message_values(session, [own_message(session, owner, message_id)])
            return message

    def tokens(self, owner: str, message_id: str) -> Sequence[Any]:
        """The stored token probabilities of a message; empty if there are none."""
        with self._database.reading() as session:
            row = own_message(session, owner, message_id)
            return session.scalar(select(MessageRow.tokens).where(MessageRow.id == row.id)) or []

    def judge(self, owner: str, message_id: str, feedback: Feedback | None) -> Message:
        """Keep what the owner thinks of an answer; None takes it back.

        Raises:
            UsageError: the message is not an answer.
        """
        with self._database.session() as session:
            row = own_message(session, owner, message_id)
            if row.role != "assistant":
                raise UsageError("only answers can be judged", where="message_id")
            row.feedback = dict(feedback) if feedback else None
            session.flush()
            [message] = message_values(session, [row])
            return message

    def rows(
        self, owner: str, conversation_id: str
    ) -> tuple[ConversationRow, Sequence[MessageRow]]:
        """All that is stored of a conversation, for its export; running answers are left out."""
        with self._database.reading() as session:
            row = own_conversation(session, owner, conversation_id)
            messages = session.scalars(
                select(MessageRow)
                .options(undefer(MessageRow.tokens))
                .where(MessageRow.conversation_id == row.id, MessageRow.status != "running")
                .order_by(MessageRow.seq)
            ).all()
            return row, messages


def _change(session: Session, row: ConversationRow, settings: Mapping[str, Any]) -> None:
    for name in _SETTINGS:
        if name in settings:
            setattr(row, name, settings[name])
    if "title" in settings:
        row.titled_by = "user" if row.title else ""
        index_title(session, row)
    if settings.get("leaf_id") is not None:
        leaf = session.get(MessageRow, row.leaf_id)
        if leaf is None or leaf.conversation_id != row.id:
            raise UsageError("leaf_id is not a message of this conversation", where="leaf_id")


def _listing(owner: str, *, archived: bool, cursor: str | None) -> Select[ConversationRow]:
    order = (ConversationRow.pinned, ConversationRow.updated_at, ConversationRow.id)
    asked = select(ConversationRow).where(
        ConversationRow.owner == owner, ConversationRow.archived.is_(archived)
    )
    if cursor:
        asked = asked.where(tuple_(*order) < tuple_(*_place(cursor)))
    return asked.order_by(*(column.desc() for column in order))


def _listed(
    session: Session, rows: Sequence[ConversationRow], phrases: list[Phrase]
) -> list[Listed]:
    ids = [row.id for row in rows]
    counts = message_counts(session, ids)
    values = [Conversation.of(row, counts.get(row.id, 0)) for row in rows]
    if not phrases:
        return [Listed(value) for value in values]
    best = best_hits(session, phrases, ids)
    rows_of_hits = session.execute(
        select(MessageRow.id, MessageRow.content).where(MessageRow.id.in_(best.values()))
    )
    contents = {row.id: row.content for row in rows_of_hits}
    return [
        Listed(value, Hit(snippet(contents.get(found or "", value.title), phrases), found))
        for value in values
        for found in [best.get(value.id)]
    ]


def _cursor(row: ConversationRow) -> str:
    place = json.dumps([row.pinned, row.updated_at.isoformat(), row.id])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[bool, datetime, str]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        pinned, updated, name = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        moment = datetime.fromisoformat(updated)
        if moment.tzinfo is None or not isinstance(pinned, bool) or not isinstance(name, str):
            raise ValueError(cursor)
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise UsageError("the cursor is not one of ours", where="cursor") from None
    return pinned, moment, name.replace("\x00", "")
