"""The tables of the database, for SQLite and PostgreSQL alike.

Full-text search lives beside them, made by the migrations in each database's own way.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time, always aware and in UTC, also in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC on the way in; a time without a zone is a mistake of the caller."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone")
        return value.astimezone(UTC) if value else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware on the way out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Document = JSON(none_as_null=True)
"""A JSON column whose ``None`` is SQL's NULL."""


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map = {datetime: UtcDateTime(), dict[str, Any]: Document, list[Any]: Document}  # noqa: RUF012


class ConversationRow(Base):
    """A chat: its settings; its messages hang below it as a tree.

    ``titled_by`` is empty for a title cut from the first question, else ``model`` or ``user``.
    ``origin`` names an imported conversation in the place it came from, so that it comes once.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        Index("ix_conversations_list", "owner", "archived", "pinned", "updated_at", "id"),
        UniqueConstraint("owner", "origin", name="uq_conversations_origin"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(Text, default="")
    titled_by: Mapped[str] = mapped_column(String(8), default="")
    model: Mapped[str] = mapped_column(Text, default="")
    system: Mapped[str] = mapped_column(Text, default="")
    sampling: Mapped[dict[str, Any]] = mapped_column(default=dict)
    overflow: Mapped[str] = mapped_column(String(16), default="compact")
    collections: Mapped[list[Any]] = mapped_column(default=list)
    memory: Mapped[bool] = mapped_column(default=True)
    scenario: Mapped[str | None] = mapped_column(String(64), default=None)
    pinned: Mapped[bool] = mapped_column(default=False)
    archived: Mapped[bool] = mapped_column(default=False)
    leaf_id: Mapped[str | None] = mapped_column(String(32), default=None)
    origin: Mapped[str | None] = mapped_column(String(128), default=None)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class MessageRow(Base):
    """One message; `seq` orders the messages of a conversation by creation."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("conversation_id", "seq", name="uq_messages_seq"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    parent_id: Mapped[str | None] = mapped_column(String(32), default=None)
    seq: Mapped[int] = mapped_column(Integer)
    role: Mapped[str] = mapped_column(String(16))
    content: Mapped[str] = mapped_column(Text, default="")
    reasoning: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(16), default="complete", index=True)
    model: Mapped[str] = mapped_column(Text, default="")
    finish_reason: Mapped[str | None] = mapped_column(String(32), default=None)
    error: Mapped[str | None] = mapped_column(Text, default=None)
    usage: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    timings: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    cost: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    context_note: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    citations: Mapped[list[Any] | None] = mapped_column(Document, default=None)
    claims: Mapped[list[Any] | None] = mapped_column(Document, default=None)
    trace: Mapped[list[Any] | None] = mapped_column(Document, default=None)
    feedback: Mapped[dict[str, Any] | None] = mapped_column(Document, default=None)
    tokens: Mapped[list[Any] | None] = mapped_column(Document, default=None, deferred=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class AnswerPieceRow(Base):
    """Text of a running answer not yet folded into its message, in order of ``position``.

    Appending a small row costs the same however long the answer has grown.
    """

    __tablename__ = "answer_pieces"

    message_id: Mapped[str] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    reasoning: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[str] = mapped_column(Text, default="")


class SearchEntryRow(Base):
    """What a row of the full-text index stands for: part of a message, or (no message) a title."""

    __tablename__ = "search_entries"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    message_id: Mapped[str | None] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), index=True, default=None
    )


