"""Runs of teams and their messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _runs()
    _messages()


def downgrade() -> None:
    op.drop_table("team_messages")
    op.drop_table("team_runs")


def _runs() -> None:
    op.create_table(
        "team_runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("team", sa.String(64), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("waiting_for", sa.String(64), nullable=False),
        sa.Column("waiting_place", sa.String(64), nullable=False),
        *(sa.Column(name, sa.JSON, nullable=False) for name in ("persons", "limits", "spent")),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in _TIMES),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_team_runs_owner", "team_runs", ["owner", "id"])


_TIMES = ("created_at", "updated_at")


def _messages() -> None:
    op.create_table(
        "team_messages",
        sa.Column(
            "run_id",
            sa.Integer,
            sa.ForeignKey("team_runs.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("role", sa.String(64), nullable=False),
        sa.Column("by", sa.String(8), nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("entry", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("value", sa.JSON),
        sa.Column("passes", sa.Boolean),
        *(sa.Column(name, sa.JSON, nullable=False) for name in ("findings", "tools", "asked")),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("prompt_tokens", sa.Integer, nullable=False),
        sa.Column("completion_tokens", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
