"""Which facts go with a question: standing ones always, others if they are near it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zaohua.assistant.memory.kinds import KINDS
from zaohua.knowledge.fusion import fuse
from zaohua.knowledge.terms import Phrase, asked_phrases
from zaohua.store.tables import MemoryRow
from zaohua.text.search_terms import search_terms

NEAR = 0.80
"""Cosine of question and fact from which a fact is near by meaning alone."""
NEAR_WITH_WORDS = 0.77
"""The same where question and fact share words that tell."""
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
    """The candidates near the question, the best first."""
    words = _by_words(asked_phrases(question), candidates)
    similar = _similarities(vector, candidates)
    ranks = {
        place: rank for rank, place in enumerate(sorted(similar, key=lambda i: -similar[i]), 1)
    }
    scores = fuse(words, ranks, len(candidates))
    near = [place for place in scores if _is_near(similar.get(place), place in words)]
    near.sort(key=lambda place: -scores[place] * (1 + candidates[place].weight))
    return [candidates[place] for place in near[:limit]]


def _is_near(similarity: float | None, shares_words: bool) -> bool:
    if similarity is None:
        return shares_words
    return similarity >= (NEAR_WITH_WORDS if shares_words else NEAR)


def _similarities(
    vector: Sequence[float] | None, candidates: Sequence[Candidate]
) -> dict[int, float]:
    with_vector = [place for place, one in enumerate(candidates) if one.vector is not None]
    if vector is None or not with_vector:
        return {}
    matrix = np.stack([v for one in candidates if (v := one.vector) is not None])
    found = np.einsum("ij,j->i", matrix, np.asarray(vector, np.float32))
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
