"""WARC files of web crawls (and WET files, whose text is extracted already)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from zaohua.data.readers.encoding import decode
from zaohua.data.readers.entries import Document, Entry, Fault, ReadFailure
from zaohua.data.readers.html import html_text, page
from zaohua.data.readers.libraries import format_library
from zaohua.data.readers.options import ReadOptions

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]+)")
_HTML = ("text/html", "application/xhtml")


def read_warc(stream: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    """One document a page: answers with status 200 and HTML or plain text, nothing else.

    Raises:
        ReadFailure: the file is damaged.
    """
    iterator = format_library("warcio.archiveiterator", "WARC files")
    failure = format_library("warcio.exceptions", "WARC files").ArchiveLoadFailed
    try:
        for record in iterator.ArchiveIterator(stream):
            if (entry := _entry(record, options.max_document_bytes)) is not None:
                yield entry
    except (failure, OSError, ValueError) as error:
        raise ReadFailure(f"damaged WARC: {error}") from error


def _entry(record: Any, limit: int) -> Entry | None:
    kind = _content_type(record)
    if not kind.startswith((*_HTML, "text/plain")):
        return None
    names = {"url": "WARC-Target-URI", "date": "WARC-Date"}
    meta = {key: record.rec_headers.get_header(name) for key, name in names.items()}
    where = meta["url"] or "a record without address"
    try:
        data = record.content_stream().read(limit + 1)
        if len(data) > limit:
            return Fault(f"{where}: larger than {limit >> 20} MB")
        found = _decoded(kind, data)
    except (ReadFailure, OSError, ValueError) as error:
        return Fault(f"{where}: {error}")
    if not found.text.strip():
        return Fault(f"{where}: no text in it")
    return Document(found.text, {**{k: v for k, v in meta.items() if v}, **found.meta})


def _decoded(kind: str, data: bytes) -> Document:
    if not kind.startswith(_HTML):
        return Document(decode(data))
    charset = _CHARSET.search(kind)
    return page(html_text(data, served_as=charset[1] if charset else None))


def _content_type(record: Any) -> str:
    """In lower case; empty if the record is no answer with status 200 and no stored text."""
    if record.rec_type not in {"response", "resource", "conversion"}:
        return ""
    headers = record.rec_headers
    if record.http_headers is not None:
        if record.http_headers.get_statuscode() != "200":
            return ""
        headers = record.http_headers
    return str(headers.get_header("Content-Type") or "").lower()
