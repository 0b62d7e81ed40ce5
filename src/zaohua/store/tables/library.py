"""Collections of documents, their passages and vectors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from zaohua.store.tables.base import Base, now


class CollectionRow(Base):
    """A collection of documents.

    ``roots`` are the paths that were added; ``revision`` counts its changes, so that a process that
    holds its vectors in memory knows when they are old. ``owner`` made it (nobody: it was made on
    the command line); only they and administrators read one that is not ``shared``.
    """

    __tablename__ = "knowledge_collections"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    roots: Mapped[list[Any]] = mapped_column(default=list)
    revision: Mapped[int] = mapped_column(Integer, default=0)
    owner: Mapped[str | None] = mapped_column(String(64), default=None)
    shared: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class FileRow(Base):
    """A file of a collection, as it was when it was read.

    ``reading`` is the version of how files were read and cut, 0 for one that is still to be read;
    ``problems`` holds the first of its ``faults``: what in it could not be read, and why.
    """

    __tablename__ = "knowledge_files"
    __table_args__ = (UniqueConstraint("collection_id", "path", name="uq_knowledge_files_path"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    collection_id: Mapped[int] = mapped_column(
        ForeignKey("knowledge_collections.id", ondelete="CASCADE")
    )
    path: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64), default="")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    reading: Mapped[int] = mapped_column(Integer, default=0)
    faults: Mapped[int] = mapped_column(Integer, default=0)
    problems: Mapped[list[Any]] = mapped_column(default=list)
    added_at: Mapped[datetime] = mapped_column(default=now)


class DocumentRow(Base):
    """One document: a file, or a member of an archive (``source`` is ``path!member``).

    Its text, ``length`` characters, is that of its passages joined in their order.
    """

    __tablename__ = "knowledge_documents"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    file_id: Mapped[int] = mapped_column(
        ForeignKey("knowledge_files.id", ondelete="CASCADE"), index=True
    )
    source: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(8), default="")
    pages: Mapped[int] = mapped_column(Integer, default=0)
    length: Mapped[int] = mapped_column(Integer, default=0)


class PassageRow(Base):
    """Part of a document: characters ``start`` to ``end`` of its text, and where they stand.

    ``lead`` is the head of the table that the passage goes on with; ``digest`` is that of what is
    embedded, so that equal passages share the work. Ids are never given again.
    """

    __tablename__ = "knowledge_passages"
    __table_args__ = (
        Index("ix_knowledge_passages_document", "document_id", "start"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    document_id: Mapped[int] = mapped_column(
        ForeignKey("knowledge_documents.id", ondelete="CASCADE")
    )
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)
    page: Mapped[int | None] = mapped_column(Integer, default=None)
    row: Mapped[int | None] = mapped_column(Integer, default=None)
    headings: Mapped[list[Any]] = mapped_column(default=list)
    lead: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(32), index=True)


class VectorRow(Base):
    """The vector of a passage in float16, little endian, and the model that made it."""

    __tablename__ = "knowledge_vectors"

    passage_id: Mapped[int] = mapped_column(
        ForeignKey("knowledge_passages.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    model: Mapped[str] = mapped_column(String(64))
    vector: Mapped[bytes] = mapped_column(LargeBinary)
