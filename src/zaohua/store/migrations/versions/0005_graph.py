"""The knowledge graph: imported files, entities, names, relations, and what was read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# An entity goes with the last of its names.
_SQLITE = """
CREATE TRIGGER graph_names_gone AFTER DELETE ON graph_names
BEGIN
    DELETE FROM graph_entities WHERE id = old.entity_id
    AND NOT EXISTS (SELECT 1 FROM graph_names WHERE entity_id = old.entity_id);
END
"""
_POSTGRESQL = """
CREATE FUNCTION graph_names_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM graph_entities WHERE id = old.entity_id
    AND NOT EXISTS (SELECT 1 FROM graph_names WHERE entity_id = old.entity_id);
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    _sources()
    _entities()
    _relations()
    _readings()
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_SQLITE)
        return
    op.execute(_POSTGRESQL)
    op.execute(
        "CREATE TRIGGER graph_names_gone AFTER DELETE ON graph_names "
        "FOR EACH ROW EXECUTE FUNCTION graph_names_gone()"
    )


def downgrade() -> None:
    for table in ("readings", "relations", "names", "entities", "sources"):
        op.drop_table(f"graph_{table}")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION graph_names_gone()")


def _key(table: str, name: str, *, nullable: bool = False) -> sa.Column[object]:
    key = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    return sa.Column(name, sa.Integer, key, nullable=nullable)


def _provenance() -> list[sa.Column[object]]:
    return [
        _key("knowledge_collections", "collection_id"),
        _key("knowledge_passages", "passage_id", nullable=True),
        _key("graph_sources", "source_id", nullable=True),
        sa.Column("way", sa.String(80), nullable=False),
    ]


def _indexed(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def _sources() -> None:
    op.create_table(
        "graph_sources",
        sa.Column("id", sa.Integer, primary_key=True),
        _key("knowledge_collections", "collection_id"),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("collection_id", "path", name="uq_graph_sources_path"),
    )


def _entities() -> None:
    op.create_table(
        "graph_entities",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(200), nullable=False, unique=True),
        sa.Column("value", sa.Boolean, nullable=False),
    )
    op.create_table(
        "graph_names",
        sa.Column("id", sa.Integer, primary_key=True),
        _key("graph_entities", "entity_id"),
        *_provenance(),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("alias", sa.Boolean, nullable=False),
    )
    op.create_index("ix_graph_names_key", "graph_names", ["key", "collection_id"])
    _indexed("graph_names", "entity_id", "collection_id", "passage_id", "source_id")


def _relations() -> None:
    op.create_table(
        "graph_relations",
        sa.Column("id", sa.Integer, primary_key=True),
        _key("graph_entities", "subject_id"),
        sa.Column("relation", sa.String(120), nullable=False),
        _key("graph_entities", "object_id"),
        *_provenance(),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("valid_from", sa.String(10), nullable=False),
        sa.Column("valid_to", sa.String(10), nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
    )
    op.create_index("ix_graph_relations_subject", "graph_relations", ["subject_id", "relation"])
    op.create_index("ix_graph_relations_object", "graph_relations", ["object_id", "relation"])
    _indexed("graph_relations", "relation", "collection_id", "passage_id", "source_id")


def _readings() -> None:
    op.create_table(
        "graph_readings",
        sa.Column(
            "passage_id",
            sa.Integer,
            sa.ForeignKey("knowledge_passages.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("way", sa.String(80), primary_key=True),
        sa.Column("found", sa.JSON),
        sa.Column("pending", sa.Boolean, nullable=False),
    )
