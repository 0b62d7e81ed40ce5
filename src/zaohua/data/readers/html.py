"""HTML pages: the main text, without navigation, advertising and footers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from zaohua.data.readers.encoding import decode
from zaohua.data.readers.entries import Document, Entry, ReadFailure
from zaohua.data.readers.libraries import format_library
from zaohua.data.readers.options import ReadOptions
from zaohua.data.readers.streams import whole

_DECLARED = re.compile(rb"""<meta[^>]{1,200}?charset\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "big5": "big5hkscs"}
_ASIDE = ["nav", "aside", "footer", "header nav", "form", "button"]


def read_html(stream: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    """The page as one document."""
    data = whole(stream, options.max_document_bytes)
    yield page(html_text(data, options.encoding), structure=options.structure)


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


def page(html: str, *, structure: bool = False) -> Document:
    """Main text, title and language of a page.

    With ``structure`` headings and tables are as Markdown has them and nothing but navigation and
    the like is left out, since what the rules for main text drop could not be found.

    Raises:
        ReadFailure: it cannot be parsed.
    """
    parser = format_library("resiliparse.parse.html", "HTML pages")
    with _parsing():
        tree = parser.HTMLTree.parse(html)
        meta = {"title": " ".join((tree.title or "").split())}
        root = tree.document.query_selector("html")
        if root is not None and root.getattr("lang"):
            meta["lang"] = root.getattr("lang")
        text = _marked_text(tree) if structure else _main_text(tree)
        return Document(text, {key: value for key, value in meta.items() if value})


def all_text(html: str, *, structure: bool = False) -> str:
    """All visible text of a page, in reading order (for books, whose pages are all main text).

    Raises:
        ReadFailure: it cannot be parsed.
    """
    extract = format_library("resiliparse.extract.html2text", "HTML pages").extract_plain_text
    parser = format_library("resiliparse.parse.html", "HTML pages")
    with _parsing():
        tree = parser.HTMLTree.parse(html)
        if structure:
            _mark(tree)
        return str(extract(tree, alt_texts=False)).strip()


def _marked_text(tree: Any) -> str:
    extract = format_library("resiliparse.extract.html2text", "HTML pages").extract_plain_text
    _mark(tree)
    main = [
        found for name in ("article", "main") for found in tree.document.query_selector_all(name)
    ]
    shown: str = extract(tree, alt_texts=False, skip_elements=_ASIDE).strip()
    if len(main) != 1:
        return shown
    text: str = extract(main[0].html, alt_texts=False, skip_elements=_ASIDE).strip()
    return text if len(text) >= len(shown) / 2 else shown


def _mark(tree: Any) -> None:
    """Write ``## `` before headings, and bars around the cells of tables."""
    for level in range(1, 7):
        for heading in tree.document.query_selector_all(f"h{level}"):
            _put_first(tree, heading, f"{'#' * level} ")
    for row in tree.document.query_selector_all("tr"):
        cells = row.query_selector_all("td, th")
        for cell in cells:
            _put_first(tree, cell, "| ")
        if cells:
            cells[-1].append_child(tree.create_text_node(" |"))


def _put_first(tree: Any, element: Any, text: str) -> None:
    node = tree.create_text_node(text)
    if element.first_child is None:
        element.append_child(node)
    else:
        element.insert_before(node, element.first_child)


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
    extract = format_library("resiliparse.extract.html2text", "HTML pages").extract_plain_text
    ruled: str = extract(tree, main_content=True, alt_texts=False).strip()
    for name in ("article", "main"):
        marked = tree.document.query_selector_all(name)
        if len(marked) == 1:
            text: str = extract(marked[0].html, alt_texts=False, skip_elements=_ASIDE).strip()
            if text and len(text) >= len(ruled) / 2:
                return text
    return ruled or str(extract(tree, alt_texts=False).strip())
