"""What the API of knowledge takes and gives, checked at the edge."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from zaohua.knowledge import Collection, Document, File, Found, Passage, Problem
from zaohua.knowledge.indexing import Step
from zaohua.knowledge.names import shown_name
from zaohua.knowledge.shelves import Reader, Shelf
from zaohua.service.body import Body
from zaohua.service.chat.shapes import Text
from zaohua.service.knowledge.receiving import Received


class NewCollection(Body):
    """A collection to be made."""

    name: Text = Field(min_length=1, max_length=64)
    shared: bool | None = Field(
        None, strict=True, description="Left out: whether the key has the scope 'admin'."
    )


class CollectionChanges(Body):
    """What can be changed of a collection."""

    shared: bool = Field(strict=True)


class CollectionItem(Body):
    """A collection in figures; ``may_change``: the caller may add and remove."""

    name: str
    shared: bool
    may_change: bool
    files: int
    documents: int
    passages: int
    embedded: int
    unreadable: int
    waiting: int
    created_at: datetime

    @classmethod
    def of(cls, one: Collection, shelf: Shelf, reader: Reader) -> CollectionItem:
        """As ``reader`` sees it."""
        return cls(
            name=one.name,
            shared=one.shared,
            may_change=shelf.may_change(reader),
            files=one.files,
            documents=one.documents,
            passages=one.passages,
            embedded=one.embedded,
            unreadable=one.unreadable,
            waiting=one.waiting,
            created_at=one.created_at,
        )


class CollectionList(Body):
    """The collections the caller may read, by name."""

    items: list[CollectionItem]


class ProblemItem(Body):
    """What could not be read, and why."""

    source: str
    reason: str
    position: int | None

    @classmethod
    def of(cls, one: Problem, shelf: Shelf) -> ProblemItem:
        """With the name that is shown."""
        source = shown_name(one.source, shelf.roots)
        return cls(source=source, reason=one.reason, position=one.position)


class DocumentItem(Body):
    """A document in figures."""

    id: int
    source: str
    title: str
    language: str
    pages: int
    characters: int
    passages: int

    @classmethod
    def of(cls, one: Document, shelf: Shelf) -> DocumentItem:
        """With the name that is shown."""
        return cls(
            id=one.id,
            source=shown_name(one.source, shelf.roots),
            title=one.title,
            language=one.language,
            pages=one.pages,
            characters=one.characters,
            passages=one.passages,
        )


class FileItem(Body):
    """A file: its documents, and what in it could not be read (the first of its ``faults``)."""

    name: str
    size: int
    added_at: datetime
    waiting: bool
    documents: list[DocumentItem]
    faults: int
    problems: list[ProblemItem]

    @classmethod
    def of(cls, one: File, shelf: Shelf) -> FileItem:
        """With the name that is shown."""
        return cls(
            name=shown_name(one.path, shelf.roots),
            size=one.size,
            added_at=one.added_at,
            waiting=one.waiting,
            documents=[DocumentItem.of(document, shelf) for document in one.documents],
            faults=one.faults,
            problems=[ProblemItem.of(problem, shelf) for problem in one.problems],
        )


class FileList(Body):
    """The files of a collection."""

    items: list[FileItem]


class ReceivedItem(Body):
    """A file that came, under the name it has here."""

    name: str
    size: int


class Receipt(Body):
    """What came; it is read soon."""

    files: list[ReceivedItem]

    @classmethod
    def of(cls, files: list[Received]) -> Receipt:
        """Of files that came."""
        return cls(files=[ReceivedItem(name=one.name, size=one.size) for one in files])


class PassageItem(Body):
    """Part of a document: characters ``start`` to ``end`` of its text."""

    id: int
    start: int
    end: int
    page: int | None
    row: int | None
    headings: list[str]
    text: str

    @classmethod
    def of(cls, one: Passage) -> PassageItem:
        """Of a passage."""
        return cls(
            id=one.id,
            start=one.start,
            end=one.end,
            page=one.page,
            row=one.row,
            headings=list(one.headings),
            text=one.text,
        )


class DocumentText(Body):
    """Part of a document: whole passages in their order, which joined are its text there."""

    collection: str
    document: DocumentItem
    passages: list[PassageItem]


class FoundItem(PassageItem):
    """A passage that was found, and why."""

    document: int
    collection: str
    source: str
    title: str
    language: str
    score: float
    word_rank: int | None
    meaning_rank: int | None
    similarity: float | None

    @classmethod
    def of_found(cls, one: Found, shelf: Shelf) -> FoundItem:
        """With the name that is shown."""
        passage = one.passage
        return cls(
            **PassageItem.of(passage).model_dump(),
            document=passage.document,
            collection=passage.collection,
            source=shown_name(passage.source, shelf.roots),
            title=passage.title,
            language=passage.language,
            score=one.score,
            word_rank=one.word_rank,
            meaning_rank=one.meaning_rank,
            similarity=one.similarity,
        )


class FoundList(Body):
    """What was found, best first; ``meaning``: not by words alone."""

    items: list[FoundItem]
    meaning: bool


class Embedding(Body):
    """How far the vectors are."""

    done: int
    total: int
    seconds_left: float | None

    @classmethod
    def of(cls, step: Step) -> Embedding:
        """Of a step."""
        return cls(done=step.done, total=step.total, seconds_left=step.seconds_left)


class KnowledgeProgress(Body):
    """What the server does for knowledge now.

    ``waiting`` files are still to be read; ``problem`` says why no vectors can be made.
    """

    waiting: int
    embedding: Embedding | None
    problem: str
    max_upload_bytes: int
