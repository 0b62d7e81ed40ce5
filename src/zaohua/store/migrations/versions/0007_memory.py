"""What is remembered of owners: facts, switches, the messages that were learned from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    memory = sa.Column("memory", sa.Boolean, nullable=False, server_default=sa.true())
    op.add_column("conversations", memory)
    _memories()
    op.create_table(
        "memory_switches",
        sa.Column("owner", sa.String(64), primary_key=True),
        sa.Column("enabled", sa.Boolean, nullable=False),
    )
    op.create_table(
        "memory_messages",
        sa.Column(
            "message_id",
            sa.String(32),
            sa.ForeignKey("messages.id", ondelete="CASCADE"),
            primary_key=True,
        ),
    )


def downgrade() -> None:
    for table in ("memory_messages", "memory_switches", "memories"):
        op.drop_table(table)
    op.drop_column("conversations", "memory")


def _memories() -> None:
    op.create_table(
        "memories",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("explicit", sa.Boolean, nullable=False),
        _link("message_id", "messages"),
        _link("conversation_id", "conversations"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.Column("uses", sa.Integer, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        _link("superseded_by", "memories"),
        sa.Column("vector", sa.LargeBinary),
        sa.Column("vector_model", sa.String(64), nullable=False),
    )
    op.create_index("ix_memories_key", "memories", ["owner", "key"])
    for column in ("message_id", "conversation_id", "superseded_by"):
        op.create_index(f"ix_memories_{column}", "memories", [column])


def _link(name: str, table: str) -> sa.Column[object]:
    return sa.Column(name, sa.String(32), sa.ForeignKey(f"{table}.id", ondelete="SET NULL"))