class ApiKeyRow(Base):
    """An API key: only its hash is kept. Limits of 0 mean none."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(16))
    scopes: Mapped[list[Any]] = mapped_column(default=list)
    requests_per_minute: Mapped[int] = mapped_column(Integer, default=0)
    tokens_per_minute: Mapped[int] = mapped_column(Integer, default=0)
    tokens_per_day: Mapped[int] = mapped_column(Integer, default=0)
    tokens_total: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    last_used_at: Mapped[datetime | None] = mapped_column(default=None)


class KeyUsageRow(Base):
    """What a key used on one day (UTC, ``YYYY-MM-DD``)."""

    __tablename__ = "key_usage"

    key_id: Mapped[str] = mapped_column(
        ForeignKey("api_keys.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    requests: Mapped[int] = mapped_column(Integer, default=0)
    prompt_tokens: Mapped[int] = mapped_column(Integer, default=0)
    completion_tokens: Mapped[int] = mapped_column(Integer, default=0)
    cost: Mapped[float] = mapped_column(Float, default=0.0)


class StoredResponseRow(Base):
    """A response of ``/v1/responses`` kept because its request asked for it."""

    __tablename__ = "stored_responses"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    body: Mapped[dict[str, Any]] = mapped_column(default=dict)
    messages: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)


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


class TicketRow(Base):
    """What a person is to take over; open until ``closed_at``. Numbers are never given again."""

    __tablename__ = "tickets"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    summary: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="")
    owner: Mapped[str] = mapped_column(String(64))
    conversation: Mapped[str] = mapped_column(String(32), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)


class MemoryRow(Base):
    """What the assistant remembers of an owner: one fact, and the message it was said in.

    ``key`` is what it is about: a new fact of the same key ends the old one (``ended_at``), which
    stays as history. ``explicit`` ones were asked for and do not fade. ``vector`` is in float16,
    little endian, made by ``vector_model``.
    """

    __tablename__ = "memories"
    __table_args__ = (Index("ix_memories_key", "owner", "key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8), default="")
    explicit: Mapped[bool] = mapped_column(default=False)
    message_id: Mapped[str | None] = mapped_column(
        ForeignKey("messages.id", ondelete="SET NULL"), index=True, default=None
    )
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversations.id", ondelete="SET NULL"), index=True, default=None
    )
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    uses: Mapped[int] = mapped_column(Integer, default=0)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    superseded_by: Mapped[str | None] = mapped_column(
        ForeignKey("memories.id", ondelete="SET NULL"), index=True, default=None
    )
    vector: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    vector_model: Mapped[str] = mapped_column(String(64), default="")


class MemorySwitchRow(Base):
    """Whether the assistant may remember an owner; without a row it may."""

    __tablename__ = "memory_switches"

    owner: Mapped[str] = mapped_column(String(64), primary_key=True)
    enabled: Mapped[bool] = mapped_column()


class LearnedMessageRow(Base):
    """A message that was learned from: it never is again, whatever became of the facts."""

    __tablename__ = "memory_messages"

    message_id: Mapped[str] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True
    )


class TeamRunRow(Base):
    """One piece of work of a team; ``source`` is the team's file as it was when it began.

    Numbers are never given again.
    """

    __tablename__ = "team_runs"
    __table_args__ = (
        Index("ix_team_runs_owner", "owner", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    team: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    model: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="")
    waiting_for: Mapped[str] = mapped_column(String(64), default="")
    waiting_place: Mapped[str] = mapped_column(String(64), default="")
    persons: Mapped[list[Any]] = mapped_column(default=list)
    limits: Mapped[dict[str, Any]] = mapped_column(default=dict)
    spent: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class TeamMessageRow(Base):
    """What one turn of a run came to, in the order ``seq`` in which turns ended."""

    __tablename__ = "team_messages"

    run_id: Mapped[int] = mapped_column(
        ForeignKey("team_runs.id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    place: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(8))
    model: Mapped[str] = mapped_column(Text, default="")
    entry: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)
    value: Mapped[Any | None] = mapped_column(Document, default=None)
    passes: Mapped[bool | None] = mapped_column(default=None)
    findings: Mapped[list[Any]] = mapped_column(default=list)
    tools: Mapped[list[Any]] = mapped_column(default=list)
    asked: Mapped[list[Any]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")
    prompt_tokens: Mapped[int] = mapped_column(Integer, default=0)
    completion_tokens: Mapped[int] = mapped_column(Integer, default=0)
    seconds: Mapped[float] = mapped_column(Float, default=0.0)
    created_at: Mapped[datetime] = mapped_column(default=now)
