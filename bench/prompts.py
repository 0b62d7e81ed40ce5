"""Prompts for measuring: random words, so that no two share a cached prefix beyond the template."""

from __future__ import annotations

import random

WORDS = tuple("river stone cloud night paper green quick lamp garden winter bread song".split())  # noqa: SIM905


def words(count: int, seed: object) -> str:
    """``count`` random English words, the same for the same ``seed``; about a token each."""
    rng = random.Random(str(seed))
    return " ".join(rng.choice(WORDS) for _ in range(count))
