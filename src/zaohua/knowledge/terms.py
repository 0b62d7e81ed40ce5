"""Passages found by their words: written in the transaction that writes the passages.

Terms are those of the chat search: words, and single characters where no spaces are written. A
question asks for words and for each two neighbouring characters; the rarer what a passage has of
them, the higher it ranks (BM25 on SQLite; on PostgreSQL the inverse document frequencies of what
it has, added up).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.orm import Session

from zaohua.store.tables import PassageRow
from zaohua.text.search_terms import is_unspaced, search_terms

_TERMS = table("knowledge_terms")
_MOST_PHRASES = 40
_MOST_PLACES = 255  # PostgreSQL keeps no more of a term in one entry
_EMPTY_CHARACTERS = frozenset(
    "的了吗呢吧啊么是在有和与及或这那哪谁什怎为请问我你他她它们之其以于就都也很把被"
)
_EMPTY_WORDS = frozenset(
    """a an the of to in on at by for from with and or is are was were be been do does did has have
    had it its this that these those there what which who whom whose when where why how much many
    i you he she we they me my your his her our their can could will would should may please
    """.split()  # noqa: SIM905 - a list of words is read as such
)

Phrase = tuple[str, ...]


def asked_phrases(query: str, most: int | None = _MOST_PHRASES) -> list[Phrase]:
    """What a question asks for: words, and pairs of characters; without empty words.

    If nothing else is left, the empty ones. ``most`` of them, None for all.
    """
    terms = search_terms(query)
    found: dict[Phrase, bool] = {}
    for place, term in enumerate(terms):
        if not is_unspaced(term):
            found[(term,)] = term not in _EMPTY_WORDS
            continue
        after = terms[place + 1] if place + 1 < len(terms) else ""
        before = terms[place - 1] if place else ""
        if after and is_unspaced(after):
            found[term, after] = not {term, after} & _EMPTY_CHARACTERS
        elif not (before and is_unspaced(before)):
            found[(term,)] = term not in _EMPTY_CHARACTERS
    telling = [phrase for phrase, tells in found.items() if tells]
    return (telling or list(found))[:most]


def is_empty(term: str) -> bool:
    """Whether a term says nothing by itself: 的, the."""
    return term in _EMPTY_CHARACTERS or term in _EMPTY_WORDS


def index_passages(session: Session, texts: Sequence[tuple[int, str]]) -> None:
    """Make passages, given as (id, text), found by their words."""
    if not texts:
        return
    postgresql = _is_postgresql(session)
    value = "CAST(:terms AS tsvector)" if postgresql else ":terms"
    entry = _vector if postgresql else " ".join
    session.execute(
        text(f"INSERT INTO knowledge_terms (rowid, terms) VALUES (:id, {value})"),  # noqa: S608
        [{"id": number, "terms": entry(search_terms(content))} for number, content in texts],
    )


def ranked(
    session: Session, phrases: Sequence[Phrase], among: Sequence[int] | None, depth: int
) -> dict[int, float]:
    """Passages that have most of ``phrases`` with their scores, the best first.

    Args:
        session: to read with.
        phrases: of `asked_phrases`.
        among: ids of the documents to search, None for all.
        depth: how many at most.
    """
    if not phrases:
        return {}
    if _is_postgresql(session):
        return _ranked_postgresql(session, phrases, among, depth)
    rowid: ColumnElement[int] = literal_column("knowledge_terms.rowid")
    asked = " OR ".join(f'"{" ".join(phrase)}"' for phrase in phrases)
    found: Any = (
        select(rowid, literal_column("rank"))
        .select_from(_TERMS)
        .where(literal_column("knowledge_terms").op("MATCH")(asked))
        .order_by(literal_column("rank"))
        .limit(depth)
    )
    if among is not None:
        found = found.where(rowid.in_(_passages(among)))
    # FTS5 gives BM25 with its sign turned, so that the best come first in ascending order.
    return {number: -rank for number, rank in session.execute(found)}


def _passages(documents: Sequence[int]) -> Select[Any]:
    """Ids of the passages of ``documents``, however many these are: one parameter holds them."""
    given = select(func.json_each(json.dumps(list(documents))).table_valued("value").c.value)
    return select(PassageRow.id).where(PassageRow.document_id.in_(given))


_POSTGRESQL = """
WITH hits AS MATERIALIZED (
    SELECT asked.place, found.rowid
    FROM unnest(CAST(:asked AS text[])) WITH ORDINALITY AS asked (phrase, place)
    JOIN knowledge_terms AS found ON found.terms @@ CAST(asked.phrase AS tsquery)
), holders AS (
    SELECT place, count(*) AS number FROM hits GROUP BY place
), weights AS (
    SELECT place, ln(1 + (every.number - holders.number + 0.5) / (holders.number + 0.5)) AS weight
    FROM holders, (SELECT count(*) AS number FROM knowledge_terms) AS every
)
SELECT hits.rowid, CAST(sum(weights.weight) AS double precision) AS score
FROM hits JOIN weights ON weights.place = hits.place
WHERE :everywhere OR hits.rowid IN (
    SELECT id FROM knowledge_passages WHERE document_id = ANY(CAST(:documents AS integer[]))
)
GROUP BY hits.rowid ORDER BY score DESC, hits.rowid LIMIT :depth
"""


def _ranked_postgresql(
    session: Session, phrases: Sequence[Phrase], among: Sequence[int] | None, depth: int
) -> dict[int, float]:
    asked = [" <-> ".join(f"'{term}'" for term in phrase) for phrase in phrases]
    given = {
        "asked": asked,
        "everywhere": among is None,
        "documents": list(among or ()),
        "depth": depth,
    }
    found = session.execute(text(_POSTGRESQL), given)
    return {row.rowid: row.score for row in found}


def _vector(terms: list[str]) -> str:
    places: dict[str, list[str]] = {}
    for position, term in enumerate(terms, start=1):
        places.setdefault(term, []).append(str(position))
    return " ".join(f"'{term}':{','.join(at[:_MOST_PLACES])}" for term, at in places.items())


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
