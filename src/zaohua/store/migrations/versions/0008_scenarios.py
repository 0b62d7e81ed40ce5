"""The scenario of a conversation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("scenario", sa.String(64)))


def downgrade() -> None:
    op.drop_column("conversations", "scenario")
