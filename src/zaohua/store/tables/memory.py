"""What the assistant remembers of a person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from zaohua.store.tables.base import Base, now


class MemoryRow(Base):
    """What the assistant remembers of an owner: one fact, and the message it was said in.

    ``key`` is what it is about: a new fact of the same key ends the old one (``ended_at``), which
    stays as history. ``explicit`` ones were asked for and do not fade. ``vector`` is in float16,
    little endian, made by ``vector_model``.
    """

    __tablename__ = "memories"
    __table_args__ = (Index("ix_memories_key", "owner", "key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8), default="")
    explicit: Mapped[bool] = mapped_column(default=False)
    message_id: Mapped[str | None] = mapped_column(
        ForeignKey("messages.id", ondelete="SET NULL"), index=True, default=None
    )
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversations.id", ondelete="SET NULL"), index=True, default=None
    )
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    uses: Mapped[int] = mapped_column(Integer, default=0)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    superseded_by: Mapped[str | None] = mapped_column(
        ForeignKey("memories.id", ondelete="SET NULL"), index=True, default=None
    )
    vector: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    vector_model: Mapped[str] = mapped_column(String(64), default="")


class MemorySwitchRow(Base):
    """Whether the assistant may remember an owner; without a row it may."""

    __tablename__ = "memory_switches"

    owner: Mapped[str] = mapped_column(String(64), primary_key=True)
    enabled: Mapped[bool] = mapped_column()


class LearnedMessageRow(Base):
    """A message that was learned from: it never is again, whatever became of the facts."""

    __tablename__ = "memory_messages"

    message_id: Mapped[str] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True
    )
