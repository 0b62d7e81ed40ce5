"""Who made a collection of documents, and whether others may read it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("knowledge_collections", sa.Column("owner", sa.String(64), nullable=True))
    op.add_column(
        "knowledge_collections",
        sa.Column("shared", sa.Boolean, nullable=False, server_default=sa.true()),
    )


def downgrade() -> None:
    op.drop_column("knowledge_collections", "shared")
    op.drop_column("knowledge_collections", "owner")
