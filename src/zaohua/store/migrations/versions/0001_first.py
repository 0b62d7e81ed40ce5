"""Conversations, messages, full-text search, API keys, stored responses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    _conversations()
    _messages()
    _search()
    _keys()
    _responses()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER search_entries_gone")
    for table in (
        "search_terms",
        "search_entries",
        "answer_pieces",
        "messages",
        "conversations",
        "key_usage",
        "api_keys",
        "stored_responses",
    ):
        op.drop_table(table)


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("titled_by", sa.String(8), nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("system", sa.Text, nullable=False),
        sa.Column("sampling", sa.JSON, nullable=False),
        sa.Column("overflow", sa.String(16), nullable=False),
        sa.Column("pinned", sa.Boolean, nullable=False),
        sa.Column("archived", sa.Boolean, nullable=False),
        sa.Column("leaf_id", sa.String(32)),
        sa.Column("origin", sa.String(128)),
        _time("created_at"),
        _time("updated_at"),
        sa.UniqueConstraint("owner", "origin", name="uq_conversations_origin"),
    )
    op.create_index(
        "ix_conversations_list",
        "conversations",
        ["owner", "archived", "pinned", "updated_at", "id"],
    )


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column(
            "conversation_id",
            sa.String(32),
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("parent_id", sa.String(32)),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("reasoning", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("finish_reason", sa.String(32)),
        sa.Column("error", sa.Text),
        sa.Column("usage", sa.JSON),
        sa.Column("timings", sa.JSON),
        sa.Column("cost", sa.JSON),
        sa.Column("context_note", sa.JSON),
        sa.Column("feedback", sa.JSON),
        sa.Column("tokens", sa.JSON),
        _time("created_at"),
        sa.UniqueConstraint("conversation_id", "seq", name="uq_messages_seq"),
    )
    op.create_index("ix_messages_status", "messages", ["status"])
    op.create_table(
        "answer_pieces",
        sa.Column(
            "message_id",
            sa.String(32),
            sa.ForeignKey("messages.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("reasoning", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )


def _search() -> None:
    op.create_table(
        "search_entries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "conversation_id",
            sa.String(32),
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("message_id", sa.String(32), sa.ForeignKey("messages.id", ondelete="CASCADE")),
    )
    op.create_index("ix_search_entries_conversation_id", "search_entries", ["conversation_id"])
    op.create_index("ix_search_entries_message_id", "search_entries", ["message_id"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE search_terms USING fts5(terms, tokenize = 'ascii')")
        op.execute(
            "CREATE TRIGGER search_entries_gone AFTER DELETE ON search_entries "
            "BEGIN DELETE FROM search_terms WHERE rowid = old.id; END"
        )
    else:
        op.execute(
            "CREATE TABLE search_terms (rowid integer PRIMARY KEY "
            "REFERENCES search_entries (id) ON DELETE CASCADE, terms tsvector NOT NULL)"
        )
        op.execute("CREATE INDEX ix_search_terms ON search_terms USING gin (terms)")


def _keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("hint", sa.String(16), nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("requests_per_minute", sa.Integer, nullable=False),
        sa.Column("tokens_per_minute", sa.Integer, nullable=False),
        sa.Column("tokens_per_day", sa.Integer, nullable=False),
        sa.Column("tokens_total", sa.Integer, nullable=False),
        _time("created_at"),
        _time("expires_at", nullable=True),
        _time("revoked_at", nullable=True),
        _time("last_used_at", nullable=True),
    )
    op.create_table(
        "key_usage",
        sa.Column(
            "key_id",
            sa.String(32),
            sa.ForeignKey("api_keys.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("prompt_tokens", sa.Integer, nullable=False),
        sa.Column("completion_tokens", sa.Integer, nullable=False),
        sa.Column("cost", sa.Float, nullable=False),
    )


def _responses() -> None:
    op.create_table(
        "stored_responses",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("messages", sa.JSON, nullable=False),
        _time("created_at"),
    )
    op.create_index("ix_stored_responses_owner", "stored_responses", ["owner"])
