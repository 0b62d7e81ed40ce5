"""HTML pages: the main text, without navigation, advertising and footers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from zaohua.data.readers.encoding import decode
from zaohua.data.readers.entries import Document, Entry, ReadFailure
from zaohua.data.readers.libraries import library
from zaohua.data.readers.options import ReadOptions
from zaohua.data.readers.streams import whole

_DECLARED = re.compile(rb"""<meta[^>]{1,200}?charset\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "big5": "big5hkscs"}
_ASIDE = ["nav", "aside", "footer", "header nav", "form", "button"]


def read_html(stream: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    """The page as one document."""
    data = whole(stream, options.max_document_bytes)
    yield page(html_text(data, options.encoding))


def html_text(data: bytes, encoding: str | None = None, served_as: str | None = None) -> str:
    """The page decoded: as told, else UTF-8 if it fits, else as served, as declared, or as guessed.

    Raises:
        ReadFailure: it is not text, or not in ``encoding``.
    """
    if encoding is None and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        declared = _DECLARED.search(data[:4096])
        names = ("utf-8", served_as or "", declared[1].decode() if declared else "")
        for name in map(str.lower, names):
            try:
                return data.decode(_WIDER.get(name, name)).removeprefix("\ufeff")
            except (UnicodeDecodeError, LookupError):
                continue
    return decode(data, encoding)


def page(html: str) -> Document:
    """Main text, title and language of a page.

    Raises:
        ReadFailure: it cannot be parsed.
    """
    parser = library("resiliparse.parse.html", "reading HTML pages")
    with _parsing():
        tree = parser.HTMLTree.parse(html)
        meta = {"title": " ".join((tree.title or "").split())}
        root = tree.document.query_selector("html")
        if root is not None and root.getattr("lang"):
            meta["lang"] = root.getattr("lang")
        return Document(_main_text(tree), {key: value for key, value in meta.items() if value})


def all_text(html: str) -> str:
    """All visible text of a page, in reading order (for books, whose pages are all main text).

    Raises:
        ReadFailure: it cannot be parsed.
    """
    extract = library("resiliparse.extract.html2text", "reading HTML pages").extract_plain_text
    with _parsing():
        return str(extract(html, alt_texts=False)).strip()


@contextmanager
def _parsing() -> Iterator[None]:
    """Failures of the parser, which is in Rust: its panics are no ``Exception`` and would end all.

    Raises:
        ReadFailure: in their place.
    """
    try:
        yield
    except BaseException as error:
        if isinstance(error, Exception) or type(error).__module__ == "pyo3_runtime":
            raise ReadFailure(f"HTML that cannot be parsed: {error}") from error
        raise


def _main_text(tree: Any) -> str:
    """What the page itself calls its main part, else what the extractor's rules keep, else all.

    The extractor's rules drop short lists even inside an article; a page with a single ``article``
    or ``main`` does not need them, unless that is a small part of the text (a teaser).
    """
    extract = library("resiliparse.extract.html2text", "reading HTML pages").extract_plain_text
    ruled: str = extract(tree, main_content=True, alt_texts=False).strip()
    for name in ("article", "main"):
        marked = tree.document.query_selector_all(name)
        if len(marked) == 1:
            text: str = extract(marked[0].html, alt_texts=False, skip_elements=_ASIDE).strip()
            if text and len(text) >= len(ruled) / 2:
                return text
    return ruled or str(extract(tree, alt_texts=False).strip())
