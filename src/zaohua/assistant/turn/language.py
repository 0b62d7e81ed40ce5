"""In which language a turn speaks."""

from __future__ import annotations

from zaohua.assistant.turn.understanding import Language
from zaohua.text.instructions import is_chinese


def language_of(text: str) -> Language:
    """The language in which ``text`` is answered."""
    return "zh" if is_chinese(text) else "en"
