"""Wikipedia (MediaWiki) XML dumps, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from zaohua.data.readers.entries import Document, Entry, Fault, ReadFailure
from zaohua.data.readers.libraries import format_library
from zaohua.data.readers.options import ReadOptions
from zaohua.data.readers.wikitext import plain_text


def read_wikipedia(stream: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    """One document an article (namespace 0, no redirects), its newest revision in the dump.

    Raises:
        ReadFailure: the XML is wrong or cut off.
    """
    del options
    etree = format_library("lxml.etree", "Wikipedia dumps")
    pages = etree.iterparse(
        stream, events=("end",), tag="{*}page", resolve_entities=False, no_network=True
    )
    try:
        for _, page in pages:
            if (entry := _article(page)) is not None:
                yield entry
            page.clear()
            while page.getprevious() is not None:
                del page.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise ReadFailure(f"wrong XML: {error.msg}") from error


def _article(page: Any) -> Entry | None:
    if page.findtext("{*}ns", "0").strip() != "0" or page.find("{*}redirect") is not None:
        return None
    title = page.findtext("{*}title", "").strip()
    revisions = page.findall("{*}revision")
    if not revisions:
        return None
    revision = revisions[-1]
    try:
        text = plain_text(revision.findtext("{*}text", ""))
    except Exception as error:
        return Fault(f"article {title}: wikitext that cannot be parsed: {error}")
    if not text:
        return None
    meta = {
        "title": title,
        "id": page.findtext("{*}id", "").strip(),
        "date": revision.findtext("{*}timestamp", "").strip(),
    }
    return Document(text, {key: value for key, value in meta.items() if value})
