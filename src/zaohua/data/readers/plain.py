"""Plain text and Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from zaohua.data.readers.encoding import as_utf8, decode
from zaohua.data.readers.entries import Document, Entry, Fault
from zaohua.data.readers.options import ReadOptions
from zaohua.data.readers.streams import lines, whole

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_PAIR = re.compile(r"^([A-Za-z_][\w-]*):[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"^#[ \t]+(.+?)[ \t#]*$", re.MULTILINE)


def read_text(stream: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    """The file as one document, or one document a paragraph (between blank lines) or a line."""
    if options.text_unit == "document":
        mend = "divide it, or read it by paragraphs or lines (text_unit)"
        yield Document(decode(whole(stream, options.max_document_bytes, mend), options.encoding))
    elif options.text_unit == "line":
        for piece in _lines(stream, options):
            if isinstance(piece, Fault):
                yield piece
            elif piece.strip():
                yield Document(piece)
    else:
        yield from _paragraphs(stream, options)


def read_markdown(stream: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    """As :func:`read_text`; the front matter of a whole document goes to ``meta``."""
    if options.text_unit != "document":
        yield from read_text(stream, options)
        return
    text = decode(whole(stream, options.max_document_bytes), options.encoding)
    meta: dict[str, str] = {}
    if front := _FRONT_MATTER.match(text):
        meta = {key: value.strip("\"'") for key, value in _PAIR.findall(front[1])}
        text = text[front.end() :]
    if "title" not in meta and (heading := _HEADING.search(text)):
        meta["title"] = heading[1]
    yield Document(text, meta)


def _lines(stream: BinaryIO, options: ReadOptions) -> Iterator[str | Fault]:
    utf8 = as_utf8(stream, options.encoding)
    for number, line in enumerate(lines(utf8, options.max_document_bytes), start=1):
        if line is None:
            yield Fault(f"line {number}: longer than {options.max_document_bytes >> 20} MB")
            continue
        try:
            yield line.decode()
        except UnicodeDecodeError:
            yield Fault(f"line {number}: bytes that are not UTF-8")


def _paragraphs(stream: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    held: list[str] = []
    size = 0
    for piece in _lines(stream, options):
        if isinstance(piece, Fault):
            yield piece
        elif piece.strip():
            held.append(piece)
            size += len(piece) + 1
        if held and (
            isinstance(piece, Fault) or not piece.strip() or size > options.max_document_bytes
        ):
            yield Document("\n".join(held))
            held, size = [], 0
    if held:
        yield Document("\n".join(held))
