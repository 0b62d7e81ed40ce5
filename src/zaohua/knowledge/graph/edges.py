"""The relations at some entities, few of each, so that hubs cost no more than others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

_COLUMNS = (
    "id, subject_id, relation, object_id, passage_id, source_id, collection_id, "
    '"start", "end", valid_from, valid_to, confidence'
)
_AT_ONCE = 100  # entities of one statement: SQLite joins 500 parts at most


@dataclass(frozen=True, slots=True)
class Relation:
    """A row of relations."""

    id: int
    subject: int
    relation: str
    object: int
    passage: int | None
    source: int | None
    collection: int
    start: int
    end: int
    valid_from: str
    valid_to: str
    confidence: float


def relations_at(
    session: Session,
    entities: Sequence[int],
    collections: Sequence[int],
    *,
    most: int,
    asked: Sequence[str] = (),
) -> Iterator[Relation]:
    """Relations that begin or end at one of ``entities``, each once.

    Args:
        session: to read with.
        entities: ids.
        collections: ids; nothing of others is given.
        most: relations of each entity in each direction.
        asked: relations that are taken first, ``most`` of them besides.
    """
    if not collections:
        return
    # The plus keeps SQLite from the index of collections, which has most rows under one number.
    among = f"+collection_id IN ({', '.join(str(int(one)) for one in collections)})"
    names = {f"r{place}": name for place, name in enumerate(asked)}
    listed = ", ".join(f":{name}" for name in names)
    seen: set[int] = set()
    for start in range(0, len(entities), _AT_ONCE):
        parts = []
        for entity in entities[start : start + _AT_ONCE]:
            for side in ("subject_id", "object_id"):
                at = f"{side} = {int(entity)} AND {among}"
                parts.append(_part(at, most))
                if names:
                    parts.append(_part(f"{at} AND relation IN ({listed})", most))
        for row in session.execute(text(" UNION ALL ".join(parts)), names):
            if row.id not in seen:
                seen.add(row.id)
                yield _relation(row)


def _part(condition: str, most: int) -> str:
    # Only whole numbers are written into the statement.
    inner = f"SELECT {_COLUMNS} FROM graph_relations WHERE {condition} LIMIT {int(most)}"  # noqa: S608
    return f"SELECT * FROM ({inner}) AS part"  # noqa: S608


def _relation(row: Any) -> Relation:
    return Relation(*row)
