"""Questions that lean on the one before: what they mean when they stand by themselves.

By rules, no model is asked. What is new takes the place of its like in the earlier question
(周一几点开门？ 周日呢？); what a pronoun or a bare predicate leaves out is put in. Where no rule is
sure, both questions stand one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from zaohua.assistant.turn.following import chinese as in_chinese
from zaohua.assistant.turn.following import english as in_english
from zaohua.knowledge.terms import asked_phrases

_LEANING_PHRASES = 8
"""A question with more telling words than this stands alone whatever pronouns it has."""
_BARE_PHRASES = 2
"""One with so few says too little to stand alone."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A question with what it took from an earlier one.

    Attributes:
        text: the question as it stands by itself, or both, a line each.
        built: whether it is one question, made by a rule that is sure.
    """

    text: str
    built: bool


def followed(topic: str, question: str, *, chinese: bool) -> Followed | None:
    """``question`` after ``topic``, a question that stands by itself; None if it does too."""
    language = in_chinese if chinese else in_english
    bare = language.bare(question)
    said = language.ellipsis(question)
    if said or not bare:
        return _one_or_both(topic, question, language.substituted(topic, said) if said else "")
    phrases = len(asked_phrases(question, None))
    if phrases <= _LEANING_PHRASES and language.has_pronoun(bare):
        return _one_or_both(topic, question, language.resolved(topic, bare))
    alone = language.has_names(bare) and not language.joined(question)
    if phrases > _LEANING_PHRASES or alone:
        return None
    built = language.completed(topic, bare)
    if built or phrases <= _BARE_PHRASES or language.leans(question, bare):
        return _one_or_both(topic, question, built)
    return None


def _one_or_both(topic: str, question: str, built: str) -> Followed:
    """Both questions, where no rule is sure how they are one."""
    return Followed(built or f"{topic}\n{question}", bool(built))
