"""The sentences of the sources that answer a question best, word for word."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from zaohua.knowledge.grounding.answering import about, has_kind
from zaohua.knowledge.grounding.asked import Asked
from zaohua.knowledge.grounding.pieces import Piece, Source
from zaohua.knowledge.grounding.words import words_of

_HEADING = re.compile(r" › |\n")
_MOST = 3
"""Pieces that are quoted; the items of a list count as one."""
_ALSO = 0.85
"""Share of the best piece's score that makes another worth quoting."""
_KIND = 1.5
"""What the kind of thing asked for counts in a piece, against a word that some others have too."""
_ABOVE = 0.8
"""What a word counts that stands above a piece."""
_BEFORE = 0.3
"""What a word counts of the question on which this one leans."""
_HEADED = 1.5
"""What it counts that all of a heading above a piece stands in the question."""
_EARLY = 0.4
"""What it counts that a search found the source first."""
_LEANS = re.compile(
    r"\s*(?:(?:如果|要是)(?:不|没|是的?[，,])|否则|然后|接着|之后|其中|此时|这[样些个种时]|那[样么时]|它|他们|因此|所以"
    r"|(?:if (?:not|so|it|they)|otherwise|then|after that|this|that|these|those|such|it|they|so"
    r"|therefore)\b)",
    re.I,
)
"""How a sentence begins that means nothing without the one before it."""
_LONGEST = 600
"""Characters of a quotation; the best piece is quoted even if it is longer."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Parts of sources as they stand there.

    Attributes:
        text: sentences, items, rows, in the order of the sources.
        numbers: of the sources they are from, from 1.
    """

    text: str
    numbers: tuple[int, ...]


def quote(question: str, sources: Sequence[str]) -> Quote | None:
    """One to three sentences of ``sources`` that answer ``question`` best; None if none does.

    Of a table the row with its head, of a FAQ the answer, of a list the items with what leads to
    them. ``sources`` are texts as for `answerable`.
    """
    asked = Asked.of(question)
    read = [Source.of(number, text) for number, text in enumerate(sources, start=1)]
    own = _on_topic(asked, about(asked.names, read))
    pieces = [piece for source in own for piece in source.pieces]
    if not pieces:
        return None
    scores = _scores(asked, pieces)
    best = max(range(len(pieces)), key=lambda place: (scores[place], -place))
    if scores[best] <= 0:
        best = _first_with_kind(asked, pieces)
        return Quote(pieces[best].text, (pieces[best].source,))
    chosen = _with_list(_also(best, pieces, scores), best, pieces)
    chosen = _with_what_it_leans_on(_with_kind(asked, chosen, best, pieces), pieces)
    return Quote(_joined([pieces[place] for place in chosen]), _numbers(pieces, chosen))


def _on_topic(asked: Asked, sources: Sequence[Source]) -> list[Source]:
    """Where a question leans on one before it: sources whose headings, else whose texts, have a
    word of that one."""
    for has in (Piece.under, Piece.has):
        found = [
            source
            for source in sources
            if any(has(piece, word) for piece in source.pieces for word in asked.before)
        ]
        if found:
            return found
    return list(sources)


def _scores(asked: Asked, pieces: Sequence[Piece]) -> list[float]:
    """What each piece has of the question, rarer words counting more."""
    weights = {word: _BEFORE * _rarity(word, pieces) for word in asked.before}
    weights |= {word: _rarity(word, pieces) for word in asked.words}
    return [_score(asked, piece, weights) for piece in pieces]


def _first_with_kind(asked: Asked, pieces: Sequence[Piece]) -> int:
    """Where nothing has a word of the question: the source that a search found first."""
    first = [place for place, piece in enumerate(pieces) if piece.source == pieces[0].source]
    if asked.kind is None:
        return first[0]
    return next((place for place in first if has_kind(asked.kind, pieces[place])), first[0])


def _rarity(word: str, pieces: Sequence[Piece]) -> float:
    having = sum(piece.has(word) or piece.under(word) for piece in pieces)
    return math.log(1 + (len(pieces) - having + 0.5) / (having + 0.5))


