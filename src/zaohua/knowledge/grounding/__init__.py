"""Whether an answer stands on its sources, and whether they can hold one at all.

No model that writes is asked. What must agree exactly (numbers, dates, names, quoted words) is
compared exactly; the rest of a sentence must be said in about the same words.
"""

from zaohua.knowledge.grounding.answering import answerable, why_not
from zaohua.knowledge.grounding.claims import Claim, Verdict, claims
from zaohua.knowledge.grounding.declining import declines
from zaohua.knowledge.grounding.fitting import Fit, asks_for
from zaohua.knowledge.grounding.nearness import near_enough
from zaohua.knowledge.grounding.one_text import OneText
from zaohua.knowledge.grounding.quoting import Quote, quote
from zaohua.knowledge.grounding.relevance import is_relevant

__all__ = [
    "Claim",
    "Fit",
    "OneText",
    "Quote",
    "Verdict",
    "answerable",
    "asks_for",
    "claims",
    "declines",
    "is_relevant",
    "near_enough",
    "quote",
    "why_not",
]
