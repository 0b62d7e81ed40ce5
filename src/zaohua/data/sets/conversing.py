"""Conversations begun as the chat begins them."""

from __future__ import annotations

from hashlib import blake2b

from zaohua.data.records import Turn
from zaohua.text.instructions import default_instructions


def begun(turns: tuple[Turn, ...], share: float) -> tuple[Turn, ...]:
    """The turns, in a share of conversations (chosen by hash) after the chat's own system prompt.

    The page and the command line put it before a conversation, the API does not: a model has to
    have seen both.
    """
    told = default_instructions(turns[0].content)
    said = "\n".join(turn.content for turn in turns)
    mark = blake2b(said.encode(), digest_size=8, person=b"system").digest()
    if not told or int.from_bytes(mark) >= share * 2**64:
        return turns
    return (Turn("system", told), *turns)
