"""The vectors of facts that have none yet."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy import or_, select, update

from zaohua.generate.engine import Embedder
from zaohua.knowledge.vectors import stored
from zaohua.store.database import Database
from zaohua.store.tables import MemoryRow

_AT_ONCE = 64


async def embed_missing(database: Database, embedder: Embedder, owner: str) -> int:
    """Give every fact of ``owner`` that holds its vector; how many got one.

    Facts are embedded as questions are: both are a line, and a passage is not.
    """
    pending = await asyncio.to_thread(_without_vector, database, embedder.model, owner)
    for start in range(0, len(pending), _AT_ONCE):
        batch = pending[start : start + _AT_ONCE]
        vectors = await embedder.embed([text for _, text in batch], query=True)
        await asyncio.to_thread(_keep, database, embedder.model, batch, vectors)
    return len(pending)


def _without_vector(database: Database, model: str, owner: str) -> list[tuple[str, str]]:
    old = or_(MemoryRow.vector.is_(None), MemoryRow.vector_model != model)
    asked = select(MemoryRow.id, MemoryRow.text).where(
        MemoryRow.owner == owner, MemoryRow.ended_at.is_(None), old
    )
    with database.reading() as session:
        return [(number, text) for number, text in session.execute(asked)]


def _keep(
    database: Database,
    model: str,
    batch: Sequence[tuple[str, str]],
    vectors: Sequence[Sequence[float]],
) -> None:
    with database.session() as session:
        for (number, text), vector in zip(batch, vectors, strict=True):
            same = (MemoryRow.id == number, MemoryRow.text == text)
            made = {"vector": stored(vector), "vector_model": model}
            session.execute(update(MemoryRow).where(*same).values(made))
