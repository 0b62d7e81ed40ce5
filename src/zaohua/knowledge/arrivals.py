"""Files that have come and are still to be read; noted in the database, so none is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Select, and_, func, select

from zaohua.knowledge.keeping import WAITING, Seen, collection_named, keep_file
from zaohua.knowledge.reading import ReadFile
from zaohua.knowledge.values import Problem
from zaohua.store.database import Database
from zaohua.store.tables import CollectionRow, FileRow


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file of a collection that waits."""

    collection: str
    path: str


class Arrivals:
    """The files that wait, oldest first. All methods block.

    Args:
        database: migrated.
        folder: only files below it are told of: others may lie on another machine.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        below = FileRow.path.startswith(f"{folder}/", autoescape=True)
        self._waits = and_(FileRow.reading == WAITING, below)

    def note(self, collection: str, path: Path, size: int) -> None:
        """``path`` has come, or has changed: what was read of it before stays until it is read.

        Raises:
            NotFoundError: there is no such collection.
        """
        with self._database.session() as session:
            number = collection_named(session, collection).id
            row = session.scalar(_file(number, str(path))) or FileRow(
                collection_id=number, path=str(path)
            )
            row.size, row.digest, row.reading = size, "", WAITING
            session.add(row)

    def count(self) -> int:
        """How many wait."""
        with self._database.reading() as session:
            return int(session.scalar(select(func.count(FileRow.id)).where(self._waits)) or 0)

    def next(self) -> Arrival | None:
        """Who has waited longest."""
        with self._database.reading() as session:
            found = session.execute(
                select(CollectionRow.name, FileRow.path)
                .join(FileRow, FileRow.collection_id == CollectionRow.id)
                .where(self._waits)
                .order_by(FileRow.id)
                .limit(1)
            ).first()
        return Arrival(*found) if found else None

    def give_up(self, arrival: Arrival, reason: str) -> None:
        """It cannot be read: say why, and wait no more."""
        with self._database.session() as session:
            row = session.scalar(
                select(CollectionRow).where(CollectionRow.name == arrival.collection)
            )
            if row is None or session.scalar(_file(row.id, arrival.path)) is None:
                return
            problem = Problem(arrival.path, reason)
            read = ReadFile((), 1, (problem,), again=True)
            keep_file(session, row.id, Seen(arrival.path, 0, ""), read)


def _file(collection: int, path: str) -> Select[FileRow]:
    return select(FileRow).where(FileRow.collection_id == collection, FileRow.path == path)
