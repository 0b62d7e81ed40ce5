"""How well a model's weights know language: bits per byte of a text in two languages.

The text is short, so that it takes a quarter of a minute. The same text by two weights of one
model tells them apart to about half a percent; it does not tell two models apart.
"""

from __future__ import annotations

import math
from contextlib import aclosing
from typing import Final

from zaohua.generate.local_engine import LocalEngine
from zaohua.generate.request import ChatRequest, Message
from zaohua.generate.routed import RoutedEngine
from zaohua.progress import Progress

TEXTS: Final = {
    "Explain how bread rises.": (
        "Flour and water make a dough that holds together because two proteins in the flour join "
        "into gluten when they are kneaded. Yeast eats the sugars in the dough and gives off "
        "carbon dioxide. The gas cannot leave the elastic net of gluten, so it collects in small "
        "bubbles and the dough swells to twice its size within an hour or two in a warm kitchen. "
        "In the oven the bubbles grow once more, the water turns to steam, and at about seventy "
        "degrees the proteins set, so that the loaf keeps its shape when it cools."
    ),
    "请介绍一下茶的种类。": (
        "茶叶都来自同一种植物，区别主要在于采摘之后的加工方法。绿茶采下后很快加热杀青，叶子不再氧化，"
        "所以汤色清亮，味道鲜爽。红茶先萎凋再揉捻，让叶子充分氧化，香气浓厚，适合加奶。"
        "乌龙茶介于两者之间，既有花香又有回甘。普洱茶经过长时间的发酵，可以存放多年，越陈越醇。"
        "泡茶时水温也有讲究：绿茶用八十度左右的水，红茶和普洱用刚烧开的水。"
    ),
}


async def bits_per_byte(engine: LocalEngine | RoutedEngine, progress: Progress) -> float:
    """Bits that a byte of the answers costs, given the questions."""
    nats, size = 0.0, 0
    progress.start("reading", sum(len(text.encode()) for text in TEXTS.values()))
    for question, text in TEXTS.items():
        request = ChatRequest((Message("user", question),))
        async with aclosing(engine.score(request, text, 1)) as tokens:
            async for token in tokens:
                nats -= token.logprob
                progress.advance(len(token.bytes))
        size += len(text.encode())
    progress.finish()
    return nats / math.log(2) / size
