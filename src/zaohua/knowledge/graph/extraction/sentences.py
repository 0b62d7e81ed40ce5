"""Sentences of a text with their places, and from when to when what they say holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_END = re.compile(r"[。！？；!?;\n]+|\.(?=\s|$)")
_INITIALS = re.compile(r"\b(?:[A-Z]|Mr|Mrs|Ms|Dr|St|Inc|Ltd|Co|No|vs|etc)$")
_DAY = r"(\d{4})\s*(?:[-/年]\s*(\d{1,2}))?(?:\s*[-/月]\s*(\d{1,2}))?\s*[年月日号]?"
_FROM_TO = re.compile(
    rf"(?:从|自|由|from|between)?\s*{_DAY}\s*(?:至|到|～|~|–|—|to|until|and|起至)\s*{_DAY}",
    re.IGNORECASE,
)
_FROM = re.compile(
    rf"(?:自从?|从)\s*{_DAY}\s*(?:起|以来|开始|年起)?|\b(?:since|from|as of)\s+{_DAY}",
    re.IGNORECASE,
)
_TO = re.compile(
    rf"(?:直到|截至|至|到)\s*{_DAY}\s*(?:为止|止|前)?|\b(?:until|till|up to)\s+{_DAY}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """Characters ``start`` to ``end`` of a text, without the mark that ends it."""

    start: int
    end: int
    text: str


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of ``text`` in their order; lines end them too."""
    start = 0
    for match in _END.finditer(text):
        if match[0] == "." and _INITIALS.search(text, start, match.start()):
            continue
        yield from _sentence(text, start, match.start())
        start = match.end()
    yield from _sentence(text, start, len(text))


def _sentence(text: str, start: int, end: int) -> Iterator[Sentence]:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    if piece.strip():
        yield Sentence(start + left, start + len(piece.rstrip()), piece.strip())


def validity(sentence: str) -> tuple[str, str]:
    """From when and to when a sentence says that it holds; empty where it does not say."""
    if both := _FROM_TO.search(sentence):
        groups = both.groups()
        return _iso(groups[:3]), _iso(groups[3:6])
    since, until = _FROM.search(sentence), _TO.search(sentence)
    return _first(since), _first(until)


def _first(match: re.Match[str] | None) -> str:
    if match is None:
        return ""
    groups = match.groups()
    return _iso(groups[:3] if groups[0] else groups[3:6])


def _iso(parts: tuple[str | None, ...]) -> str:
    return "-".join(part.zfill(2) for part in parts if part)
