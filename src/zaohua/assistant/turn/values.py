"""What the steps of a turn hand on."""

from __future__ import annotations

from dataclasses import dataclass

from zaohua.assistant.turn.composing import PLAIN, Material
from zaohua.assistant.values import Citation, ClaimNote, Conversation, Message, TraceLine


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that needs no model, and what it rests on."""

    text: str
    sources: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the model is given.

    Attributes:
        conversation: with all that the model is told first.
        branch: as the model may read it.
        material: what goes with the question.
        sources: that the answer may stand on.
    """

    conversation: Conversation
    branch: tuple[Message, ...]
    material: Material = PLAIN
    sources: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Concluded:
    """What came after it, to be recorded with the answer; None where there was nothing to do."""

    citations: list[Citation] | None = None
    claims: list[ClaimNote] | None = None
    trace: list[TraceLine] | None = None
