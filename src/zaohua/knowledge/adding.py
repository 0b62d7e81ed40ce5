"""Folders and files into a collection: what is new, what has changed, what is gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import select

from zaohua.data.readers.paths import expand, files
from zaohua.data.records import Unreadable
from zaohua.knowledge.keeping import (
    WAITING,
    Seen,
    changed,
    collection_named,
    drop_files,
    keep_file,
    made_collection,
    valid_name,
)
from zaohua.knowledge.reading import READING, ReadFile, digest_of, read_file
from zaohua.knowledge.values import Added, Limits, Problem
from zaohua.progress import Progress
from zaohua.store.database import Database
from zaohua.store.tables import DocumentRow, FileRow


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database has of a file."""

    digest: str
    reading: int
    faults: int
    problems: tuple[Problem, ...]
    empty: bool

    @property
    def new(self) -> bool:
        """Whether nothing was ever read of it."""
        return self.empty and self.reading == WAITING


@dataclass(slots=True)
class _Round:
    """One round of adding, as it goes on."""

    database: Database
    collection: int
    limits: Limits
    known: dict[str, _Known]
    report: Added
    problems: list[Problem] = field(default_factory=list)


def add_paths(
    database: Database,
    paths: Sequence[str | Path],
    collection: str,
    limits: Limits,
    progress: Progress,
) -> Added:
    """Read what is new or changed below ``paths``; drop what is gone from their folders.

    Raises:
        NotFoundError: a path does not exist or a glob matches nothing.
        UsageError: the collection's name cannot be one.
    """
    valid_name(collection)
    roots = [path.absolute() for path in expand(paths)]
    with database.session() as session:
        row = made_collection(session, collection)
        row.roots = sorted({*row.roots, *map(str, roots)})
        number = row.id
    this = _Round(database, number, limits, _known(database, number), Added(collection))
    return _add(this, roots, progress)


def sync_collection(
    database: Database, collection: str, limits: Limits, progress: Progress
) -> Added:
    """Read anew what was added before; drop what is gone.

    A folder that is not there at all keeps its documents: it may be a disk that is not connected.

    Raises:
        NotFoundError: there is no such collection.
    """
    with database.session() as session:
        row = collection_named(session, collection)
        number, roots = row.id, [Path(root) for root in row.roots]
        gone = [root for root in roots if not root.exists()]
        files_gone = set(
            session.scalars(
                select(FileRow.path).where(
                    FileRow.collection_id == number, FileRow.path.in_(list(map(str, gone)))
                )
            )
        )
        row.roots = [root for root in row.roots if root not in files_gone]
        dropped = drop_files(session, number, files_gone)
        changed(session, number)
    report = Added(collection, removed=dropped)
    this = _Round(database, number, limits, _known(database, number), report)
    lost = tuple(
        Problem(str(root), "the folder is not there: its documents are kept")
        for root in gone
        if str(root) not in files_gone
    )
    there = [root for root in roots if root not in gone]
    done = _add(this, there, progress)
    return replace(done, problems=lost + done.problems, faults=done.faults + len(lost))


def _add(this: _Round, roots: Sequence[Path], progress: Progress) -> Added:
    found = list(files(roots))
    progress.start("reading", len(found), "files")
    try:
        for item in found:
            _one(this, item)
            progress.advance(1)
    finally:
        progress.finish()
    _drop_gone(this, roots, found)
    return replace(this.report, problems=tuple(this.problems))


def _known(database: Database, collection: int) -> dict[str, _Known]:
    has_documents = select(DocumentRow.id).where(DocumentRow.file_id == FileRow.id).exists()
    with database.reading() as session:
        rows = session.execute(
            select(FileRow, has_documents).where(FileRow.collection_id == collection)
        )
        return {row.path: _as_known(row, empty=not has) for row, has in rows}


def _as_known(row: FileRow, *, empty: bool) -> _Known:
    problems = tuple(Problem(**problem) for problem in row.problems)
    return _Known(row.digest, row.reading, row.faults, problems, empty)


def _one(this: _Round, item: Path | Unreadable) -> None:
    if isinstance(item, Unreadable):
        read = ReadFile((), 1, (Problem(item.source, item.reason, item.position),))
        _count(this, item.source, read)
        return
    path = str(item)
    try:
        size = item.stat().st_size
        if size > this.limits.file_bytes:
            megabytes = (
                f"{size / 2**20:,.0f} MB is over the limit of {this.limits.file_bytes >> 20} MB"
            )
            _keep(this, path, size, "", ReadFile((), 1, (Problem(path, megabytes),), again=True))
            return
        digest = digest_of(item)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        _keep(this, path, 0, "", ReadFile((), 1, (Problem(path, reason),), again=True))
        return
    before = this.known.get(path)
    if before and (before.digest, before.reading) == (digest, READING):
        _count_known(this, before)
        return
    _keep(this, path, size, digest, read_file(item, this.limits))


def _count_known(this: _Round, before: _Known) -> None:
    old = this.report
    this.problems.extend(before.problems)
    this.report = replace(
        old,
        unchanged=old.unchanged + (not before.empty),
        unreadable=old.unreadable + before.empty,
        faults=old.faults + before.faults,
    )


def _keep(this: _Round, path: str, size: int, digest: str, read: ReadFile) -> None:
    with this.database.session() as session:
        keep_file(session, this.collection, Seen(path, size, digest), read)
        changed(session, this.collection)
    _count(this, path, read)


def _count(this: _Round, path: str, read: ReadFile) -> None:
    old, has = this.report, bool(read.documents)
    there = path in this.known and not this.known[path].new
    this.problems.extend(read.problems)
    this.report = replace(
        old,
        added=old.added + (has and not there),
        changed=old.changed + (has and there),
        unreadable=old.unreadable + (not has),
        documents=old.documents + len(read.documents),
        passages=old.passages + sum(len(document.cuts) for document in read.documents),
        faults=old.faults + read.faults,
    )


def _drop_gone(this: _Round, roots: Sequence[Path], found: Sequence[Path | Unreadable]) -> None:
    """Drop files of the roots that are no more, save where nothing could be looked into."""
    seen = {str(item) for item in found if isinstance(item, Path)}
    closed = [item.source for item in found if isinstance(item, Unreadable)]
    gone = [
        path
        for path in this.known
        if path not in seen and _below(path, roots) and not _below(path, map(Path, closed))
    ]
    if not gone:
        return
    with this.database.session() as session:
        dropped = drop_files(session, this.collection, gone)
        changed(session, this.collection)
    this.report = replace(this.report, removed=this.report.removed + dropped)


def _below(path: str, roots: Iterable[Path]) -> bool:
    return any(Path(path).is_relative_to(root) for root in roots)
