"""Tickets for people, runs of teams."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from zaohua.store.tables.base import Base, Document, now


class TicketRow(Base):
    """What a person is to take over; open until ``closed_at``. Numbers are never given again."""

    __tablename__ = "tickets"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    summary: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="")
    owner: Mapped[str] = mapped_column(String(64))
    conversation: Mapped[str] = mapped_column(String(32), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)


class TeamRunRow(Base):
    """One piece of work of a team; ``source`` is the team's file as it was when it began.

    Numbers are never given again.
    """

    __tablename__ = "team_runs"
    __table_args__ = (
        Index("ix_team_runs_owner", "owner", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    team: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    model: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="")
    waiting_for: Mapped[str] = mapped_column(String(64), default="")
    waiting_place: Mapped[str] = mapped_column(String(64), default="")
    persons: Mapped[list[Any]] = mapped_column(default=list)
    limits: Mapped[dict[str, Any]] = mapped_column(default=dict)
    spent: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class TeamMessageRow(Base):
    """What one turn of a run came to, in the order ``seq`` in which turns ended."""

    __tablename__ = "team_messages"

    run_id: Mapped[int] = mapped_column(
        ForeignKey("team_runs.id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    place: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(8))
    model: Mapped[str] = mapped_column(Text, default="")
    entry: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)
    value: Mapped[Any | None] = mapped_column(Document, default=None)
    passes: Mapped[bool | None] = mapped_column(default=None)
    findings: Mapped[list[Any]] = mapped_column(default=list)
    tools: Mapped[list[Any]] = mapped_column(default=list)
    asked: Mapped[list[Any]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")
    prompt_tokens: Mapped[int] = mapped_column(Integer, default=0)
    completion_tokens: Mapped[int] = mapped_column(Integer, default=0)
    seconds: Mapped[float] = mapped_column(Float, default=0.0)
    created_at: Mapped[datetime] = mapped_column(default=now)
