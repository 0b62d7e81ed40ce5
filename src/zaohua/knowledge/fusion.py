"""Two rankings to one, by reciprocal rank, words weighing as much as they tell.

Plain reciprocal ranks let a ranking by words that found only common ones push out what the other
found by meaning. So a place among the words counts by how much the words tell: fully from about
the weight of one and a half words that a single passage has, and in proportion to the best.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

SMOOTHING = 60
"""Added to every rank: the smaller, the more the first places of one ranking count alone."""
TELLING = 1.5
"""Unique words whose weight makes a passage as sure a find as words can."""


def fuse(words: Mapping[int, float], meaning: Mapping[int, int], total: int) -> dict[int, float]:
    """Ids with their scores, the best first; equal scores in the order of ids.

    Args:
        words: BM25 or such of each id that was found by words, the best first.
        meaning: rank, from 1, of ids by meaning.
        total: passages there are in all.
    """
    scores = {number: 1 / (SMOOTHING + rank) for number, rank in meaning.items()}
    full = TELLING * math.log(1 + max(total - 0.5, 0.5) / 1.5)
    best = max(words.values(), default=0.0)
    for rank, (number, weight) in enumerate(words.items(), start=1):
        sure = min(1.0, weight / full) ** 2 * weight / best if best > 0 else 0.0
        scores[number] = scores.get(number, 0.0) + max(sure, 1e-6) / (SMOOTHING + rank)
    return dict(sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])))
