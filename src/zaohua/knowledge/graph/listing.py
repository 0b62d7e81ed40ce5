"""Which things a graph knows, for one who does not know their names yet."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from zaohua.knowledge.graph.names import key_of
from zaohua.store.tables import GraphEntityRow, GraphNameRow, GraphRelationRow


def most_related(session: Session, collections: Sequence[int], limit: int) -> list[int]:
    """The things that most relations begin or end at; numbers, days and clauses are no things."""
    among = GraphRelationRow.collection_id.in_(collections)
    ends = (
        select(GraphRelationRow.subject_id.label("entity"))
        .where(among)
        .union_all(select(GraphRelationRow.object_id).where(among))
        .subquery()
    )
    ranked = (
        select(ends.c.entity)
        .join(GraphEntityRow, GraphEntityRow.id == ends.c.entity)
        .where(~GraphEntityRow.value)
        .group_by(ends.c.entity)
        .order_by(func.count().desc(), ends.c.entity)
        .limit(limit)
    )
    return list(session.scalars(ranked))


def named_like(session: Session, part: str, collections: Sequence[int], limit: int) -> list[int]:
    """The things with ``part`` in a name: those called so first, then by how they begin, then the
    short ones.
    """
    key = key_of(part)
    inside = GraphNameRow.key.contains(key, autoescape=True)
    written = GraphNameRow.name.icontains(part.strip(), autoescape=True)
    begins = GraphNameRow.key.startswith(key, autoescape=True)
    rank = case((GraphNameRow.key == key, 0), (begins, 1), else_=2)
    found = (
        select(GraphNameRow.entity_id)
        .join(GraphEntityRow, GraphEntityRow.id == GraphNameRow.entity_id)
        .where(GraphNameRow.collection_id.in_(collections), ~GraphEntityRow.value)
        .where(or_(inside, written) if key else written)
        .group_by(GraphNameRow.entity_id)
        .order_by(func.min(rank), func.min(func.length(GraphNameRow.key)), GraphNameRow.entity_id)
        .limit(limit)
    )
    return list(session.scalars(found))
