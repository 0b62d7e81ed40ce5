"""What keeps a turn safe: questions, passages and answers judged by rules; labels.

What lives here reads text and says what it found, where, and what may go on. It asks no model,
keeps nothing and knows no conversation; what is done with a ruling lives above.
"""

from zaohua.safety.answer import AnswerGuard
from zaohua.safety.guard import Guard, check
from zaohua.safety.policy import Policy, load_policy
from zaohua.safety.values import Finding, Masked, Ruling

__all__ = ["AnswerGuard", "Finding", "Guard", "Masked", "Policy", "Ruling", "check", "load_policy"]
