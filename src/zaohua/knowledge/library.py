"""The library: collections of documents, added, kept up to date, searched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from itertools import islice
from pathlib import Path

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from zaohua.errors import NotFoundError
from zaohua.generate.engine import Embedder
from zaohua.knowledge.adding import add_paths, sync_collection
from zaohua.knowledge.embedding import BATCH, Pause, at_once, embed_pending
from zaohua.knowledge.fusion import fuse
from zaohua.knowledge.grounding.nearness import near_enough
from zaohua.knowledge.keeping import WAITING, changed, collection_named, drop_files
from zaohua.knowledge.terms import asked_phrases, ranked
from zaohua.knowledge.values import (
    MAIN,
    Added,
    Collection,
    Document,
    File,
    Filters,
    Found,
    Limits,
    Passage,
    Problem,
)
from zaohua.knowledge.vectors import Near, VectorIndex
from zaohua.progress import Progress, Silent
from zaohua.store.database import Database
from zaohua.store.tables import CollectionRow, DocumentRow, FileRow, PassageRow, VectorRow

DEPTH = 100
"""So many of each ranking are fused."""
EVERYWHERE = Filters()


class Knowledge:
    """Collections in a database.

    What is not ``async`` blocks: call it from worker threads.

    Args:
        database: migrated.
        embedder: makes the vectors; those of another one are made anew by `embed`.
    """

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder
        self._vectors = VectorIndex(embedder.model, embedder.dimensions)
        self._listener: Callable[[], None] = _nobody

    def listen(self, listener: Callable[[], None] | None) -> None:
        """Have ``listener`` called, in any thread, when passages have come without vectors."""
        self._listener = listener or _nobody

    def add(
        self,
        paths: Sequence[str | Path],
        collection: str = MAIN,
        *,
        limits: Limits | None = None,
        progress: Progress | None = None,
    ) -> Added:
        """Add files, folders (in depth), globs; what is known and unchanged is not read again.

        What was read is found by its words at once, by its meaning after `embed`.

        Raises:
            NotFoundError: a path does not exist or a glob matches nothing.
            UsageError: the collection's name cannot be one.
        """
        limits, progress = limits or Limits(), progress or Silent()
        added = add_paths(self._database, paths, collection, limits, progress)
        if added.passages:
            self._listener()
        return added

    def sync(
        self,
        collection: str = MAIN,
        *,
        limits: Limits | None = None,
        progress: Progress | None = None,
    ) -> Added:
        """Bring a collection up to date with the files and folders that were added to it.

        Raises:
            NotFoundError: there is no such collection.
        """
        limits, progress = limits or Limits(), progress or Silent()
        return sync_collection(self._database, collection, limits, progress)

    async def embed(
        self, progress: Progress | None = None, *, batch: int = BATCH, before: Pause = at_once
    ) -> int:
        """Make the vectors that are missing, of all collections; how many were made.

        It may be cancelled: what is done stays done. ``before`` is awaited before each ``batch`` of
        passages.
        """
        return await embed_pending(
            self._database, self._embedder, progress or Silent(), batch=batch, before=before
        )

    async def search(
        self, query: str, *, limit: int = 5, filters: Filters = EVERYWHERE
    ) -> list[Found]:
        """The passages that answer ``query`` best, by words and by meaning.

        Raises:
            NotFoundError: a collection named in ``filters`` does not exist.
            RequestRefused: the query is too long to embed.
        """
        (vector,) = await self._embedder.embed([query], query=True)
        return await asyncio.to_thread(
            self.search_with, query, vector, limit=limit, filters=filters
        )

    async def may_answer(self, question: str, sources: Sequence[str]) -> bool:
        """Whether a sentence of ``sources`` is as near to ``question`` as answers are."""
        return await near_enough(question, sources, self._embedder)

    def search_with(
        self,
        query: str,
        vector: Sequence[float] | None,
        *,
        limit: int = 5,
        filters: Filters = EVERYWHERE,
    ) -> list[Found]:
        """As `search`, with the query's vector made before; without one by words alone.

        Raises:
            NotFoundError: a collection named in ``filters`` does not exist.
        """
        with self._database.reading() as session:
            among = _documents(session, filters)
            words = ranked(session, asked_phrases(query), among, DEPTH)
            near = Near({}, {}, 0)
            if vector is not None:
                near = self._vectors.scan(session, vector, among, nearest=DEPTH, also=words)
            best = list(islice(fuse(words, near.ranks, near.total).items(), limit))
            passages = _passages(session, [number for number, _ in best])
            word_ranks = {number: rank for rank, number in enumerate(words, start=1)}
            return [
                Found(
                    passages[number],
                    score,
                    word_ranks.get(number),
                    near.ranks.get(number),
                    near.similarities.get(number),
                )
                for number, score in best
            ]

    def collections(self) -> list[Collection]:
        """All collections by name."""
        with self._database.reading() as session:
            rows = session.scalars(select(CollectionRow).order_by(CollectionRow.name))
            return [self._collection(session, row) for row in rows]

    def collection(self, name: str = MAIN) -> Collection:
        """One collection.

        Raises:
            NotFoundError: there is no such collection.
        """
        with self._database.reading() as session:
            return self._collection(session, collection_named(session, name))

    def _collection(self, session: Session, row: CollectionRow) -> Collection:
        of_it = FileRow.collection_id == row.id
        embedded = VectorRow.model == self._embedder.model
        documents = select(func.count(DocumentRow.id)).join(FileRow).where(of_it)
        passages = select(func.count(PassageRow.id)).join(DocumentRow).join(FileRow).where(of_it)
        vectors = select(func.count(VectorRow.passage_id)).join(PassageRow).join(DocumentRow)
        empty = ~select(DocumentRow.id).where(DocumentRow.file_id == FileRow.id).exists()
        waiting = FileRow.reading == WAITING
        files = select(func.count(FileRow.id)).where(of_it)
        return Collection(
            name=row.name,
            roots=tuple(row.roots),
            files=_number(session, files),
            documents=_number(session, documents),
            passages=_number(session, passages),
            embedded=_number(session, vectors.join(FileRow).where(of_it, embedded)),
            unreadable=_number(session, files.where(empty, ~waiting)),
            waiting=_number(session, files.where(waiting)),
            owner=row.owner,
            shared=row.shared,
            created_at=row.created_at,
        )

    def files(self, collection: str = MAIN) -> list[File]:
        """The files of a collection by path, with their documents and what could not be read.

        Raises:
            NotFoundError: there is no such collection.
        """
        with self._database.reading() as session:
            number = collection_named(session, collection).id
            rows = session.scalars(
                select(FileRow).where(FileRow.collection_id == number).order_by(FileRow.path)
            )
            found = {row.id: _file(row) for row in rows}
            documents = select(FileRow.id, DocumentRow, func.count(PassageRow.id))
            documents = documents.join(DocumentRow, DocumentRow.file_id == FileRow.id)
            documents = documents.join(PassageRow, PassageRow.document_id == DocumentRow.id)
            documents = documents.where(FileRow.collection_id == number)
            for file, row, passages in session.execute(
                documents.group_by(FileRow.id, DocumentRow.id).order_by(DocumentRow.id)
            ):
                before = found[file]
                made = _document(row, passages)
                found[file] = replace(before, documents=(*before.documents, made))
            return list(found.values())

    def text(self, document: int) -> str:
        """The whole text of a document, in which passages have their places.

        Raises:
            NotFoundError: there is no such document (any more).
        """
        with self._database.reading() as session:
            parts = session.scalars(
                select(PassageRow.text)
                .where(PassageRow.document_id == document)
                .order_by(PassageRow.start)
            ).all()
        if not parts:
            raise NotFoundError("no such document", where=str(document))
        return "".join(parts)

    def document(self, number: int) -> Document:
        """A document in figures.

        Raises:
            NotFoundError: there is no such document (any more).
        """
        with self._database.reading() as session:
            row = session.get(DocumentRow, number)
            if row is None:
                raise NotFoundError("no such document", where=str(number))
            of_it = PassageRow.document_id == number
            return _document(row, _number(session, select(func.count(PassageRow.id)).where(of_it)))

    def passages(self, document: int, start: int = 0, end: int | None = None) -> list[Passage]:
        """The passages of a document in their order; those that touch ``start`` to ``end``.

        Raises:
            NotFoundError: there is no such document (any more), or nothing there.
        """
        ids = select(PassageRow.id).where(PassageRow.document_id == document)
        if start:
            ids = ids.where(PassageRow.end > start)
        if end is not None:
            ids = ids.where(PassageRow.start < end)
        with self._database.reading() as session:
            found = sorted(_passages(session, list(session.scalars(ids))).values(), key=_start)
        if not found:
            raise NotFoundError("no such document", where=str(document))
        return found

    def passages_of(self, ids: Sequence[int]) -> dict[int, Passage]:
        """Those passages that are (still) there, by id."""
        with self._database.reading() as session:
            return _passages(session, ids)

    def remove(self, collection: str, path: str | Path | None = None) -> int:
        """Take out a collection, or a file or folder of it; how many files that were.

        Raises:
            NotFoundError: there is no such collection, or nothing of that path in it.
        """
        with self._database.session() as session:
            row = collection_named(session, collection)
            known = session.scalars(select(FileRow.path).where(FileRow.collection_id == row.id))
            if path is None:
                paths = list(known)
                session.execute(delete(CollectionRow).where(CollectionRow.id == row.id))
                return len(paths)
            whole = Path(path).expanduser().absolute()
            paths = [one for one in known if Path(one).is_relative_to(whole)]
            roots = [root for root in row.roots if not Path(root).is_relative_to(whole)]
            if not paths and roots == row.roots:
                raise NotFoundError(
                    "nothing of that path is in the collection",
                    where=str(whole),
                    mend=f"'zaohua knowledge show {collection}' lists its files",
                )
            row.roots = roots
            changed(session, row.id)
            return drop_files(session, row.id, paths)


def _nobody() -> None:
    """Nobody wants to know."""


def _number(session: Session, counted: Select[int]) -> int:
    return int(session.scalar(counted) or 0)


def _documents(session: Session, filters: Filters) -> list[int] | None:
    """Ids of the documents that pass; None if all do."""
    if filters == EVERYWHERE:
        return None
    wanted = select(DocumentRow.id, FileRow.path).join(FileRow, FileRow.id == DocumentRow.file_id)
    if filters.collections:
        numbers = [collection_named(session, name).id for name in filters.collections]
        wanted = wanted.where(FileRow.collection_id.in_(numbers))
    if filters.languages:
        wanted = wanted.where(DocumentRow.language.in_(filters.languages))
    if filters.documents:
        wanted = wanted.where(DocumentRow.id.in_(filters.documents))
    return [
        number
        for number, path in session.execute(wanted)
        if not filters.files or any(_matches(path, pattern) for pattern in filters.files)
    ]


def _matches(path: str, pattern: str) -> bool:
    return fnmatch(path, pattern) or fnmatch(Path(path).name, pattern)


def _passages(session: Session, ids: Sequence[int]) -> dict[int, Passage]:
    rows = session.execute(
        select(PassageRow, DocumentRow, CollectionRow.name)
        .join(DocumentRow, DocumentRow.id == PassageRow.document_id)
        .join(FileRow, FileRow.id == DocumentRow.file_id)
        .join(CollectionRow, CollectionRow.id == FileRow.collection_id)
        .where(PassageRow.id.in_(ids))
    )
    return {row.id: _passage(row, document, name) for row, document, name in rows}


def _passage(row: PassageRow, document: DocumentRow, collection: str) -> Passage:
    return Passage(
        id=row.id,
        document=document.id,
        collection=collection,
        source=document.source,
        title=document.title,
        headings=tuple(row.headings),
        page=row.page,
        row=row.row,
        start=row.start,
        end=row.end,
        text=row.text,
        language=document.language,
    )


def _start(passage: Passage) -> int:
    return passage.start


def _file(row: FileRow) -> File:
    problems = tuple(Problem(**problem) for problem in row.problems)
    waiting = row.reading == WAITING
    return File(row.path, row.size, row.added_at, (), row.faults, problems, waiting)


def _document(row: DocumentRow, passages: int) -> Document:
    return Document(row.id, row.source, row.title, row.language, row.pages, row.length, passages)
