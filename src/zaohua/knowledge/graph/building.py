"""The graph of the passages of a collection, made without a model; only what is new is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import Session

from zaohua.knowledge.graph.extraction.gazetteer import Gazetteer, Known, gazetteer
from zaohua.knowledge.graph.extraction.passages import VERSION, Text, extract, heading_name
from zaohua.knowledge.graph.values import Built
from zaohua.knowledge.graph.writing import Place, write
from zaohua.knowledge.keeping import collection_named
from zaohua.progress import Progress
from zaohua.store.database import Database
from zaohua.store.tables import (
    CollectionRow,
    DocumentRow,
    FileRow,
    GraphNameRow,
    GraphReadingRow,
    GraphRelationRow,
    PassageRow,
)

WINDOW = 200
"""Passages of one transaction: what a stop can lose."""
RULES = "rules"


@dataclass(frozen=True, slots=True)
class Pending:
    """A passage that is to be read."""

    id: int
    text: Text


def build_by_rules(database: Database, names: Sequence[str], progress: Progress) -> Built:
    """Read the passages of the collections that were not read yet; all collections if no names.

    Raises:
        NotFoundError: there is no such collection.
    """
    built = Built()
    for collection in collections_named(database, names):
        known = _gazetteer(database, collection)
        way = f"{RULES} {VERSION} {known.digest}"
        _drop_old(database, collection, way)
        made = _build(database, collection, way, known, progress)
        built = Built(
            built.passages + made.passages,
            built.entities + made.entities,
            built.relations + made.relations,
        )
    return built


def collections_named(database: Database, names: Sequence[str]) -> list[int]:
    """Ids of the collections, of all if ``names`` is empty.

    Raises:
        NotFoundError: there is no such collection.
    """
    with database.reading() as session:
        if names:
            return [collection_named(session, name).id for name in names]
        return list(session.scalars(select(CollectionRow.id).order_by(CollectionRow.id)))


def unread(collection: int, way: str) -> list[ColumnElement[bool]]:
    """Conditions for the passages of a collection that were not read in ``way``."""
    done = select(GraphReadingRow.passage_id).where(
        GraphReadingRow.passage_id == PassageRow.id, GraphReadingRow.way == way
    )
    return [FileRow.collection_id == collection, ~done.exists()]


def count_unread(database: Database, collection: int, way: str) -> int:
    """How many passages there are to read."""
    with database.reading() as session:
        counted = select(func.count(PassageRow.id)).join(DocumentRow).join(FileRow)
        return int(session.scalar(counted.where(*unread(collection, way))) or 0)


def window(database: Database, collection: int, way: str, after: int, size: int) -> list[Pending]:
    """The next passages to read, in the order of their ids."""
    with database.reading() as session:
        rows = session.execute(
            select(PassageRow, DocumentRow.title)
            .join(DocumentRow, DocumentRow.id == PassageRow.document_id)
            .join(FileRow, FileRow.id == DocumentRow.file_id)
            .where(*unread(collection, way), PassageRow.id > after)
            .order_by(PassageRow.id)
            .limit(size)
        )
        return [Pending(row.id, _text(row, title)) for row, title in rows]


def still_there(session: Session, ids: Sequence[int]) -> set[int]:
    """Those of the passages that were not removed meanwhile."""
    return set(session.scalars(select(PassageRow.id).where(PassageRow.id.in_(ids))))


def _text(row: PassageRow, title: str) -> Text:
    is_row = row.row is not None
    return Text(row.text, "" if is_row else title, tuple(row.headings), row.lead, is_row)


def _build(
    database: Database, collection: int, way: str, known: Gazetteer, progress: Progress
) -> Built:
    total = count_unread(database, collection, way)
    if not total:
        return Built()
    progress.start("reading relations", total, "passages")
    passages = entities = relations = last = 0
    try:
        while some := window(database, collection, way, last, WINDOW):
            last = some[-1].id
            extracts = [(Place(one.id), extract(one.text, known)) for one in some]
            with database.session() as session:
                there = still_there(session, [one.id for one in some])
                kept = [(place, found) for place, found in extracts if place.passage in there]
                written = write(session, collection, kept)
                _mark(session, way, [place.passage for place, _ in kept if place.passage])
            passages += len(kept)
            entities += written.entities
            relations += written.relations
            progress.advance(len(some))
    finally:
        progress.finish()
    return Built(passages, entities, relations)


def _mark(session: Session, way: str, passages: Sequence[int]) -> None:
    rows = [{"passage_id": number, "way": way, "pending": False} for number in passages]
    if rows:
        session.execute(insert(GraphReadingRow), rows)


def _gazetteer(database: Database, collection: int) -> Gazetteer:
    """The names that were imported into a collection, and the titles of its documents."""
    with database.reading() as session:
        rows = session.execute(
            select(GraphNameRow.name, func.max(GraphNameRow.kind))
            .where(GraphNameRow.collection_id == collection, GraphNameRow.source_id.is_not(None))
            .where(~GraphNameRow.key.startswith("= "))
            .group_by(GraphNameRow.name)
        )
        imported = [Known(name, kind) for name, kind in rows]
        titles = session.scalars(
            select(DocumentRow.title).join(FileRow).where(FileRow.collection_id == collection)
        )
        plain = {heading_name(title) for title in titles}
        return gazetteer([*(Known(title) for title in plain if title), *imported])


def _drop_old(database: Database, collection: int, way: str) -> None:
    """What was read in an older way, or with other known names, is read anew."""
    old = [GraphReadingRow.way.startswith(f"{RULES} "), GraphReadingRow.way != way]
    of_it = select(PassageRow.id).join(DocumentRow).join(FileRow)
    with database.session() as session:
        stale = select(GraphReadingRow.passage_id).where(
            *old, GraphReadingRow.passage_id.in_(of_it.where(FileRow.collection_id == collection))
        )
        numbers = list(session.scalars(stale))
        for start in range(0, len(numbers), WINDOW):
            some = numbers[start : start + WINDOW]
            for table in (GraphRelationRow, GraphNameRow):
                by_rules = ~table.way.startswith("model")
                session.execute(delete(table).where(table.passage_id.in_(some), by_rules))
            session.execute(
                delete(GraphReadingRow).where(GraphReadingRow.passage_id.in_(some), *old)
            )
