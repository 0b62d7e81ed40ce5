"""Whose a collection is: who may read it, who may change it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from zaohua.errors import NotFoundError, UsageError
from zaohua.knowledge.keeping import collection_named, no_collection, valid_name
from zaohua.store.database import Database
from zaohua.store.tables import CollectionRow, DocumentRow, FileRow

KEPT = "zaohua"
"""Owner of collections that follow files of zaohua itself: nobody else changes them."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who wants to read or change: ``everything`` is for administrators and a machine of one."""

    owner: str
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Shelf:
    """A collection without its figures.

    Attributes:
        id: never given to another collection.
        name: by which it is asked for.
        roots: the paths that were added.
        owner: who made it; None: it was made on the command line.
        shared: whether others than the owner may read it.
    """

    id: int
    name: str
    roots: tuple[str, ...]
    owner: str | None
    shared: bool

    def may_read(self, reader: Reader) -> bool:
        """Whether its passages are for ``reader``."""
        return self.shared or self.may_change(reader)

    def may_change(self, reader: Reader) -> bool:
        """Whether ``reader`` may add, remove and share."""
        return self.owner != KEPT and (reader.everything or self.owner == reader.owner)


class Shelves:
    """The collections of a database as their owners see them. All methods block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def readable(self, reader: Reader) -> list[Shelf]:
        """All that ``reader`` may read, by name."""
        with self._database.reading() as session:
            rows = session.scalars(select(CollectionRow).order_by(CollectionRow.name))
            return [shelf for shelf in map(_shelf, rows) if shelf.may_read(reader)]

    def named(self, name: str, reader: Reader) -> Shelf:
        """One that ``reader`` may read.

        Raises:
            NotFoundError: there is none, or it is not for them.
        """
        readable = {shelf.name: shelf for shelf in self.readable(reader)}
        if name not in readable:
            raise no_collection(name, readable)
        return readable[name]

    def holding(self, document: int, reader: Reader) -> Shelf:
        """The one with a document that ``reader`` may read.

        Raises:
            NotFoundError: there is no such document, or it is not for them.
        """
        with self._database.reading() as session:
            row = session.scalar(
                select(CollectionRow)
                .join(FileRow, FileRow.collection_id == CollectionRow.id)
                .join(DocumentRow, DocumentRow.file_id == FileRow.id)
                .where(DocumentRow.id == document)
            )
            shelf = _shelf(row) if row else None
        if shelf is None or not shelf.may_read(reader):
            raise NotFoundError("no such document", where=str(document))
        return shelf

    def make(self, name: str, owner: str, *, shared: bool) -> Shelf:
        """A new collection.

        Raises:
            UsageError: the name cannot be one, or is taken.
        """
        row = CollectionRow(name=valid_name(name), roots=[], owner=owner, shared=shared)
        try:
            with self._database.session() as session:
                session.add(row)
                session.flush()
                return _shelf(row)
        except IntegrityError:
            mend = "choose another name"
            raise UsageError("that name is taken", where=name, mend=mend) from None

    def share(self, name: str, *, shared: bool) -> None:
        """Let others read it, or nobody but its owner.

        Raises:
            NotFoundError: there is no such collection.
        """
        with self._database.session() as session:
            collection_named(session, name).shared = shared


def _shelf(row: CollectionRow) -> Shelf:
    return Shelf(row.id, row.name, tuple(row.roots), row.owner, row.shared)
