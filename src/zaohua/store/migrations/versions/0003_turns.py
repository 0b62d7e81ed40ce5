"""What an answer stands on: collections, citations, claims; and its trace."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OF_MESSAGES = ("citations", "claims", "trace")


def upgrade() -> None:
    op.add_column(
        "conversations",
        sa.Column("collections", sa.JSON, nullable=False, server_default=sa.text("'[]'")),
    )
    for name in _OF_MESSAGES:
        op.add_column("messages", sa.Column(name, sa.JSON))


def downgrade() -> None:
    for name in _OF_MESSAGES:
        op.drop_column("messages", name)
    op.drop_column("conversations", "collections")
