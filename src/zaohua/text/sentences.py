"""Where sentences end, in Chinese and English alike."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SENTENCE = re.compile(
    r"(?:[^。！？!?.\n]|[.!?](?![\s\"'”’)）」』]|$))*(?:[。！？!?.]+[\"'”’)）」』]*\s*|\n+|$)"
)


def sentences(text: str) -> Iterator[str]:
    """The sentences of ``text`` with all that stands between them: joined they are the text.

    A line that ends, ends a sentence; a point within a number or a name does not.
    """
    return split_by(_SENTENCE, text)


def split_by(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    """The matches of ``pattern``, which follow one another, and the rest."""
    place = 0
    for match in pattern.finditer(text):
        if match.end() > place:
            yield text[place : match.end()]
            place = match.end()
    if place < len(text):
        yield text[place:]
