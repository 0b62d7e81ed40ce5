"""The full-text index of titles and messages: written in the transaction that changes the text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    cast,
    delete,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import InstrumentedAttribute, Session

from zaohua.store.tables import ConversationRow, MessageRow, SearchEntryRow
from zaohua.text.search_terms import Phrase, index_parts

_TERMS = table("search_terms")
_SQLITE_PART = 8000
_POSTGRESQL_PART = 1000
"""Terms in one entry: PostgreSQL keeps at most 255 places of each term of an entry."""


def index_title(session: Session, conversation: ConversationRow) -> None:
    """Make ``conversation`` found by its title as it is now."""
    session.execute(
        delete(SearchEntryRow).where(
            SearchEntryRow.conversation_id == conversation.id, SearchEntryRow.message_id.is_(None)
        )
    )
    _write(session, [(conversation.id, None, conversation.title)])


def index_message(session: Session, message: MessageRow) -> None:
    """Make ``message`` found by its content as it is now."""
    session.execute(delete(SearchEntryRow).where(SearchEntryRow.message_id == message.id))
    index_new_messages(session, [message])


def index_new_messages(session: Session, messages: Iterable[MessageRow]) -> None:
    """Make messages found that never were indexed before."""
    _write(session, [(m.conversation_id, m.id, m.content) for m in messages])


def found_in(session: Session, phrases: Iterable[Phrase]) -> list[ColumnElement[bool]]:
    """Conditions on `ConversationRow`: every phrase stands in the title or in some message."""
    return [
        _is_among(session, ConversationRow.id, _conversations_with(session, phrase))
        for phrase in phrases
    ]


def best_hits(
    session: Session, phrases: Sequence[Phrase], conversation_ids: Sequence[str]
) -> dict[str, str]:
    """The message of each conversation that has most of the phrases, the newest of equals."""
    score: dict[str, dict[str, int]] = {}
    for phrase in phrases:
        hits = (
            select(SearchEntryRow.conversation_id, SearchEntryRow.message_id)
            .where(
                SearchEntryRow.conversation_id.in_(conversation_ids),
                SearchEntryRow.message_id.is_not(None),
                _is_among(session, SearchEntryRow.id, _entries_with(session, phrase)),
            )
            .distinct()
        )
        for conversation_id, message_id in session.execute(hits):
            of_conversation = score.setdefault(conversation_id, {})
            hit = str(message_id)
            of_conversation[hit] = of_conversation.get(hit, 0) + 1
    return {
        conversation_id: max(counts, key=lambda message_id: (counts[message_id], message_id))
        for conversation_id, counts in score.items()
    }


def _write(session: Session, texts: Iterable[tuple[str, str | None, str]]) -> None:
    """Index texts given as (conversation id, message id, text)."""
    postgresql = _is_postgresql(session)
    length = _POSTGRESQL_PART if postgresql else _SQLITE_PART
    entries = [
        (SearchEntryRow(conversation_id=conversation_id, message_id=message_id), part)
        for conversation_id, message_id, content in texts
        for part in index_parts(content, length)
    ]
    if not entries:
        return
    session.add_all(row for row, _ in entries)
    session.flush()
    value = "CAST(:terms AS tsvector)" if postgresql else ":terms"
    session.execute(
        text(f"INSERT INTO search_terms (rowid, terms) VALUES (:id, {value})"),  # noqa: S608
        [{"id": row.id, "terms": _vector(part) if postgresql else part} for row, part in entries],
    )


def _conversations_with(session: Session, phrase: Phrase) -> Select[str]:
    return select(SearchEntryRow.conversation_id).where(
        _is_among(session, SearchEntryRow.id, _entries_with(session, phrase))
    )


def _entries_with(session: Session, phrase: Phrase) -> Select[int]:
    if _is_postgresql(session):
        condition = literal_column("terms").op("@@")(cast(_tsquery(phrase), TSQUERY))
    else:
        condition = literal_column("search_terms").op("MATCH")(_fts5(phrase))
    rowid: ColumnElement[int] = literal_column("search_terms.rowid")
    return select(rowid).select_from(_TERMS).where(condition)


def _is_among(
    session: Session, column: InstrumentedAttribute[Any], found: Select[Any]
) -> ColumnElement[bool]:
    """``column`` is among what a query finds, the query being run once.

    PostgreSQL's planner, misled by old statistics, runs the query of an ``IN`` for every row; one
    inside ``ARRAY(...)`` it cannot.
    """
    if _is_postgresql(session):
        return column == func.any(func.array(found.scalar_subquery()))
    return column.in_(found)


def _vector(part: str) -> str:
    """``a b a`` as ``'a':1,3 'b':2``: PostgreSQL's own parser would follow the locale."""
    places: dict[str, list[str]] = {}
    for position, term in enumerate(part.split(" "), start=1):
        places.setdefault(term, []).append(str(position))
    return " ".join(f"'{term}':{','.join(where[:255])}" for term, where in places.items())


def _tsquery(phrase: Phrase) -> str:
    asked = " <-> ".join(f"'{term}'" for term in phrase.terms)
    return asked + (":*" if phrase.prefix else "")


def _fts5(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.terms)}"' + (" *" if phrase.prefix else "")


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
