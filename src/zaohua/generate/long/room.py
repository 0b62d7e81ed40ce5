"""How much of a text goes into one request, and how many requests go on at once."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from zaohua.generate.engine import Engine
from zaohua.generate.failures import RequestRefused
from zaohua.generate.long.task import How
from zaohua.generate.prompt_size import estimate, tokens_of
from zaohua.generate.request import ChatRequest

MOST: Final = 3072
"""Tokens of a request and its answer: small models lose what stands in the middle of more."""
LEAST: Final = 1024
"""Tokens below which fewer requests go on at once instead."""
UNKNOWN_CONTEXT: Final = 4096
UNKNOWN_SLOTS: Final = 4
ANSWER: Final = 400
"""Tokens of an answer about a part, unless the task says otherwise."""

_SAMPLE = 1500  # characters
_MARGIN = 1.1


@dataclass(frozen=True, slots=True)
class Room:
    """What one request may take.

    Attributes:
        tokens: prompt and answer together.
        parallel: requests at a time.
        scale: tokens of the text for each that is guessed from its characters.
    """

    tokens: int
    parallel: int
    scale: float = 1.0

    def size(self, text: str) -> float:
        """Tokens of ``text``, about."""
        return tokens_of(text) * self.scale


async def measure(engine: Engine, text: object) -> Room:
    """The room that an engine has for a text: its slots share one context."""
    context = engine.info.context_length or UNKNOWN_CONTEXT
    slots = engine.info.slots or UNKNOWN_SLOTS
    parallel = max(1, min(slots, context // LEAST))
    return Room(min(context // parallel, MOST), parallel, await _scale(engine, str(text)))


async def fits(engine: Engine, request: ChatRequest, how: How, most: int = 0) -> bool:
    """Whether a request and its answer fit into the context; it has ``most`` tokens (0: any)."""
    context = engine.info.context_length or UNKNOWN_CONTEXT
    prompt = estimate(request)
    if prompt > 4 * context:
        return False  # counting tokens of a novel takes a while
    with suppress(RequestRefused):
        prompt = await engine.count_tokens(request)
    answer = prompt if how == "in-order" else ANSWER
    answer = min(request.sampling.max_tokens or answer, answer)
    return prompt + answer <= context and prompt <= (most or prompt)


async def _scale(engine: Engine, text: str) -> float:
    """From pieces of the beginning, the middle and the end."""
    middle = len(text) // 2
    places = {0, max(middle - _SAMPLE // 2, 0), max(len(text) - _SAMPLE, 0)}
    sample = "\n".join(text[place : place + _SAMPLE] for place in sorted(places))
    try:
        tokens = len(await engine.tokenize(sample))
    except RequestRefused:
        return 1.0
    return _MARGIN * max(tokens, 1) / max(tokens_of(sample), 1)
