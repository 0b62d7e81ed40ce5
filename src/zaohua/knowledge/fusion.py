"""Two rankings to one, by reciprocal rank."""

from __future__ import annotations

from collections.abc import Mapping

WORDS, MEANING = 1.0, 1.0
"""How much each ranking weighs."""
SMOOTHING = 10
"""Added to every rank: the smaller, the more the first places of one ranking count alone."""


def fuse(
    words: Mapping[int, int], meaning: Mapping[int, int], smoothing: int = SMOOTHING
) -> list[tuple[int, float]]:
    """Ids with their scores, the best first; equal scores in the order of ids.

    Args:
        words: rank, from 1, of each id that was found by words.
        meaning: the same by meaning.
        smoothing: added to ranks.
    """
    scores = {
        number: sum(
            weight / (smoothing + ranks[number])
            for weight, ranks in ((WORDS, words), (MEANING, meaning))
            if number in ranks
        )
        for number in {*words, *meaning}
    }
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
