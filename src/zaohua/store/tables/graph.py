"""The graph of what belongs together, beside the passages it is from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zaohua.store.tables.base import Base, Document, now


class GraphSourceRow(Base):
    """A file of relations, or of names, that was imported into a collection."""

    __tablename__ = "graph_sources"
    __table_args__ = (UniqueConstraint("collection_id", "path", name="uq_graph_sources_path"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    collection_id: Mapped[int] = mapped_column(
        ForeignKey("knowledge_collections.id", ondelete="CASCADE")
    )
    path: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime] = mapped_column(default=now)


class GraphEntityRow(Base):
    """Something that is spoken of; it lives as long as one of its names.

    ``key`` is the first of them, normalised; a ``value`` (a number, a day, a clause) is not spoken
    of by itself.
    """

    __tablename__ = "graph_entities"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    value: Mapped[bool] = mapped_column(default=False)


class GraphNameRow(Base):
    """A name of an entity and where it stands: in a passage, or in an imported file."""

    __tablename__ = "graph_names"
    __table_args__ = (Index("ix_graph_names_key", "key", "collection_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    entity_id: Mapped[int] = mapped_column(
        ForeignKey("graph_entities.id", ondelete="CASCADE"), index=True
    )
    collection_id: Mapped[int] = mapped_column(
        ForeignKey("knowledge_collections.id", ondelete="CASCADE"), index=True
    )
    passage_id: Mapped[int | None] = mapped_column(
        ForeignKey("knowledge_passages.id", ondelete="CASCADE"), index=True, default=None
    )
    source_id: Mapped[int | None] = mapped_column(
        ForeignKey("graph_sources.id", ondelete="CASCADE"), index=True, default=None
    )
    key: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(64), default="")
    alias: Mapped[bool] = mapped_column(default=False)
    way: Mapped[str] = mapped_column(String(80), default="")


class GraphRelationRow(Base):
    """Subject, relation, object, and where that is said.

    ``start`` and ``end`` are the characters of the passage that say it; ``valid_from`` and
    ``valid_to`` are days in ISO form (or years, or months), empty if unknown.
    """

    __tablename__ = "graph_relations"
    __table_args__ = (
        Index("ix_graph_relations_subject", "subject_id", "relation"),
        Index("ix_graph_relations_object", "object_id", "relation"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    collection_id: Mapped[int] = mapped_column(
        ForeignKey("knowledge_collections.id", ondelete="CASCADE"), index=True
    )
    subject_id: Mapped[int] = mapped_column(ForeignKey("graph_entities.id", ondelete="CASCADE"))
    relation: Mapped[str] = mapped_column(String(120), index=True)
    object_id: Mapped[int] = mapped_column(ForeignKey("graph_entities.id", ondelete="CASCADE"))
    passage_id: Mapped[int | None] = mapped_column(
        ForeignKey("knowledge_passages.id", ondelete="CASCADE"), index=True, default=None
    )
    source_id: Mapped[int | None] = mapped_column(
        ForeignKey("graph_sources.id", ondelete="CASCADE"), index=True, default=None
    )
    start: Mapped[int] = mapped_column(Integer, default=0)
    end: Mapped[int] = mapped_column(Integer, default=0)
    valid_from: Mapped[str] = mapped_column(String(10), default="")
    valid_to: Mapped[str] = mapped_column(String(10), default="")
    confidence: Mapped[float] = mapped_column(Float, default=1.0)
    way: Mapped[str] = mapped_column(String(80), default="")


class GraphReadingRow(Base):
    """That a passage was read for the graph in one ``way``, and what a model found in it.

    What a model found goes over to an equal passage of a changed file, where it is ``pending``
    until the graph is built again.
    """

    __tablename__ = "graph_readings"

    passage_id: Mapped[int] = mapped_column(
        ForeignKey("knowledge_passages.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    way: Mapped[str] = mapped_column(String(80), primary_key=True)
    found: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    pending: Mapped[bool] = mapped_column(default=False)
