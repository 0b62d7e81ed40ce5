"""What goes in and out of the library: limits, filters, passages, reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

MAIN = "main"
"""The collection used when none is named."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is too large to be read.

    Attributes:
        file_bytes: size of a file on the disk.
        characters: text of one file, all its documents together.
    """

    file_bytes: int = 200 << 20
    characters: int = 20_000_000


@dataclass(frozen=True, slots=True)
class Filters:
    """Where to search; empty means everywhere.

    Attributes:
        collections: names.
        files: glob patterns, of the whole path (``*/contracts/*``) or of the file's name
            (``*.pdf``).
        languages: of documents: ``zh``, ``en`` ...
        documents: ids.
    """

    collections: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    documents: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """Part of a document, with all that a citation of it says.

    Attributes:
        id: never given to another passage.
        document: id of its document.
        collection: name.
        source: path of the file, with ``!member`` inside an archive.
        title: of the document.
        headings: those it stands under, outermost first.
        page: of a PDF, from 1.
        row: of a table or a file of records, from 0.
        start: first character in the document's text (see `Knowledge.text`).
        end: one past the last.
        text: those characters.
        language: of the document.
    """

    id: int
    document: int
    collection: str
    source: str
    title: str
    headings: tuple[str, ...]
    page: int | None
    row: int | None
    start: int
    end: int
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that a search found.

    Attributes:
        passage: it.
        score: by which results are ordered; comparable within one search only.
        word_rank: its place among those found by words, from 1; None if it is not among them.
        meaning_rank: its place by similarity of meaning; None without a vector.
        similarity: cosine of question and passage; None without a vector.
    """

    passage: Passage
    score: float
    word_rank: int | None
    meaning_rank: int | None
    similarity: float | None


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read, and why.

    Attributes:
        source: path of the file, with ``!member`` inside an archive.
        reason: one clause.
        position: number of the record in it, from 0, if it is one record.
    """

    source: str
    reason: str
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """What one round of adding did; numbers are files unless their name says otherwise."""

    collection: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    unreadable: int = 0
    documents: int = 0
    passages: int = 0
    faults: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection in figures.

    Attributes:
        roots: the paths that were added.
        embedded: so many of its passages are found by meaning too.
        waiting: files that are still to be read.
        owner: who made it; None: it was made on the command line.
        shared: whether others than the owner may read it.
    """

    name: str
    roots: tuple[str, ...]
    files: int
    documents: int
    passages: int
    embedded: int
    unreadable: int
    waiting: int
    owner: str | None
    shared: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Document:
    """A document in figures; ``pages`` is 0 where there are none."""

    id: int
    source: str
    title: str
    language: str
    pages: int
    characters: int
    passages: int


@dataclass(frozen=True, slots=True)
class File:
    """A file of a collection: its documents, and what in it could not be read.

    ``waiting``: it has come or changed, and is still to be read.
    """

    path: str
    size: int
    added_at: datetime
    documents: tuple[Document, ...] = ()
    faults: int = 0
    problems: tuple[Problem, ...] = field(default=())
    waiting: bool = False
