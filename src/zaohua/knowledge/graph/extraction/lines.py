"""Relations in lines that are no sentences: ``key: value``, rows of tables, records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from zaohua.knowledge.graph.names import cleaned, is_name
from zaohua.knowledge.graph.values import Statement

_PAIR = re.compile(
    r"^[ \t]*(?:[-*•]\s+|\d+[.)]\s+)?(?P<key>[^:：|。，,;；!?！？]{1,24}?)"
    r"\s*(?:\*\*)?\s*[:：]\s*(?:\*\*)?"
    r"\s*(?P<value>\S[^\n]{0,119})$",
    re.MULTILINE,
)
_RULE = re.compile(r"[|\-:\s]+")
_NO_KEY = re.compile(
    r"^(?:https?|question|answer|q|a|问题?|答案?|回答|提问|注意?|note|warning|tip|text)$",
    re.IGNORECASE,
)
_MANY = re.compile(r"\s*[、；;]\s*")


def pairs(text: str, subject: str) -> Iterator[Statement]:
    """``电话：123`` as what is said of ``subject``; several values part at 、 and ;."""
    for match in _PAIR.finditer(text):
        key = cleaned(match["key"])
        if _NO_KEY.match(key) or not is_name(key) or not subject:
            continue
        for value in _MANY.split(match["value"]):
            yield Statement(
                subject, key, cleaned(value), match.start(), match.end(), confidence=0.8, way="line"
            )


def record(text: str) -> Iterator[Statement]:
    """A row as ``key: value`` lines: its first value is what the others are said of."""
    found = [(cleaned(m["key"]), cleaned(m["value"]), m) for m in _PAIR.finditer(text)]
    if len(found) < 2 or _NO_KEY.match(found[0][0]) or not is_name(found[0][1]):
        return
    subject = found[0][1]
    for key, value, match in found[1:]:
        if value and value != subject:
            yield Statement(
                subject, key, value, match.start(), match.end(), confidence=0.9, way="table"
            )


def tables(text: str, lead: str = "") -> Iterator[Statement]:
    """Markdown tables: of the first cell of a row, under the heads of the other columns.

    ``lead`` is the head of a table that the text goes on with.
    """
    head = _cells(lead.split("\n", 1)[0]) if lead.startswith("|") else []
    place = 0
    rows: list[tuple[int, str]] = []
    for line in text.splitlines(keepends=True):
        rows.append((place, line.strip()))
        place += len(line)
    for (start, row), (_, after) in pairwise([*rows, (place, "")]):
        if not row.startswith("|"):
            head = [] if row else head
        elif _RULE.fullmatch(row):
            continue
        elif not head or _RULE.fullmatch(after):
            head = _cells(row)
        else:
            yield from _row(head, _cells(row), start, start + len(row))


def _row(head: Sequence[str], cells: Sequence[str], start: int, end: int) -> Iterator[Statement]:
    if not cells or not is_name(cells[0]):
        return
    for name, cell in zip(head[1:], cells[1:], strict=False):
        if name and cell and cell != cells[0]:
            yield Statement(cells[0], name, cell, start, end, confidence=0.9, way="table")


def _cells(row: str) -> list[str]:
    return [cleaned(cell) for cell in row.strip().strip("|").split("|")]
