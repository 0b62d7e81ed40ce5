"""Sections of a pack's documents that a flow says or rests on."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from zaohua.assistant.flows.values import Record
from zaohua.errors import UsageError
from zaohua.strict_yaml import read_text

_MOST_BYTES = 20 << 20
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$", re.MULTILINE)

Sections = Mapping[str, Record]
"""By their names: ``returns.md#Opened goods``, ``faq.csv#Is there gift wrapping?``."""


def read_sections(folder: Path) -> Sections:
    """All sections of the Markdown and the rows of the CSV files in a folder, without headings.

    Raises:
        NotFoundError: a file cannot be read.
        UsageError: one is not UTF-8, no CSV or too large.
    """
    found: dict[str, Record] = {}
    for path in sorted(folder.glob("*.*")):
        if path.suffix in (".md", ".csv"):
            parts = _rows(path) if path.suffix == ".csv" else _parts(path)
            found |= {
                f"{path.name}#{title}": Record(path.name, title, text) for title, text in parts
            }
    return found


def section(sections: Sections, name: str) -> Record:
    """The section of that name.

    Raises:
        ValueError: there is none.
    """
    if name not in sections:
        near = get_close_matches(name, sections, 1)
        told = f", did you mean '{near[0]}'?" if near else ""
        raise ValueError(f"there is no section '{name}'{told}")
    return sections[name]


def _parts(path: Path) -> Iterator[tuple[str, str]]:
    """Headings with what stands below them, to the next heading that is no lower."""
    text = read_text(path, "a document of a scenario", _MOST_BYTES)
    headings = list(_HEADING.finditer(text))
    for place, found in enumerate(headings):
        later = (one for one in headings[place + 1 :] if len(one[1]) <= len(found[1]))
        end = next((one.start() for one in later), len(text))
        yield found[2], text[found.end() : end].strip()


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    """The first cell of each row with the second: questions with answers."""
    text = read_text(path, "a document of a scenario", _MOST_BYTES)
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise UsageError(f"this is no CSV: {error}", where=str(path)) from None
    yield from ((row[0], row[1]) for row in rows if len(row) > 1)
