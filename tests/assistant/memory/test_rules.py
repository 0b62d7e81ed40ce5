"""What rules learn and what they leave alone."""

from __future__ import annotations

import json
import time

import pytest
from bench.memory_turns import DEVELOPMENT

from zaohua.assistant.memory.asking import claims_by_model
from zaohua.assistant.memory.privacy import private_in, secret_in
from zaohua.assistant.memory.rules import claims_in
from zaohua.assistant.memory.values import Claim
from zaohua.generate.events import Chunk, Finished, Timings, Usage
from zaohua.generate.failures import EngineFailed
from zaohua.generate.fake import FakeEngine

MISSED = ("我是开出租车的", "我在中学教语文")


@pytest.mark.parametrize("turn", DEVELOPMENT, ids=lambda turn: turn.text)
def test_turns(turn) -> None:
    found = [(claim.kind, claim.value.lower()) for claim in claims_in(turn.text)]
    expected = [(kind, value.lower().split("|")) for kind, value in turn.facts]
    if turn.text.startswith(MISSED):
        expected = []
    assert len(found) == len(expected)
    for (kind, value), (meant, values) in zip(sorted(found), sorted(expected), strict=True):
        assert kind == meant
        assert value in values or value.removeprefix("a ") in values


@pytest.mark.parametrize(
    "text",
    [
        "",
        "```\nmy name is Tom\n```",
        "> 我住在北京",
        "\n\n".join(["I live in Rome. " * 40]),
        "如果我叫小明，你叫我什么",
        "I live in Rome, right?",
        "\ud800 我叫",
        "我" * 5000,
        "I am a " * 2000,
    ],
)
def test_nothing_is_learned_from(text: str) -> None:
    assert claims_in(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "我" + "刚" * 380,
        "我" + "正在" * 190,
        "我住在" + "一年" * 180,
        "I'm " + "a " * 190,
        "you can " * 48 + "call me Bob",
        "“" * 20_000,
        "I am. " * 3_000,
        "hi: " * 20_000,
    ],
)
def test_hostile_texts_take_no_time(text: str) -> None:
    began = time.process_time()
    claims_in(text)
    assert time.process_time() - began < 0.5


def test_typed_words_beside_pasted_ones_count() -> None:
    pasted = "I live in Rome and work as a judge. " * 20
    assert claims_in(f"My name is Ann.\n\n{pasted}") == [Claim("name", "Ann", "en")]


@pytest.mark.parametrize(
    ("text", "secret", "private"),
    [
        ("我的支付密码是 1234", True, False),
        ("token ghp_abcdefghij0123456789abcd", True, False),
        ("6222021234567890128", True, False),
        ("护照号：E12345678", True, False),
        ("I keep bees", False, False),
        ("订单 20240101 的尺码是 42", False, False),
        ("我得了胃炎", False, True),
        ("I take medication", False, True),
        ("ann@example.com", False, True),
        ("我的爱好是登山", False, False),
    ],
)
def test_what_is_secret_and_private(text: str, secret: bool, private: bool) -> None:
    assert (secret_in(text), private_in(text)) == (secret, private)


class Says(FakeEngine):
    """A model that says the same whatever it is asked."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.asked: list[str] = []

    def chat(self, request):
        self.asked.append(request.messages[-1].content)
        assert request.batch
        return self._say()

    async def _say(self):
        if not self.text:
            raise EngineFailed("as it was told to")
        yield Chunk(0, self.text)
        yield Finished(Usage(1, 1, 0), Timings(1.0, 1.0))


def facts(*pairs: tuple[str, str]) -> str:
    listed = [{"kind": kind, "value": value} for kind, value in pairs]
    return json.dumps({"facts": listed}, ensure_ascii=False)


class TestByModel:
    async def test_only_words_of_the_user_count(self) -> None:
        engine = Says(facts(("city", "Leeds"), ("city", "Paris"), ("hat", "Leeds")))
        found = await claims_by_model(engine, "Leeds is where I run my shop. Is Paris nice?")
        assert found == [Claim("city", "Leeds", "en")]
        assert engine.asked == ["Leeds is where I run my shop."]

    @pytest.mark.parametrize(
        "question",
        [
            "Where is Leeds?",
            "Translate: I live in Leeds",
            "“我住在利兹”是什么意思？",
            "The shop is red.",
        ],
    )
    async def test_it_is_not_asked_about_what_says_nothing(self, question: str) -> None:
        engine = Says(facts(("city", "Leeds")))
        assert await claims_by_model(engine, question) == []
        assert engine.asked == []

    async def test_what_is_denied_does_not_count(self) -> None:
        engine = Says(facts(("city", "Leeds"), ("like", "海鲜")))
        assert await claims_by_model(engine, "I am not in Leeds any more.") == []
        assert await claims_by_model(engine, "海鲜我没吃过。") == []

    @pytest.mark.parametrize("said", ["no JSON", "[1]", '{"facts": 3}', ""])
    async def test_nonsense_is_nothing(self, said: str) -> None:
        assert await claims_by_model(Says(said), "Leeds is my home.") == []
