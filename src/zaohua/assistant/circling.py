"""Ends an answer that has begun to say the same again and again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, Final, cast

from zaohua.generate.events import Chunk
from zaohua.text.circles import CLAUSES, Circles, repetition_wanted

MOST: Final = 16
"""Clauses one after the other that were all there before: more than a refrain has."""


async def until_circling(events: AsyncIterator[Any], question: str) -> AsyncGenerator[Any]:
    """``events`` of an answer, up to where it goes round in circles: it ends there, and so does its
    work, with the reason ``repetition`` and nothing counted. If ``question`` asks for the same
    again and again, all of them."""
    watched: defaultdict[tuple[int, bool], Circles] = defaultdict(lambda: Circles(MOST, CLAUSES))
    wanted = repetition_wanted(question)
    async with aclosing(cast("AsyncGenerator[Any]", events)) as stream:
        async for event in stream:
            yield event
            if wanted or not isinstance(event, Chunk):
                continue
            thinks = watched[event.index, True].feed(event.reasoning)
            if watched[event.index, False].feed(event.text) or thinks:
                yield Chunk(event.index, finish_reason="repetition")
                return
