"""Tries what was compiled before it is used: are texts as likely to it as to the wheel's llama.cpp?

The two round differently, so that single tokens of an answer may be others; what a whole text costs
differs by less than a percent.
"""

from __future__ import annotations

import math
from contextlib import aclosing
from pathlib import Path
from typing import Final

from zaohua.generate.fit import Plan
from zaohua.generate.ik.engine import start_ik
from zaohua.generate.llamacpp import start_llamacpp
from zaohua.generate.local_engine import LocalEngine
from zaohua.generate.native.products import IK, Product
from zaohua.generate.request import ChatRequest, Message
from zaohua.generate.routed import RoutedEngine
from zaohua.store.models import InstalledModel

NEAR: Final = 0.03
"""How far the two may be apart, of what the wheel's says."""

QUESTION: Final = "Count. " + "One, two, three, four. " * 40
"""Long, since prompts are read by other routines than answers are written by."""

ANSWER: Final = (
    "One, two, three, four. The sea is blue, the grass is green, and bread is made of flour. "
    "一年有四个季节：春天、夏天、秋天和冬天。"
)


async def disagreement(
    product: Product, model: InstalledModel, plan: Plan, home: Path, file: Path
) -> str:
    """How the ``product`` in ``file`` is wrong, if the wheel's llama.cpp is right; empty if it is
    not.

    Raises:
        EngineFailed: it does not load the model, or ends while it reads.
    """
    usual = await _bits(await start_llamacpp(model, plan, home))
    tried = await _bits(await _started(product, model, plan, home, file))
    if abs(tried - usual) <= NEAR * usual:
        return ""
    return f"a text costs {tried:.0f} bits by it, {usual:.0f} by that of the wheel"


async def _started(
    product: Product, model: InstalledModel, plan: Plan, home: Path, file: Path
) -> LocalEngine | RoutedEngine:
    if product.name == IK.name:
        return await start_ik(model, plan, home, library=file)
    return await start_llamacpp(model, plan, home, server=file)


async def _bits(engine: LocalEngine | RoutedEngine) -> float:
    """What the answer costs; the engine is closed."""
    try:
        request = ChatRequest((Message("user", QUESTION),))
        async with aclosing(engine.score(request, ANSWER, 1)) as tokens:
            return -sum([token.logprob async for token in tokens]) / math.log(2)
    finally:
        await engine.aclose()
