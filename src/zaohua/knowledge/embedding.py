"""The vectors of passages that have none yet, some at a time, each batch kept at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from zaohua.generate.engine import Embedder
from zaohua.knowledge.keeping import changed
from zaohua.knowledge.reading import Cut
from zaohua.knowledge.vectors import stored
from zaohua.progress import Progress
from zaohua.store.database import Database
from zaohua.store.tables import DocumentRow, FileRow, PassageRow, VectorRow

WINDOW = 512
"""Passages sorted by length at once, so that batches hold equal ones and little padding."""
BATCH = 64
"""Passages that one transaction keeps: what a stop can lose."""

Pause = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Pending:
    id: int
    collection: int
    text: str


async def at_once() -> None:
    """The pause of one who need not wait."""


async def embed_pending(
    database: Database,
    embedder: Embedder,
    progress: Progress,
    *,
    batch: int = BATCH,
    before: Pause = at_once,
) -> int:
    """Give every passage its vector; how many got one.

    May be cancelled at any time, and by several at once: what is done stays done. ``before`` is
    awaited before each ``batch``, to let others go first.
    """
    total = await asyncio.to_thread(_count, database, embedder.model)
    if not total:
        return 0
    progress.start("embedding", total, "passages")
    done = last = 0
    try:
        while window := await asyncio.to_thread(_window, database, embedder.model, last):
            last = max(one.id for one in window)
            window.sort(key=lambda one: len(one.text))
            for start in range(0, len(window), batch):
                await before()
                part = window[start : start + batch]
                vectors = await embedder.embed([one.text for one in part])
                await asyncio.to_thread(_keep, database, embedder.model, part, vectors)
                done += len(part)
                progress.advance(len(part))
    finally:
        progress.finish()
    return done


def _without_vector(model: str) -> ColumnElement[bool]:
    has = select(VectorRow.passage_id).where(
        VectorRow.passage_id == PassageRow.id, VectorRow.model == model
    )
    return ~has.exists()


def _count(database: Database, model: str) -> int:
    with database.reading() as session:
        counted = select(func.count()).select_from(PassageRow).where(_without_vector(model))
        return int(session.scalar(counted) or 0)


def _window(database: Database, model: str, after: int) -> list[_Pending]:
    with database.reading() as session:
        rows = session.execute(
            select(PassageRow, DocumentRow.title, FileRow.collection_id)
            .join(DocumentRow, DocumentRow.id == PassageRow.document_id)
            .join(FileRow, FileRow.id == DocumentRow.file_id)
            .where(and_(PassageRow.id > after, _without_vector(model)))
            .order_by(PassageRow.id)
            .limit(WINDOW)
        )
        return [
            _Pending(row.id, collection, _cut(row).embedded_text(title))
            for row, title, collection in rows
        ]


def _cut(row: PassageRow) -> Cut:
    return Cut(row.start, row.text, tuple(row.headings), row.lead, row.page, row.row)


def _keep(
    database: Database, model: str, batch: Sequence[_Pending], vectors: Sequence[Sequence[float]]
) -> None:
    with database.session() as session:
        ids = [one.id for one in batch]
        there = set(session.scalars(select(PassageRow.id).where(PassageRow.id.in_(ids))))
        rows = [
            {"passage_id": one.id, "model": model, "vector": stored(vector)}
            for one, vector in zip(batch, vectors, strict=True)
            if one.id in there
        ]
        if rows:
            _write(session, rows)
        for collection in {one.collection for one in batch}:
            changed(session, collection)


def _write(session: Session, rows: list[dict[str, object]]) -> None:
    """A vector of another model is replaced."""
    for dialect in (sqlite, postgresql):
        if session.get_bind().dialect.name == dialect.dialect.name:
            insert = dialect.insert(VectorRow)
            new = {"model": insert.excluded.model, "vector": insert.excluded.vector}
            session.execute(
                insert.on_conflict_do_update(index_elements=["passage_id"], set_=new), rows
            )
