"""Answers from one text, as prompt templates ask for them."""

from __future__ import annotations

from zaohua.knowledge.grounding.answering import answerable
from zaohua.knowledge.grounding.claims import claims
from zaohua.knowledge.grounding.declining import declines
from zaohua.knowledge.grounding.quoting import quote
from zaohua.knowledge.terms import asked_phrases

_TELLING = 3
"""Telling words below which an answer is said in the words of the text: an amount alone may stand
there for something else."""


class OneText:
    """Holds answers against the text that they are from."""

    def answerable(self, question: str, text: str) -> bool:
        """Whether ``text`` can hold what ``question`` asks."""
        return answerable(question, [text])

    def borne(self, answer: str, question: str, text: str) -> str:
        """``answer`` if ``text`` bears it, else its sentences that answer best, word for word."""
        found = claims(answer, [text], question)
        told = set(asked_phrases(answer, None)) - set(asked_phrases(question, None))
        borne = found and all(one.verdict == "supported" for one in found)
        if borne and not declines(answer) and len(told) >= _TELLING:
            return answer
        said = quote(question, [text])
        return said.text if said else ""
