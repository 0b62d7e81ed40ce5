"""Conversations begun as the chat begins them."""

from __future__ import annotations

from zaohua.data.records import Turn
from zaohua.data.sets.drawing import drawn
from zaohua.text.instructions import default_instructions


def begun(turns: tuple[Turn, ...], share: float) -> tuple[Turn, ...]:
    """The turns, in a share of conversations (chosen by hash) after the chat's own system prompt.

    The page and the command line put it before a conversation, the API does not: a model has to
    have seen both.
    """
    told = default_instructions(turns[0].content)
    said = "\n".join(turn.content for turn in turns)
    if not told or not drawn(said, share, b"system"):
        return turns
    return (Turn("system", told), *turns)
