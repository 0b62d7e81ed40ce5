"""Whether what a search found can be about the question at all."""

from __future__ import annotations

from collections.abc import Sequence

from zaohua.knowledge.grounding.attributes import attributes_of
from zaohua.knowledge.grounding.letters import folded
from zaohua.knowledge.grounding.words import has_word, stems, words_of
from zaohua.knowledge.terms import Phrase, asked_phrases
from zaohua.knowledge.values import Found
from zaohua.text.instructions import is_chinese

_SHARED = 0.33
"""Share of the question's telling words that is enough alone."""
_ASKED = 0.5
"""The same of its words without those that only ask, and of the attributes it asks for."""
_NEAR = {"zh": 0.865, "en": 0.82}
"""Similarity that is enough alone: above that of questions about something else altogether, which
lies higher in Chinese (bench/grounding.py)."""
_SOME = 0.1
_LESS = 0.02


def is_relevant(question: str, found: Found) -> bool:
    """Whether ``found`` is worth an answer's while.

    It has some of the words that the question asks for, or it is so near in meaning that other
    words will have said it. What is about another thing of the same kind passes.
    """
    if asked_share(question, found) >= _ASKED:
        return True
    shared = overlap(question, found)
    near = _NEAR["zh" if is_chinese(question) else "en"] - (_LESS if shared >= _SOME else 0.0)
    return shared >= _SHARED or (found.similarity or 0.0) >= near


def overlap(question: str, found: Found) -> float:
    """Share of the telling words of ``question`` that stand in the passage or above it."""
    asked = asked_phrases(question)
    if not asked:
        return 0.0
    has = _phrases(found)
    return sum(phrase in has for phrase in asked) / len(asked)


def asked_share(question: str, found: Found) -> float:
    """Share of what ``question`` asks for that the passage has, in whatever form or other words."""
    asked = folded(question)
    words, attributes = words_of(asked), attributes_of(asked)
    if not words and not attributes:
        return 0.0
    passage = found.passage
    text = folded("\n".join((passage.title, *passage.headings, passage.text))).casefold()
    in_text = stems(text)
    has = sum(has_word(word, text, in_text) for word in words)
    borne = sum(attribute.text.search(text) is not None for attribute in attributes)
    return (has + borne) / (len(words) + len(attributes))


def _phrases(found: Found) -> frozenset[Phrase]:
    passage = found.passage
    texts: Sequence[str] = (passage.title, *passage.headings, passage.text)
    return frozenset(phrase for text in texts for phrase in asked_phrases(text, None))
