"""Files written to the database and taken out of it, passages and words in one transaction."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from itertools import islice

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from zaohua.errors import NotFoundError, UsageError
from zaohua.knowledge.reading import READING, ReadDocument, ReadFile
from zaohua.knowledge.readings import kept_readings, take_over_readings
from zaohua.knowledge.terms import index_passages
from zaohua.store.tables import CollectionRow, DocumentRow, FileRow, PassageRow, VectorRow, now

WAITING = 0
"""The reading of a file that is still to be read."""

_AT_ONCE = 400  # rows of one statement
_NAME = re.compile(r"[^\s/\\\x00-\x1f]{1,64}")


def collection_named(session: Session, name: str) -> CollectionRow:
    """The collection.

    Raises:
        NotFoundError: there is none of that name.
    """
    row = session.scalar(select(CollectionRow).where(CollectionRow.name == name))
    if row is None:
        raise no_collection(name, session.scalars(select(CollectionRow.name)))
    return row


def no_collection(name: str, known: Iterable[str] = ()) -> NotFoundError:
    """That there is no collection of that name; ``known`` are those that may be told instead."""
    near = get_close_matches(name, list(known), 1)
    listed = "'zaohua knowledge list' shows those there are"
    mend = f"did you mean '{near[0]}'?" if near else listed
    return NotFoundError("no such collection", where=name, mend=mend)


def valid_name(name: str) -> str:
    """``name`` if a collection can be called so.

    Raises:
        UsageError: it cannot.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            "not a name for a collection",
            where=name[:80],
            mend="up to 64 characters without spaces or slashes",
        )
    return name


def made_collection(session: Session, name: str) -> CollectionRow:
    """The collection, made if there is none of that name."""
    row = session.scalar(select(CollectionRow).where(CollectionRow.name == name))
    if row is None:
        row = CollectionRow(name=name, roots=[])
        session.add(row)
        session.flush()
    return row


def changed(session: Session, collection: int) -> None:
    """Let those who hold the collection's vectors know that they are old."""
    session.execute(
        update(CollectionRow)
        .where(CollectionRow.id == collection)
        .values(revision=CollectionRow.revision + 1)
    )


def drop_files(session: Session, collection: int, paths: Iterable[str]) -> int:
    """Take files out with all that came of them; how many there were."""
    dropped = 0
    rest = iter(paths)
    while some := list(islice(rest, _AT_ONCE)):
        of_file = FileRow.collection_id == collection
        gone = session.execute(delete(FileRow).where(of_file, FileRow.path.in_(some)))
        dropped += gone.rowcount  # type: ignore[attr-defined]
    return dropped


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was met: its path, size in bytes, and SHA-256."""

    path: str
    size: int
    digest: str


def keep_file(session: Session, collection: int, seen: Seen, read: ReadFile) -> None:
    """Write a file in the place of what was there under its path.

    Vectors of passages that say what they said before are kept, and what models read in them.
    """
    known = _known_vectors(session, read.documents)
    readings = kept_readings(session, collection, seen.path)
    drop_files(session, collection, [seen.path])
    row = FileRow(
        collection_id=collection,
        path=seen.path,
        digest="" if read.again else seen.digest,
        size=seen.size,
        reading=READING,
        faults=read.faults,
        problems=[asdict(problem) for problem in read.problems],
        added_at=now(),
    )
    session.add(row)
    session.flush()
    for document in read.documents:
        _keep_document(session, row.id, document, known)
    take_over_readings(session, row.id, readings)


def passage_digest(text: str) -> str:
    """Of what is embedded: 128 bits in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _known_vectors(
    session: Session, documents: Sequence[ReadDocument]
) -> dict[str, tuple[str, bytes]]:
    wanted = {passage_digest(cut.embedded_text(d.title)) for d in documents for cut in d.cuts}
    found: dict[str, tuple[str, bytes]] = {}
    rest = iter(wanted)
    while some := list(islice(rest, _AT_ONCE)):
        rows = session.execute(
            select(PassageRow.digest, VectorRow.model, VectorRow.vector)
            .join(VectorRow, VectorRow.passage_id == PassageRow.id)
            .where(PassageRow.digest.in_(some))
        )
        found.update((digest, (model, vector)) for digest, model, vector in rows)
    return found


def _keep_document(
    session: Session, file: int, document: ReadDocument, known: dict[str, tuple[str, bytes]]
) -> None:
    row = DocumentRow(
        file_id=file,
        source=document.source,
        title=document.title,
        language=document.language,
        pages=document.pages,
        length=document.length,
    )
    session.add(row)
    session.flush()
    texts = [cut.embedded_text(document.title) for cut in document.cuts]
    values = [
        {
            "document_id": row.id,
            "start": cut.start,
            "end": cut.start + len(cut.text),
            "page": cut.page,
            "row": cut.row,
            "headings": list(cut.headings),
            "lead": cut.lead,
            "text": cut.text,
            "digest": passage_digest(text),
        }
        for cut, text in zip(document.cuts, texts, strict=True)
    ]
    for start in range(0, len(values), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        made = insert(PassageRow).returning(PassageRow.id, sort_by_parameter_order=True)
        ids = list(session.scalars(made, values[part]))
        index_passages(session, list(zip(ids, texts[part], strict=True)))
        _keep_vectors(session, ids, [str(v["digest"]) for v in values[part]], known)


def _keep_vectors(
    session: Session, ids: list[int], digests: list[str], known: dict[str, tuple[str, bytes]]
) -> None:
    rows = [
        {"passage_id": number, "model": known[digest][0], "vector": known[digest][1]}
        for number, digest in zip(ids, digests, strict=True)
        if digest in known
    ]
    if rows:
        session.execute(insert(VectorRow), rows)
