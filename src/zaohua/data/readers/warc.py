"""WARC files of web crawls (and WET files, whose text is extracted already)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from zaohua.data.readers.encoding import decode
from zaohua.data.readers.entries import Document, Entry, Fault, ReadFailure
from zaohua.data.readers.html import html_text, page
from zaohua.data.readers.libraries import library
from zaohua.data.readers.options import ReadOptions

_HTML = ("text/html", "application/xhtml")


def read_warc(stream: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    """One document a page: answers with status 200 and HTML or plain text, nothing else.

    Raises:
        ReadFailure: the file is damaged.
    """
    warc = library("fastwarc.warc", "reading WARC files")
    kinds = warc.WarcRecordType
    wanted = kinds.response | kinds.resource | kinds.conversion
    try:
        for record in warc.ArchiveIterator(
            stream, record_types=wanted, parse_http=True, stream_detect=False
        ):
            if (entry := _entry(record, options.max_document_bytes)) is not None:
                yield entry
    except (OSError, ValueError) as error:
        raise ReadFailure(f"damaged WARC: {error}") from error


def _entry(record: Any, limit: int) -> Entry | None:
    kind = _content_type(record)
    if not kind.startswith((*_HTML, "text/plain")):
        return None
    meta = {
        "url": record.headers.get("WARC-Target-URI", ""),
        "date": record.headers.get("WARC-Date", ""),
    }
    where = meta["url"] or "a record without address"
    try:
        data = record.reader.read(limit + 1)
        if len(data) > limit:
            return Fault(f"{where}: larger than {limit >> 20} MB")
        found = page(html_text(data)) if kind.startswith(_HTML) else Document(decode(data))
    except (ReadFailure, OSError, ValueError) as error:
        return Fault(f"{where}: {error}")
    if not found.text.strip():
        return Fault(f"{where}: no text in it")
    return Document(found.text, {**{k: v for k, v in meta.items() if v}, **found.meta})


def _content_type(record: Any) -> str:
    if record.is_http:
        headers = record.http_headers
        if headers is None or headers.status_code != 200:
            return ""
        return str(record.http_content_type or "").lower()
    return str(record.headers.get("Content-Type", "")).lower()
