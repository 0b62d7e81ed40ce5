"""Tries a compiled llama.cpp before it is used: does it say what that of the wheel says?

The two round differently, so that a token may be another one where two were about as likely.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Final

from zaohua.generate.collect import collect
from zaohua.generate.events import TokenLogprob
from zaohua.generate.fit import Plan
from zaohua.generate.llamacpp import start_llamacpp
from zaohua.generate.local_engine import LocalEngine
from zaohua.generate.request import CompletionRequest, Sampling
from zaohua.store.models import InstalledModel

NEAR: Final = 0.5
"""Natural-log probabilities this close may change places."""

TEXTS: Final = (
    "The capital of France is",
    "一年有四个季节：春天、",
    "One, two, three, four. " * 60 + "One,",
)
"""The last is long: it is read by other routines than those that write."""

_SAMPLING: Final = Sampling(max_tokens=16, temperature=0.0, logprobs=True, top_logprobs=5)


async def disagreement(model: InstalledModel, plan: Plan, home: Path, server: Path) -> str:
    """Where ``server`` says something else than the wheel's llama.cpp; empty if nowhere.

    Raises:
        EngineFailed: it does not load the model, or ends while it answers.
    """
    usual = await _answers(await start_llamacpp(model, plan, home))
    tried = await _answers(await start_llamacpp(model, plan, home, server=server))
    pairs = zip(TEXTS, usual, tried, strict=True)
    return next((told for text, a, b in pairs if (told := _difference(text, a, b))), "")


async def _answers(engine: LocalEngine) -> list[Sequence[TokenLogprob]]:
    try:
        return [await _answer(engine, text) for text in TEXTS]
    finally:
        await engine.aclose()


async def _answer(engine: LocalEngine, text: str) -> Sequence[TokenLogprob]:
    async with aclosing(engine.complete(CompletionRequest(text, _SAMPLING))) as events:
        return (await collect(events)).answers[0].logprobs


def _difference(text: str, usual: Sequence[TokenLogprob], tried: Sequence[TokenLogprob]) -> str:
    """What is wrong with the second answer, up to the first token that is another."""
    if len(usual) and not len(tried):
        return f"it says nothing to '{text[:24]}'"
    for one, other in zip(usual, tried, strict=False):
        likely = {alternative.id: alternative.logprob for alternative in one.top}
        if one.logprob - likely.get(other.id, -float("inf")) > NEAR:
            return f"it goes on with '{other.token}' and not '{one.token}' after '{text[:24]}'"
        if one.id != other.id:
            return ""
    return ""
