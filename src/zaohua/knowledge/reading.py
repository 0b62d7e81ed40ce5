"""A file to the documents in it, each cut into passages."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path, PurePosixPath

from zaohua.data.readers import ReadOptions, read
from zaohua.data.records import Record, Unreadable
from zaohua.errors import MissingExtraError, ZaohuaError
from zaohua.knowledge.chunks import Chunk, chunks, record_chunks
from zaohua.knowledge.values import Limits, Problem
from zaohua.text.language import main_language
from zaohua.text.wholesome import storable

READING = 1
"""Changed whenever files are read or cut in another way, so that they are read anew."""

_OPTIONS = ReadOptions(structure=True)
_BETWEEN = "\n\n"  # stands between pages and records in a document's text
_PROBLEMS = 20  # of one file that are told one by one


@dataclass(frozen=True, slots=True)
class Cut:
    """A passage that is not kept yet: a chunk of a document and where it stands there."""

    start: int
    text: str
    headings: tuple[str, ...]
    lead: str
    page: int | None
    row: int | None

    def embedded_text(self, title: str) -> str:
        """What the embedder and the index of words see: where it stands, then what it says."""
        own = {line.strip("# \t") for line in self.text.split("\n", 4)[:4]}
        above = [name for name in dict.fromkeys((title, *self.headings)) if name not in own]
        flat = " ".join(self.text.split())
        return "\n".join(
            part for part in (" › ".join(filter(None, above)), self.lead, flat) if part
        )


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document that is not kept yet."""

    source: str
    title: str
    language: str
    pages: int
    length: int
    cuts: tuple[Cut, ...]


@dataclass(frozen=True, slots=True)
class ReadFile:
    """All that a file gave."""

    documents: tuple[ReadDocument, ...] = ()
    faults: int = 0
    problems: tuple[Problem, ...] = ()
    again: bool = False
    """Whether reading failed for want of something that may be there the next time."""


def digest_of(path: Path) -> str:
    """SHA-256 of the file's bytes, in hexadecimal.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_file(path: Path, limits: Limits) -> ReadFile:
    """The documents in a file; what cannot be read is told, never raised."""
    try:
        return _read(path, limits)
    except MissingExtraError as error:
        return _failed(path, error.line(), again=True)
    except ZaohuaError as error:
        return _failed(path, error.line())


def _failed(path: Path, reason: str, *, again: bool = False) -> ReadFile:
    return ReadFile((), 1, (Problem(str(path), reason),), again)


def _read(path: Path, limits: Limits) -> ReadFile:
    records: dict[str, list[Record]] = {}
    problems: list[Problem] = []
    faults = characters = 0
    for item in read([path], options=_OPTIONS):
        if isinstance(item, Unreadable):
            faults += 1
            problems.append(Problem(item.source, item.reason, item.position))
            del problems[_PROBLEMS:]
            continue
        characters += len(item.body())
        if characters > limits.characters:
            most = f"{limits.characters:,} characters"
            return _failed(path, f"more text than {most}: divide it, or raise the limit")
        records.setdefault(item.source, []).append(item)
    documents = tuple(_document(source, found) for source, found in records.items())
    return ReadFile(documents, faults, tuple(problems))


def _document(source: str, records: list[Record]) -> ReadDocument:
    texts = [storable(record.body()) + _BETWEEN for record in records[:-1]]
    texts.append(storable(records[-1].body()))
    cuts = tuple(_cuts(records, texts))
    title = str(records[0].meta.get("title") or "").strip() or _title(source, cuts)
    return ReadDocument(
        source=source,
        title=title,
        language=str(records[0].meta.get("lang") or "")[:2].lower() or _language(texts),
        pages=int(records[0].meta.get("pages") or 0) if "page" in records[0].meta else 0,
        length=sum(map(len, texts)),
        cuts=cuts,
    )


def _cuts(records: list[Record], texts: list[str]) -> Iterator[Cut]:
    if "page" in records[0].meta:
        yield from _paged(records, texts)
        return
    start = 0
    for record, text in zip(records, texts, strict=True):
        is_row = "row" in record.meta or bool(record.messages)
        above = () if is_row or len(records) == 1 else _own_title(record)
        for chunk in record_chunks(text) if is_row else chunks(text):
            row = record.position if is_row else None
            yield _cut(text, chunk, start, above=above, row=row)
        start += len(text)


def _paged(records: list[Record], texts: list[str]) -> Iterator[Cut]:
    """The whole text at once, so that headings reach over pages."""
    whole = "".join(texts)
    starts = list(accumulate(map(len, texts), initial=0))
    for chunk in chunks(whole):
        number = bisect_right(starts, chunk.start) - 1
        yield _cut(whole, chunk, 0, page=int(records[number].meta["page"]))


def _own_title(record: Record) -> tuple[str, ...]:
    title = str(record.meta.get("title") or "").strip()
    return (title,) if title else ()


def _cut(
    text: str,
    chunk: Chunk,
    offset: int,
    *,
    above: tuple[str, ...] = (),
    page: int | None = None,
    row: int | None = None,
) -> Cut:
    piece = text[chunk.start : chunk.end]
    return Cut(offset + chunk.start, piece, above + chunk.headings, chunk.lead, page, row)


def _title(source: str, cuts: tuple[Cut, ...]) -> str:
    """The first heading if the document begins with it, else the file's name."""
    if cuts and cuts[0].headings and cuts[0].row is None:
        return cuts[0].headings[0]
    return PurePosixPath(source.replace("\\", "/").replace("!", "/")).stem


def _language(texts: list[str]) -> str:
    return main_language("".join(texts[:50]))
