"""What models read in the passages of a file, carried over when the file is read anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from zaohua.store.tables import DocumentRow, FileRow, GraphReadingRow, PassageRow

Readings = Mapping[str, Mapping[str, dict[str, Any]]]
"""What was found, by the digest of the passage and the way of reading."""


def kept_readings(session: Session, collection: int, path: str) -> Readings:
    """What models found in the passages of a file, before these are dropped."""
    rows = session.execute(
        select(PassageRow.digest, GraphReadingRow.way, GraphReadingRow.found)
        .join(PassageRow, PassageRow.id == GraphReadingRow.passage_id)
        .join(DocumentRow, DocumentRow.id == PassageRow.document_id)
        .join(FileRow, FileRow.id == DocumentRow.file_id)
        .where(FileRow.collection_id == collection, FileRow.path == path)
        .where(GraphReadingRow.found.is_not(None))
    )
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for digest, way, answer in rows:
        found.setdefault(digest, {})[way] = answer
    return found


def take_over_readings(session: Session, file: int, readings: Readings) -> None:
    """Give them to the equal passages of the new file, to be written when the graph is built."""
    if not readings:
        return
    passages = session.execute(
        select(PassageRow.id, PassageRow.digest)
        .join(DocumentRow)
        .where(DocumentRow.file_id == file)
    )
    rows = [
        {"passage_id": number, "way": way, "found": found, "pending": True}
        for number, digest in passages
        for way, found in readings.get(digest, {}).items()
    ]
    if rows:
        session.execute(insert(GraphReadingRow), rows)
