"""Whether an answer stands on its sources: each sentence checked after it was written.

No model is asked. What must agree exactly (numbers, dates, names, quoted words) is compared
exactly; the rest of a sentence must be said in about the same words.
"""

from zaohua.knowledge.grounding.claims import Claim, Verdict, claims
from zaohua.knowledge.grounding.relevance import is_relevant

__all__ = ["Claim", "Verdict", "claims", "is_relevant"]
