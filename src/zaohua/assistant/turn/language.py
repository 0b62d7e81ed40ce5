"""In which language a turn speaks."""

from __future__ import annotations

from collections.abc import Sequence

from zaohua.assistant.turn.understanding import Language, spoken
from zaohua.assistant.values import Message


def language_of(text: str) -> Language:
    """The language in which ``text`` is answered."""
    return spoken((text,))


def language_in(branch: Sequence[Message]) -> Language:
    """The language in which the last question of ``branch`` is answered."""
    return spoken([message.content for message in branch if message.role == "user"])
