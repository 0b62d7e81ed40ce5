"""Which facts go with a question: standing ones always, others if they are near it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zaohua.assistant.memory.kinds import KINDS
from zaohua.assistant.memory.topics import touched
from zaohua.knowledge.fusion import fuse
from zaohua.knowledge.terms import Phrase, asked_phrases
from zaohua.store.tables import MemoryRow
from zaohua.text.search_terms import search_terms

NEAR = 0.03
"""From here on a fact is near by meaning alone; see `_similarities`."""
USUAL = 0.8
"""Cosine of two lines that have nothing to do with each other."""
_FEW = 5
_STORED = np.dtype("<f2")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fact that may go with a question; ``vector`` is None until it is embedded."""

    row: MemoryRow
    weight: float
    vector: NDArray[np.float32] | None


def candidate(row: MemoryRow, weight: float, model: str) -> Candidate:
    """A row with its vector, if ``model`` made that."""
    fresh = row.vector is not None and row.vector_model == model
    vector = np.frombuffer(row.vector or b"", _STORED).astype(np.float32) if fresh else None
    return Candidate(row, weight, vector)


def nearest(
    question: str, vector: Sequence[float] | None, candidates: Sequence[Candidate], limit: int
) -> list[Candidate]:
    """The candidates near the question, the best first: by topic, by words, by meaning."""
    words = _by_words(asked_phrases(question), candidates)
    similar = _similarities(vector, candidates)
    ranks = {
        place: rank for rank, place in enumerate(sorted(similar, key=lambda i: -similar[i]), 1)
    }
    kinds = touched(question)
    scores = dict.fromkeys(
        (place for place, one in enumerate(candidates) if one.row.kind in kinds), 0.0
    )
    on_topic = set(scores)
    scores |= fuse(words, ranks, len(candidates))
    near = [
        place
        for place in scores
        if place in on_topic or place in words or similar.get(place, -1.0) >= NEAR
    ]

    def order(place: int) -> tuple[int, float]:
        one = candidates[place]
        first = 0 if one.row.kind == "allergy" else 1
        return first if place in on_topic else 2, -scores[place] * (1 + one.weight)

    return [candidates[place] for place in sorted(near, key=order)[:limit]]


def _similarities(
    vector: Sequence[float] | None, candidates: Sequence[Candidate]
) -> dict[int, float]:
    """Cosines of question and facts, less each fact's mean cosine with the other facts.

    A fact that is like all others is like every question, too: that says nothing. Where there are
    few others, the mean is drawn to what is usual.
    """
    with_vector = [place for place, one in enumerate(candidates) if one.vector is not None]
    if vector is None or not with_vector:
        return {}
    matrix = np.stack([v for one in candidates if (v := one.vector) is not None])
    to_question = np.einsum("ij,j->i", matrix, np.asarray(vector, np.float32))
    to_others = np.einsum("ij,j->i", matrix, matrix.sum(axis=0)) - 1
    usual = (to_others + _FEW * USUAL) / (len(matrix) - 1 + _FEW)
    found = to_question - usual
    return dict(zip(with_vector, found.tolist(), strict=True))


def _by_words(phrases: Sequence[Phrase], candidates: Sequence[Candidate]) -> dict[int, float]:
    """Inverse document frequencies of the phrases each candidate has, added up; best first."""
    texts = [f" {' '.join(search_terms(one.row.text))} " for one in candidates]
    scores: dict[int, float] = {}
    for phrase in phrases:
        asked = f" {' '.join(phrase)} "
        holders = [place for place, text in enumerate(texts) if asked in text]
        weight = math.log(1 + (len(texts) - len(holders) + 0.5) / (len(holders) + 0.5))
        for place in holders:
            scores[place] = scores.get(place, 0.0) + weight
    return dict(sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])))


def within(rows: Sequence[MemoryRow], budget: int) -> list[MemoryRow]:
    """The first rows whose texts have together at most ``budget`` tokens, by estimate."""
    kept, spent = [], 0
    for row in rows:
        spent += tokens(row.text)
        if spent > budget:
            break
        kept.append(row)
    return kept


def in_order(rows: Sequence[MemoryRow]) -> list[MemoryRow]:
    """Standing facts by kind, then the others by age: equal sets make equal prompts."""
    places = {kind: place for place, kind in enumerate(KINDS)}
    return sorted(
        rows,
        key=lambda row: (
            places[row.kind] if KINDS[row.kind].standing else len(places),
            row.created_at,
            row.id,
        ),
    )


def tokens(text: str) -> int:
    """About how many tokens ``text`` has: a Chinese character is one, a word a third more."""
    characters = len(_HAN.findall(text))
    return characters + math.ceil(1.3 * len(_HAN.sub(" ", text).split())) + 2
