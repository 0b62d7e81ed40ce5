"""Whether what a search found can be about the question at all."""

from __future__ import annotations

from collections.abc import Sequence

from zaohua.knowledge.terms import Phrase, asked_phrases
from zaohua.knowledge.values import Found


def is_relevant(question: str, found: Found) -> bool:
    """Whether ``found`` is worth an answer's while.

    It has much of what the question asks for, or it is so near in meaning that other words will
    have said it.
    """
    shared = overlap(question, found)
    similarity = found.similarity or 0.0
    return shared >= 0.5 or (shared >= 0.2 and similarity >= 0.84) or similarity >= 0.88


def overlap(question: str, found: Found) -> float:
    """Share of the telling words of ``question`` that stand in the passage or above it."""
    asked = asked_phrases(question)
    if not asked:
        return 0.0
    has = _phrases(found)
    return sum(phrase in has for phrase in asked) / len(asked)


def _phrases(found: Found) -> frozenset[Phrase]:
    passage = found.passage
    texts: Sequence[str] = (passage.title, *passage.headings, passage.text)
    return frozenset(phrase for text in texts for phrase in asked_phrases(text, None))
