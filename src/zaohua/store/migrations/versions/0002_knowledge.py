"""Collections of documents: files, documents, passages, their terms and vectors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _files()
    _passages()
    _terms()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER knowledge_passages_gone")
    for table in ("terms", "vectors", "passages", "documents", "files", "collections"):
        op.drop_table(f"knowledge_{table}")


def _parent(table: str, name: str) -> sa.Column[object]:
    key = sa.ForeignKey(f"knowledge_{table}.id", ondelete="CASCADE")
    return sa.Column(name, sa.Integer, key, nullable=False)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _files() -> None:
    op.create_table(
        "knowledge_collections",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("roots", sa.JSON, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        _time("created_at"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "knowledge_files",
        sa.Column("id", sa.Integer, primary_key=True),
        _parent("collections", "collection_id"),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("reading", sa.Integer, nullable=False),
        sa.Column("faults", sa.Integer, nullable=False),
        sa.Column("problems", sa.JSON, nullable=False),
        _time("added_at"),
        sa.UniqueConstraint("collection_id", "path", name="uq_knowledge_files_path"),
    )


def _passages() -> None:
    op.create_table(
        "knowledge_documents",
        sa.Column("id", sa.Integer, primary_key=True),
        _parent("files", "file_id"),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_knowledge_documents_file_id", "knowledge_documents", ["file_id"])
    op.create_table(
        "knowledge_passages",
        sa.Column("id", sa.Integer, primary_key=True),
        _parent("documents", "document_id"),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("page", sa.Integer),
        sa.Column("row", sa.Integer),
        sa.Column("headings", sa.JSON, nullable=False),
        sa.Column("lead", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_knowledge_passages_document", "knowledge_passages", ["document_id", "start"]
    )
    op.create_index("ix_knowledge_passages_digest", "knowledge_passages", ["digest"])
    op.create_table(
        "knowledge_vectors",
        sa.Column(
            "passage_id",
            sa.Integer,
            sa.ForeignKey("knowledge_passages.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
    )


def _terms() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE knowledge_terms USING fts5(terms, tokenize = 'ascii')")
        op.execute(
            "CREATE TRIGGER knowledge_passages_gone AFTER DELETE ON knowledge_passages "
            "BEGIN DELETE FROM knowledge_terms WHERE rowid = old.id; END"
        )
    else:
        op.execute(
            "CREATE TABLE knowledge_terms (rowid integer PRIMARY KEY "
            "REFERENCES knowledge_passages (id) ON DELETE CASCADE, terms tsvector NOT NULL)"
        )
        op.execute("CREATE INDEX ix_knowledge_terms ON knowledge_terms USING gin (terms)")
