"""Word documents (.docx)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from zaohua.data.readers.entries import Document, Entry, ReadFailure
from zaohua.data.readers.libraries import format_library
from zaohua.data.readers.options import ReadOptions
from zaohua.data.readers.streams import seekable


def read_docx(stream: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    """The file as one document: paragraphs a line each, table rows a line each with tabs.

    Raises:
        ReadFailure: it is damaged, locked or far too large when unpacked.
    """
    docx = format_library("docx", "Word documents")
    with seekable(stream, options.max_copy_bytes) as file:
        check_size(file, options)
        try:
            document = docx.Document(file)
            marked = _marked if options.structure else _blocks
            text = "\n".join(marked(document.iter_inner_content()))
            title = document.core_properties.title
        except Exception as error:
            raise ReadFailure(f"damaged Word document: {error}") from error
    yield Document(text.strip(), {"title": title} if title else {})


def check_size(file: BinaryIO, options: ReadOptions) -> None:
    """Refuse a zip-based document whose parts are too large when unpacked.

    Raises:
        ReadFailure: as said, or it is no zip file.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            largest = max((part.file_size for part in archive.infolist()), default=0)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise ReadFailure(f"damaged: {error}") from error
    file.seek(0)
    if largest > options.max_document_bytes:
        raise ReadFailure(f"a part is larger than {options.max_document_bytes >> 20} MB unpacked")


def _blocks(blocks: Any) -> Iterator[str]:
    for block in blocks:
        if hasattr(block, "rows"):
            for row in block.rows:
                yield "\t".join(_cells(row))
        else:
            yield block.text


def _marked(blocks: Any) -> Iterator[str]:
    """As `_blocks`, with headings and tables as Markdown writes them."""
    for block in blocks:
        if hasattr(block, "rows"):
            yield ""
            for row in block.rows:
                yield f"| {' | '.join(_cells(row))} |"
            yield ""
        elif block.text.strip():
            yield _heading_marks(block) + block.text


def _heading_marks(paragraph: Any) -> str:
    """``## `` for a paragraph in the style Heading 2; nothing for one of the text."""
    name = str(getattr(paragraph.style, "name", "") or "").lower()
    if name == "title":
        return "# "
    level = name.removeprefix("heading ")
    return f"{'#' * int(level)} " if name != level and level.isdigit() else ""


def _cells(row: Any) -> Iterator[str]:
    """Each cell once: one that spans columns is listed once for each of them."""
    before = None
    for cell in row.cells:
        if cell._tc is not before:
            yield cell.text.replace("\n", " ").strip()
        before = cell._tc
