"""What is measured of whoever answers: one figure each, of work that no cache holds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from bench.client import Trace
from bench.prompts import words

GREEDY: dict[str, Any] = {"temperature": 0, "prompt_lookup": False}
"""The likeliest token each time, each by itself: prompts alike would make guesses too good."""
STREAMS = 8
LONG_WORDS = 880


class Answering(Protocol):
    """A client, or a library behind the same call."""

    async def chat(self, messages: Any, **options: Any) -> Trace:
        """One answer."""


Measure = Callable[[Answering, object], Awaitable[float]]
"""The figure of a contestant; equal seeds are the same work."""


def question(text: str) -> list[dict[str, str]]:
    """A conversation that begins with ``text``."""
    return [{"role": "user", "content": text}]


async def one_stream(who: Answering, seed: object) -> float:
    """Tokens/s of one answer after its first token, 128 tokens after a short prompt."""
    text = f"Write a long story with these words: {words(12, seed)}"
    return (await who.chat(question(text), max_tokens=128, **GREEDY)).decode_rate


async def eight_streams(who: Answering, seed: object) -> float:
    """New tokens/s of eight answers together, prompts included."""
    begun = time.perf_counter()
    texts = [f"Write a long story with: {words(12, (seed, s))}" for s in range(STREAMS)]
    traces = await asyncio.gather(
        *(who.chat(question(text), max_tokens=64, **GREEDY) for text in texts)
    )
    return sum(trace.completion_tokens for trace in traces) / (time.perf_counter() - begun)


async def long_prompt(who: Answering, seed: object) -> float:
    """Milliseconds to the first token after some 900 tokens."""
    text = f"Here are words: {words(LONG_WORDS, ('long', seed))}. Which do you like?"
    return (await who.chat(question(text), max_tokens=2, **GREEDY)).first_token * 1000
