"""Whether a sentence says yes where its source says no, or the other way round."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from zaohua.knowledge.terms import Phrase, asked_phrases

_NOT = re.compile(
    r"(?P<zh>不(?!同|仅|但|过|断|久|妨|错|止|论|管|少|得不|然)|没有?|无法|无需|无须|未(?!来|必)|禁止|切勿|请勿|别(?!的|人))"
    r"|(?P<en>\b(?:not|never|no|cannot|without)\b|n[’']t\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z]+")
_FILLER = frozenset(
    "be been a an the any to yet also only at all is are do does have has".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and its telling words."""

    text: str
    phrases: frozenset[Phrase]

    @classmethod
    def of(cls, text: str) -> Sentence:
        """Read a sentence."""
        return cls(text, frozenset(asked_phrases(text, None)))


def contradicted(said: Sentence, source: Sequence[Sentence]) -> bool:
    """Whether the sentence of ``source`` that is likest to ``said`` denies what it affirms.

    Only what is denied in as many words: the same word with and without a *not* before it.
    """
    likest = max(source, key=lambda one: len(one.phrases & said.phrases), default=None)
    if likest is None or len(likest.phrases & said.phrases) < len(said.phrases) / 2:
        return False
    ours, theirs = _denied(said.text), _denied(likest.text)
    return any(_affirms(likest.text, word, theirs) for word in ours - theirs) or any(
        _affirms(said.text, word, ours) for word in theirs - ours
    )


def _denied(text: str) -> set[str]:
    """The words behind each *not*."""
    found = set()
    for match in _NOT.finditer(text):
        rest = text[match.end() :]
        if match["zh"]:
            found.add(rest.lstrip("能可会再得")[:2])
        else:
            words = (word.lower() for word in _WORD.findall(rest[:60]))
            found.add(next((word for word in words if word not in _FILLER), ""))
    return {word for word in found if len(word) > 1}


def _affirms(text: str, word: str, denied: set[str]) -> bool:
    return word not in denied and word in text.lower()
