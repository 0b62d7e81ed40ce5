"""How tokens are drawn where a request says nothing: as the model's maker advises."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.generate.conftest import small_plan
from zaohua.generate.collect import collect
from zaohua.generate.llamacpp import start_llamacpp
from zaohua.generate.request import ChatRequest, Message, Sampling
from zaohua.generate.sampling import advised
from zaohua.store.models import InstalledModel

ADVICE = Sampling(temperature=0.7, top_k=20, repeat_penalty=1.1)


def test_advice_fills_what_is_not_said() -> None:
    said = Sampling(temperature=0.2, max_tokens=9)
    expected = Sampling(temperature=0.2, top_k=20, repeat_penalty=1.1, max_tokens=9)
    assert advised(said, ADVICE) == expected
    assert advised(Sampling(repeat_penalty=1.0), ADVICE).repeat_penalty == 1.0


def test_the_likeliest_token_is_taken_as_it_is() -> None:
    greedy = Sampling(temperature=0)
    assert advised(greedy, ADVICE) == greedy


async def test_a_model_is_asked_as_its_maker_advises(
    test_model: InstalledModel, tmp_path: Path
) -> None:
    model = replace(test_model, sampling={"top_k": 1})
    engine = await start_llamacpp(model, small_plan(model, tmp_path), tmp_path)
    try:
        request = ChatRequest((Message("user", "Tell me a story."),), Sampling(max_tokens=16))
        said = {(await collect(engine.chat(request))).answers[0].text for _ in range(4)}
        drawn = replace(request, sampling=Sampling(max_tokens=16, top_k=0, temperature=2))
        others = {(await collect(engine.chat(drawn))).answers[0].text for _ in range(4)}
    finally:
        await engine.aclose()
    assert len(said) == 1
    assert len(others) > 1
