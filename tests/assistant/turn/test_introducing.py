"""What the assistant is, is told by code."""

from __future__ import annotations

import pytest

from tests.assistant.turn.conftest import Talk, steps

WHAT = [
    "你是ChatGPT吗？",
    "你是不是 GPT-4",
    "那你是通义千问吧？",
    "你是真人吗",
    "您是机器人还是真人？",
    "你是什么模型？",
    "你是哪家公司的大模型？",
    "谁开发了你？",
    "你是谁训练的？",
    "Are you ChatGPT?",
    "are you a real person",
    "Are you a human or a bot?",
    "What model are you?",
    "Who made you?",
]
WHO = ["你是谁？", "你叫什么名字", "介绍一下你自己", "Who are you?", "What's your name?"]
OTHER = [
    "你是哪里人？",
    "你是说明天去吗？",
    "你是怎么算出来的？",
    "ChatGPT 是什么？",
    "谁开发了 ChatGPT？",
    "你是ChatGPT吗这句话怎么翻译成英文？",
    "Are you sure?",
    "Are you open on Sunday?",
    "Who made the first clock?",
    "What model of phone is best?",
]


@pytest.mark.parametrize("question", [*WHAT, *WHO])
async def test_the_model_is_not_asked_what_it_is(talk: Talk, question: str) -> None:
    talk.plan()
    message = await talk.ask(question)
    assert "zaohua" in message.content
    assert "fake" in message.content, "the model's name"
    assert ("人工智能" in message.content) == (not question.isascii())
    assert steps(message) == ["understand"]
    assert talk.engine.requests == []


@pytest.mark.parametrize("question", OTHER)
async def test_other_questions_go_to_the_model(talk: Talk, question: str) -> None:
    talk.plan()
    assert "engine" in steps(await talk.ask(question))


async def test_a_name_that_was_given_is_kept_but_not_that_it_is_a_person(talk: Talk) -> None:
    talk.plan(system={"zh": "你是小青，一家花店的店员。"})
    assert "engine" in steps(await talk.ask("你叫什么名字？"))
    assert "人工智能" in (await talk.ask("你是真人吗？")).content
