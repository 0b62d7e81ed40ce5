"""Conversations, their messages, what is searched in them, stored responses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zaohua.store.tables.base import Base, Document, now


class ConversationRow(Base):
    """A chat: its settings; its messages hang below it as a tree.

    ``titled_by`` is empty for a title cut from the first question, else ``model`` or ``user``.
    ``origin`` names an imported conversation in the place it came from, so that it comes once.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        Index("ix_conversations_list", "owner", "archived", "pinned", "updated_at", "id"),
        UniqueConstraint("owner", "origin", name="uq_conversations_origin"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(Text, default="")
    titled_by: Mapped[str] = mapped_column(String(8), default="")
    model: Mapped[str] = mapped_column(Text, default="")
    system: Mapped[str] = mapped_column(Text, default="")
    sampling: Mapped[dict[str, Any]] = mapped_column(default=dict)
    overflow: Mapped[str] = mapped_column(String(16), default="compact")
    collections: Mapped[list[Any]] = mapped_column(default=list)
    memory: Mapped[bool] = mapped_column(default=True)
    scenario: Mapped[str | None] = mapped_column(String(64), default=None)
    pinned: Mapped[bool] = mapped_column(default=False)
    archived: Mapped[bool] = mapped_column(default=False)
    leaf_id: Mapped[str | None] = mapped_column(String(32), default=None)
    origin: Mapped[str | None] = mapped_column(String(128), default=None)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class MessageRow(Base):
    """One message; `seq` orders the messages of a conversation by creation."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("conversation_id", "seq", name="uq_messages_seq"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    parent_id: Mapped[str | None] = mapped_column(String(32), default=None)
    seq: Mapped[int] = mapped_column(Integer)
    role: Mapped[str] = mapped_column(String(16))
    content: Mapped[str] = mapped_column(Text, default="")
    reasoning: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(16), default="complete", index=True)
    model: Mapped[str] = mapped_column(Text, default="")
    finish_reason: Mapped[str | None] = mapped_column(String(32), default=None)
    error: Mapped[str | None] = mapped_column(Text, default=None)
    usage: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    timings: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    cost: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    context_note: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    citations: Mapped[list[Any] | None] = mapped_column(Document, default=None)
    claims: Mapped[list[Any] | None] = mapped_column(Document, default=None)
    trace: Mapped[list[Any] | None] = mapped_column(Document, default=None)
    feedback: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    tokens: Mapped[list[Any] | None] = mapped_column(Document, default=None, deferred=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class AnswerPieceRow(Base):
    """Text of a running answer not yet folded into its message, in order of ``position``.

    Appending a small row costs the same however long the answer has grown.
    """

    __tablename__ = "answer_pieces"

    message_id: Mapped[str] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    reasoning: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[str] = mapped_column(Text, default="")


class SearchEntryRow(Base):
    """What a row of the full-text index stands for: part of a message, or (no message) a title."""

    __tablename__ = "search_entries"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    message_id: Mapped[str | None] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), index=True, default=None
    )


class StoredResponseRow(Base):
    """A response of ``/v1/responses`` kept because its request asked for it."""

    __tablename__ = "stored_responses"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    body: Mapped[dict[str, Any]] = mapped_column(default=dict)
    messages: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