def _score(asked: Asked, piece: Piece, weights: dict[str, float]) -> float:
    words = sum(
        weight * (1.0 if piece.has(word) else _ABOVE * piece.under(word))
        for word, weight in weights.items()
    )
    named = sum(1.0 for name in asked.names if piece.names(name))
    borne = sum(
        1.0 + 0.5 * attribute.firm
        for attribute in asked.attributes
        if attribute.text.search(piece.lower)
    )
    said = words + named + borne
    if not said:
        return 0.0
    if asked.kind and has_kind(asked.kind, piece):
        said += _KIND
    return said + _HEADED * _is_headed(asked, piece) + _EARLY / piece.source


def _is_headed(asked: Asked, piece: Piece) -> bool:
    headings = (words_of(part) for part in _HEADING.split(piece.above_lower))
    return any(words and set(words) <= set(asked.words) for words in headings)


def _also(best: int, pieces: Sequence[Piece], scores: Sequence[float]) -> list[int]:
    """The best and others that are nearly as good, those of the same source first."""
    order = sorted(
        range(len(pieces)),
        key=lambda place: (pieces[place].source != pieces[best].source, -scores[place], place),
    )
    chosen, length = [best], len(pieces[best].text)
    for place in order:
        if place == best or len(chosen) == _MOST or scores[place] < _ALSO * scores[best]:
            continue
        length += len(pieces[place].text)
        if length <= _LONGEST:
            chosen.append(place)
    return sorted(chosen)


def _with_list(chosen: Sequence[int], best: int, pieces: Sequence[Piece]) -> list[int]:
    """With the other items of the best one's list, where the question met what leads to it."""
    lead = pieces[best].lead
    if not lead or pieces[best].row or len(chosen) == 1:
        return list(chosen)
    items = [place for place, piece in enumerate(pieces) if _same_list(piece, pieces[best])]
    if sum(len(pieces[place].text) for place in items) > _LONGEST:
        return list(chosen)
    return items


def _with_kind(
    asked: Asked, chosen: Sequence[int], best: int, pieces: Sequence[Piece]
) -> list[int]:
    """With the first sentence under the same heading that has a thing of the kind asked for, if
    none of the chosen has one."""
    kind = asked.kind
    if kind is None or any(has_kind(kind, pieces[place]) for place in chosen):
        return list(chosen)
    near = (place for place, piece in enumerate(pieces) if _same_section(piece, pieces[best]))
    found = next((place for place in near if has_kind(kind, pieces[place])), None)
    return list(chosen) if found is None else sorted({*chosen, found})


def _with_what_it_leans_on(chosen: Sequence[int], pieces: Sequence[Piece]) -> list[int]:
    """With the sentence before each that begins as no answer begins."""
    before = {
        place - 1
        for place in chosen
        if place and _LEANS.match(pieces[place].text)
        if _same_section(pieces[place - 1], pieces[place])
    }
    return sorted({*chosen, *before})


def _same_section(piece: Piece, other: Piece) -> bool:
    plain = not (piece.lead or piece.row or other.lead or other.row)
    return plain and piece.source == other.source and piece.heading == other.heading


def _same_list(piece: Piece, other: Piece) -> bool:
    return (piece.source, piece.lead, piece.row) == (other.source, other.lead, other.row)


def _joined(pieces: Sequence[Piece]) -> str:
    text = lead = ""
    for piece in pieces:
        if piece.lead and piece.lead != lead:
            text = _after(text, piece.lead, apart=True)
        text = _after(text, piece.text, apart=bool(piece.lead or piece.row or lead))
        lead = piece.lead
    return text


def _after(text: str, more: str, *, apart: bool) -> str:
    if not text:
        return more
    if apart:
        return f"{text}\n{more}"
    wide = ord(text[-1]) > 0x2E80 or text[-1] in "”’"
    return text + ("" if wide else " ") + more


def _numbers(pieces: Sequence[Piece], chosen: Sequence[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(pieces[place].source for place in chosen))
