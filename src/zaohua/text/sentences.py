"""Sentences and clauses of Chinese and English text; joined they are the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SENTENCE = re.compile(
    r"(?:[^。！？!?.\n]|[.!?](?![\s\"'”’)）」』]|$))*(?:[。！？!?.]+[\"'”’)）」』]*\s*|\n+|$)"
)
_CLAUSE = re.compile(r"[^，,；;、：:\s]*(?:[，,；;、：:\s]+|$)")


def sentences(text: str) -> Iterator[str]:
    """Each with the white space after it."""
    return _split(_SENTENCE, text)


def clauses(text: str) -> Iterator[str]:
    """What stands between commas and the like, and between words, with what follows it."""
    return _split(_CLAUSE, text)


def _split(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    place = 0
    for match in pattern.finditer(text):
        if match.end() > place:
            yield text[place : match.end()]
            place = match.end()
    if place < len(text):
        yield text[place:]
