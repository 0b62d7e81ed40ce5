"""The tables of the database, for SQLite and PostgreSQL alike.

Full-text search lives beside them, made by the migrations in each database's own way.
"""

from zaohua.store.tables.base import Base, UtcDateTime, now
from zaohua.store.tables.chat import (
    AnswerPieceRow,
    ConversationRow,
    MessageRow,
    SearchEntryRow,
    StoredResponseRow,
)
from zaohua.store.tables.graph import (
    GraphEntityRow,
    GraphNameRow,
    GraphReadingRow,
    GraphRelationRow,
    GraphSourceRow,
)
from zaohua.store.tables.keys import ApiKeyRow, KeyUsageRow
from zaohua.store.tables.library import CollectionRow, DocumentRow, FileRow, PassageRow, VectorRow
from zaohua.store.tables.memory import LearnedMessageRow, MemoryRow, MemorySwitchRow
from zaohua.store.tables.work import TeamMessageRow, TeamRunRow, TicketRow

__all__ = [
    "AnswerPieceRow",
    "ApiKeyRow",
    "Base",
    "CollectionRow",
    "ConversationRow",
    "DocumentRow",
    "FileRow",
    "GraphEntityRow",
    "GraphNameRow",
    "GraphReadingRow",
    "GraphRelationRow",
    "GraphSourceRow",
    "KeyUsageRow",
    "LearnedMessageRow",
    "MemoryRow",
    "MemorySwitchRow",
    "MessageRow",
    "PassageRow",
    "SearchEntryRow",
    "StoredResponseRow",
    "TeamMessageRow",
    "TeamRunRow",
    "TicketRow",
    "UtcDateTime",
    "VectorRow",
    "now",
]
