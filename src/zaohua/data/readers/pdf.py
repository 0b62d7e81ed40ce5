"""PDF: the text layer, page after page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from zaohua.data.readers.entries import Document, Entry, Fault, ReadFailure
from zaohua.data.readers.libraries import format_library
from zaohua.data.readers.options import ReadOptions
from zaohua.data.readers.streams import seekable


def read_pdf(stream: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    """The file as one document, pages parted by a blank line; or a document a page.

    Raises:
        ReadFailure: it is damaged or locked with a password.
    """
    pdfium = format_library("pypdfium2", "PDF files")
    with seekable(stream, options.max_copy_bytes) as file:
        try:
            document = pdfium.PdfDocument(file)
        except pdfium.PdfiumError as error:
            locked = "password" in str(error).lower()
            reason = "locked with a password" if locked else f"damaged PDF: {error}"
            raise ReadFailure(reason) from error
        try:
            whole = _read(document, options.max_document_bytes)
            yield from [whole] if isinstance(whole, Fault) else _parts(whole, options.structure)
        finally:
            document.close()


@dataclass(frozen=True, slots=True)
class _Pages:
    texts: list[str]
    title: str


def _parts(read: _Pages, structure: bool) -> Iterator[Entry]:
    """One document, or one a page that has text."""
    meta = {"pages": len(read.texts)} | ({"title": read.title} if read.title else {})
    if not structure:
        yield Document("\n\n".join(page for page in read.texts if page), meta)
        return
    for number, text in enumerate(read.texts, start=1):
        if text:
            yield Document(text, meta | {"page": number})


def _read(document: Any, limit: int) -> _Pages | Fault:
    pages: list[str] = []
    size = 0
    for index in range(len(document)):
        text = _page_text(document, index)
        size += len(text)
        if size > limit:
            return Fault(f"more than {limit >> 20} MB of text")
        pages.append(text)
    if not any(pages):
        return Fault("no text layer: a scan, or empty pages")
    return _Pages(pages, document.get_metadata_value("Title").strip())


def _page_text(document: Any, index: int) -> str:
    page = document[index]
    try:
        text_page = page.get_textpage()
        try:
            text: str = text_page.get_text_range()
        finally:
            text_page.close()
    finally:
        page.close()
    # U+FFFE stands for the hyphen of a word broken at the end of a line.
    text = text.replace("\r\n", "\n").replace("\ufffe\n", "").replace("\ufffe", "")
    return text.strip()
