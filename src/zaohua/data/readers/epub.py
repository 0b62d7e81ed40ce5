"""EPUB books: one document a chapter, in reading order."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import unquote

from zaohua.data.readers.docx import check_size
from zaohua.data.readers.entries import Document, Entry, Fault, ReadFailure
from zaohua.data.readers.html import all_text, html_text
from zaohua.data.readers.libraries import format_library
from zaohua.data.readers.options import ReadOptions
from zaohua.data.readers.streams import seekable

_PACKAGE = "{http://www.idpf.org/2007/opf}"
_DUBLIN = "{http://purl.org/dc/elements/1.1/}"
_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_ENCRYPTED = "{http://www.w3.org/2001/04/xmlenc#}"
_PAGES = frozenset({"application/xhtml+xml", "text/html"})


def read_epub(stream: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    """The chapters of the spine; ``meta`` has the book's title, author and language.

    Raises:
        ReadFailure: the book is damaged.
    """
    with seekable(stream, options.max_copy_bytes) as file:
        check_size(file, options)
        with zipfile.ZipFile(file) as book:
            try:
                package_path = _package_path(book)
                package = _xml(book, package_path)
                locked = _locked(book)
            except (KeyError, IndexError, ValueError, SyntaxError, OSError) as error:
                raise ReadFailure(f"damaged EPUB: {error}") from error
            meta = _meta(package)
            for name in _spine(package, posixpath.dirname(package_path)):
                if name in locked:
                    yield Fault(f"{name}: encrypted (digital rights management)")
                elif (entry := _chapter(book, name, meta, options.structure)) is not None:
                    yield entry


def _xml(book: zipfile.ZipFile, name: str) -> Any:
    etree = format_library("lxml.etree", "EPUB books")
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(book.read(name), parser)


def _package_path(book: zipfile.ZipFile) -> str:
    container = _xml(book, "META-INF/container.xml")
    root_file = next(container.iter(f"{_CONTAINER}rootfile"), None)
    if root_file is None:
        raise ValueError("its container names no package")
    return str(root_file.get("full-path", ""))


def _locked(book: zipfile.ZipFile) -> set[str]:
    if "META-INF/encryption.xml" not in book.namelist():
        return set()
    encryption = _xml(book, "META-INF/encryption.xml")
    return {
        unquote(item.get("URI", "")) for item in encryption.iter(f"{_ENCRYPTED}CipherReference")
    }


def _meta(package: Any) -> dict[str, str]:
    names = {"title": "title", "creator": "author", "language": "lang"}
    found = {key: package.findtext(f".//{_DUBLIN}{tag}") for tag, key in names.items()}
    return {key: value.strip() for key, value in found.items() if value and value.strip()}


def _spine(package: Any, folder: str) -> Iterator[str]:
    items = {
        item.get("id"): item.get("href", "")
        for item in package.iter(f"{_PACKAGE}item")
        if item.get("media-type") in _PAGES and "nav" not in item.get("properties", "").split()
    }
    for reference in package.iter(f"{_PACKAGE}itemref"):
        if href := items.get(reference.get("idref")):
            yield posixpath.normpath(posixpath.join(folder, unquote(href)))


def _chapter(
    book: zipfile.ZipFile, name: str, meta: dict[str, str], structure: bool
) -> Entry | None:
    """The chapter; None if it has no text (a cover, a picture)."""
    try:
        text = all_text(html_text(book.read(name)), structure=structure)
    except KeyError:
        return Fault(f"{name}: missing in the book")
    except (ReadFailure, zipfile.BadZipFile, OSError, RuntimeError, ValueError) as error:
        return Fault(f"{name}: {error}")
    return Document(text, meta | {"chapter": name}) if text else None
