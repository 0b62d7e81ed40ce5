"""The one way in which text becomes search terms, for what is indexed and for what is asked.

Text is normalised (NFKC, case folded). A term is a word of letters and digits, or a single
character where a script writes no spaces (Chinese, Japanese, Korean, Thai ...). A phrase of single
characters is then found exactly, also one or two of them. Everything else (punctuation, emoji,
operators of a query language) separates terms and is never part of one, so terms need no escaping.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from zaohua.text.wholesome import storable

MAX_TERM = 64
"""Longer words are cut into pieces of this many characters."""
MAX_PHRASE = 64
"""Terms of a phrase beyond this many are not asked for."""

_UNSPACED = (
    "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u1100-\u11ff\u3040-\u30ff\u3100-\u312f\u3130-\u318f\u31a0-\u31ff"  # Jamo, kana, bopomofo
    "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff"  # historic kana, rarer Chinese characters
)
_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u064b-\u065f\u0900-\u0903\u093a-\u094f"
_TERM = re.compile(
    rf"[{_UNSPACED}]|(?:[^\W_{_UNSPACED}][{_MARKS}]*){{1,{MAX_TERM}}}",
)
_GROUP = re.compile(r'"([^"]*)"|(\S+)')


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms that must follow one another; with ``prefix`` the last may go on."""

    terms: tuple[str, ...]
    prefix: bool = False


def search_terms(text: str) -> list[str]:
    """All terms of ``text`` in order."""
    return _TERM.findall(_normalised(text))


def index_parts(text: str, length: int = 8000, overlap: int = MAX_PHRASE) -> Iterator[str]:
    """The index text of ``text``: terms between spaces, in parts of ``length`` terms.

    Parts overlap, so that a phrase of up to ``overlap`` terms is whole in one of them. Full-text
    indexes count positions only so far.
    """
    terms = search_terms(text)
    for start in range(0, max(1, len(terms) - overlap), length - overlap):
        part = terms[start : start + length]
        if part:
            yield " ".join(part)


def query_phrases(query: str, limit: int = 16) -> list[Phrase]:
    """What a person's query asks for: each word, or text in double quotes, is a phrase.

    The last word may be unfinished. Empty if the query has no letters or digits.
    """
    groups = _GROUP.finditer(query.replace("“", '"').replace("”", '"'))
    found: list[Phrase] = []
    for group in islice(groups, limit * 4):
        terms = search_terms(group.group(1) or group.group(2) or "")[:MAX_PHRASE]
        if terms:
            found.append(Phrase(tuple(terms), prefix=group.group(1) is None))
    found = found[:limit]
    return [
        Phrase(p.terms, prefix=p is found[-1] and p.prefix and not is_unspaced(p.terms[-1]))
        for p in found
    ]


def snippet(text: str, phrases: list[Phrase], width: int = 120) -> str:
    """About ``width`` characters of ``text`` around the first place where a phrase stands."""
    flat = " ".join(text.split())
    start = _first_place(flat, phrases)
    begin = max(0, start - width // 8)
    cut = flat[begin : begin + width]
    return ("…" if begin else "") + cut + ("…" if begin + width < len(flat) else "")


def _normalised(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", storable(text)).casefold())


def is_unspaced(term: str) -> bool:
    """Whether ``term`` is a single character of a script that writes no spaces."""
    return re.fullmatch(f"[{_UNSPACED}]", term) is not None


def _first_place(text: str, phrases: list[Phrase]) -> int:
    """Index in ``text`` of the first phrase."""
    whole = _normalised(text)
    places = [
        match.start()
        for phrase in phrases
        if (match := re.search(r"[\W_]*".join(map(re.escape, phrase.terms)), whole))
    ]
    place = min(places, default=0)
    return place if len(whole) == len(text) else _origin(text, place)


def _origin(text: str, place: int) -> int:
    """The index in ``text`` of what stands at ``place`` once each character is normalised."""
    length = 0
    for index, character in enumerate(text):
        length += len(_normalised(character))
        if length > place:
            return index
    return 0
