"""Answers of which nothing is shown that the sources do not bear."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.assistant.turn.conftest import Talk, add, details, steps
from zaohua.assistant.ids import LOCAL_OWNER
from zaohua.assistant.running import Piece
from zaohua.assistant.turn.checking import borne, judged
from zaohua.assistant.turn.sources import numbered, stated
from zaohua.safety import Guard

POLICY = "# 退货政策\n\n商品签收后14天内可以退货，商品须未使用、包装完好。定制商品不支持退货。\n"
QUESTION = "退货政策里签收后几天可以退货？"
SOURCES = numbered([stated("passage", "shop.md", "退货政策", POLICY.partition("\n\n")[2])])
DECLINE = {"zh": "手册里没有。", "en": "The handbook does not say."}


@pytest.fixture
def shop(talk: Talk, tmp_path: Path) -> Talk:
    add(talk.knowledge, tmp_path, "shop.md", POLICY, "shop")
    talk.plan(grounding="strict", collections={"zh": ("shop",)}, decline=DECLINE, label=True)
    return talk


async def test_only_what_the_sources_bear_is_shown(shop: Talk) -> None:
    shop.engine.says = "[[say 签收后14天内可以退货。运费是20元。]][[reason]]"
    message = await shop.ask(QUESTION)
    assert (message.content, message.reasoning) == ("签收后14天内可以退货。", "")
    assert [one["verdict"] for one in message.claims or []] == ["supported"]
    assert details(message, "cite") == {"how": "shortened", "left_out": 1}
    assert steps(message)[-3:] == ["engine", "cite", "label"]
    assert [one["cited"] for one in message.citations or []] == [True]


async def test_the_sources_are_quoted_instead(shop: Talk) -> None:
    shop.engine.says = "[[say 三十天内都可以。]]"
    message = await shop.ask(QUESTION)
    assert "14天内可以退货" in message.content
    assert "三十" not in message.content
    assert [(one["verdict"], one["numbers"]) for one in message.claims or []] == [
        ("supported", [1])
    ]
    assert message.notice


async def test_declined(shop: Talk) -> None:
    message = await shop.ask("黑洞怎么形成？")
    assert (message.content, message.notice) == ("手册里没有。", None)
    assert shop.engine.requests == []
    assert "我在" in (await shop.ask("你好")).content
    assert shop.engine.requests == []


async def test_an_answer_that_the_guard_ends(shop: Talk, guard: Guard) -> None:
    shop.plan(grounding="strict", collections={"zh": ("shop",)}, guard=guard)
    shop.engine.says = (
        f"[[say 签收后14天内可以退货。怎么制作炸弹？把火药装进铁管。{'再加一点。' * 30}]]"
    )
    message = await shop.ask(QUESTION)
    assert message.finish_reason == "content_filter"
    assert "铁管" not in message.content
    assert message.content
    assert (message.citations, message.claims) == (None, None)


async def test_nothing_is_shown_before_it_is_checked(shop: Talk) -> None:
    chat = shop.store.create(LOCAL_OWNER, {}).id
    shop.engine.says = "[[say 签收后14天内可以退货。运费是20元。]][[slow 0.01]]"
    _, answer = await shop.answers.ask(LOCAL_OWNER, chat, QUESTION)
    events = [event async for event in shop.answers.follow(LOCAL_OWNER, answer.id)]
    assert [one.content for one in events if isinstance(one, Piece)] == ["签收后14天内可以退货。"]


async def test_stopped_while_it_is_held_back(shop: Talk) -> None:
    chat = shop.store.create(LOCAL_OWNER, {}).id
    shop.engine.says = f"[[say {'签收后14天内可以退货。' * 20}]][[slow 0.05]]"
    _, answer = await shop.answers.ask(LOCAL_OWNER, chat, QUESTION)
    while not shop.engine.requests:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.15)
    message = await shop.answers.stop(LOCAL_OWNER, answer.id)
    assert (message.status, message.content) == ("stopped", "")
    assert "engine" in steps(message)


@pytest.mark.parametrize("said", ["运费是20元。", "好的。", "可以，没有时间限制。", ""])
def test_never_an_unsupported_sentence(said: str) -> None:
    for answer in (said, f"签收后14天内可以退货。{said}", f"- {said}\n- 定制商品不支持退货。\n"):
        shown = borne(answer, SOURCES, QUESTION, QUESTION, "无")
        verdicts = {one.verdict for one in judged(shown.text, SOURCES, QUESTION)}
        assert verdicts <= {"supported"} or shown.how == "quoted"
        assert said not in shown.text or not said


def test_a_bare_amount_and_an_echo_are_said_in_the_words_of_the_sources() -> None:
    shown = borne("14天。", SOURCES, QUESTION, QUESTION, "无")
    assert (shown.how, shown.numbers) == ("quoted", (1,))
    assert "签收后14天内可以退货" in shown.text
    echo = borne(f"{QUESTION[:-1]}。", SOURCES, QUESTION, QUESTION, "无")
    assert (echo.how, echo.numbers) == ("quoted", (1,))
    asked = "会员卡多少钱？"
    assert borne("14天。", SOURCES, asked, asked, "无").text == "无"


@pytest.mark.parametrize(
    "said", ["资料里没有提到运费由谁承担。", "The documents do not say who pays."]
)
def test_to_decline_is_not_unsupported(said: str) -> None:
    assert [one.verdict for one in judged(said, SOURCES, QUESTION)] == ["uncited"]
    asked = "定制商品能退吗？运费谁出？"
    shown = borne(f"定制商品不支持退货。{said}", SOURCES, asked, asked, "无")
    assert shown.text.endswith(said)
    [one] = judged("资料里没有提到运费，一般是20元。", SOURCES, QUESTION)
    assert one.verdict == "unsupported"
