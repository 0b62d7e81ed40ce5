"""What may be kept: what owners write themselves, and what was learned."""

from __future__ import annotations

from collections.abc import Sequence

from zaohua.assistant.memory.kinds import KINDS, value_of
from zaohua.assistant.memory.privacy import private_in, secret_in
from zaohua.assistant.memory.rules import LONGEST
from zaohua.assistant.memory.values import Claim
from zaohua.errors import UsageError
from zaohua.text.instructions import is_chinese
from zaohua.text.wholesome import is_storable

_NEEDED = frozenset({"allergy", "diet", "avoid"})
"""Of health, but to be known so that no answer harms."""


def written(text: str, kind: str) -> Claim:
    """What an owner wrote, as a claim that does not fade.

    Raises:
        UsageError: it cannot be remembered.
    """
    text = text.strip()
    if kind not in KINDS:
        raise UsageError(f"there is no kind '{kind}'", mend=f"choose one of {', '.join(KINDS)}")
    if not text or len(text) > LONGEST or not is_storable(text):
        raise UsageError(f"a memory has 1 to {LONGEST} characters")
    if secret_in(text):
        raise UsageError("passwords, keys and numbers of cards or papers are not remembered")
    language = "zh" if is_chinese(text) else "en"
    return Claim(kind, value_of(kind, text), language, text, explicit=True)


def accepted(claims: Sequence[Claim]) -> tuple[list[Claim], tuple[str, ...]]:
    """The claims that may be kept, and why others may not."""
    taken: list[Claim] = []
    refused: dict[str, None] = {}
    for claim in claims:
        told = claim.text or claim.value
        if secret_in(told) or not is_storable(told):
            refused["secrets are not kept"] = None
        elif not claim.explicit and claim.kind not in _NEEDED and private_in(told):
            refused["health and contacts are kept only when asked"] = None
        else:
            taken.append(claim)
    return taken, tuple(refused)
