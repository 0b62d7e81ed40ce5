"""A turn with documents: understood, looked up, answered, held against its sources, recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.service.conftest import HashEmbedder, until
from zaohua.assistant.answers import Answers
from zaohua.assistant.conversations import Conversations
from zaohua.assistant.ids import LOCAL_OWNER
from zaohua.assistant.memory import Memory
from zaohua.assistant.running import Done
from zaohua.assistant.scoring import token_probabilities
from zaohua.assistant.turn.turn import Resources
from zaohua.assistant.turn.understanding import understand
from zaohua.assistant.values import Message
from zaohua.generate.fake import FakeModels
from zaohua.knowledge import Knowledge
from zaohua.knowledge.shelves import Shelves
from zaohua.store.database import Database

POLICY = """# 星河小店

## 退货政策

商品签收后14天内可以退货，商品须未使用、包装完好。定制商品不支持退货。

## 配送

订单满99元包邮，不足99元收取8元运费。一般48小时内发货。
"""


@pytest.fixture
def knowledge(database: Database, tmp_path: Path) -> Knowledge:
    (tmp_path / "shop.md").write_text(POLICY, "utf-8")
    library = Knowledge(database, HashEmbedder())
    library.add([tmp_path / "shop.md"], "shop")
    return library


@pytest.fixture
async def talk(database: Database, models: FakeModels, knowledge: Knowledge) -> Any:
    answers = Answers(database, models, Resources(knowledge))
    yield answers
    await answers.aclose()


async def answered(
    answers: Answers, store: Conversations, content: str, *, parent: Message | None = None,
    collections: tuple[str, ...] = ("shop",),
) -> Message:  # fmt: skip
    if parent is None:
        chat = store.create(LOCAL_OWNER, {"collections": list(collections)}).id
    else:
        chat = parent.conversation_id
    _, answer = await answers.ask(LOCAL_OWNER, chat, content, parent.id if parent else None)
    async for event in answers.follow(LOCAL_OWNER, answer.id):
        if isinstance(event, Done):
            return event.message
    raise AssertionError("no end came")


def steps(message: Message) -> list[str]:
    return [line["step"] for line in message.trace or ()]


async def test_an_answer_with_its_sources(
    talk: Answers, store: Conversations, models: FakeModels
) -> None:
    question = "[[say 签收后十四天内可以退货。运费是20元。]]退货政策里签收后几天可以退货？"
    message = await answered(talk, store, question)
    assert [c["verdict"] for c in message.claims or ()] == ["supported", "unsupported"]
    cited = [c for c in message.citations or () if c["cited"]]
    assert cited[0]["headings"][-1] == "退货政策"
    assert cited[0]["source"] == "shop.md"
    assert "14天内可以退货" in cited[0]["text"]
    assert steps(message) == ["understand", "knowledge", "compose", "engine", "cite"]
    assert all(line["said"] and line["milliseconds"] >= 0 for line in message.trace or ())


async def test_nothing_relevant_is_said_without_the_model(
    talk: Answers, store: Conversations
) -> None:
    message = await answered(talk, store, "What is the capital of Peru?")
    assert "will not guess" in message.content
    assert (message.status, message.finish_reason, message.usage) == ("complete", "stop", None)
    assert message.citations is None
    assert "engine" not in steps(message)
    assert "不作回答" in (await answered(talk, store, "黑洞怎么形成？")).content


async def test_a_greeting_needs_no_sources(talk: Answers, store: Conversations) -> None:
    message = await answered(talk, store, "你好！")
    assert message.citations is None
    assert steps(message) == ["understand", "engine"]


async def test_a_question_that_leans_on_the_one_before(talk: Answers, store: Conversations) -> None:
    first = await answered(talk, store, "签收后可以退货吗？")
    second = await answered(talk, store, "那定制的呢？", parent=first)
    assert second.citations
    assert (second.trace or [])[0]["said"] == "read with the question before it"


async def test_without_documents_all_is_as_it_was(talk: Answers, store: Conversations) -> None:
    message = await answered(talk, store, "退货政策？", collections=())
    assert (message.citations, message.claims) == (None, None)
    assert steps(message) == ["engine"]


async def test_documents_that_are_gone(
    talk: Answers, store: Conversations, knowledge: Knowledge
) -> None:
    first = await answered(talk, store, "签收后可以退货吗？")
    knowledge.remove("shop")
    assert "已经不在" in (await answered(talk, store, "可以退货吗？", parent=first)).content


async def test_documents_of_another(
    database: Database, models: FakeModels, store: Conversations, knowledge: Knowledge
) -> None:
    shelves = Shelves(database)
    shelves.share("shop", shared=False)
    answers = Answers(database, models, Resources(knowledge, shelves))
    try:
        chat = store.create("stranger", {"collections": ["shop"]}).id
        _, answer = await answers.ask("stranger", chat, "签收后可以退货吗？")
        [*_, done] = [event async for event in answers.follow("stranger", answer.id)]
        assert isinstance(done, Done)
        assert "已经不在" in done.message.content
        assert done.message.citations is None
    finally:
        await answers.aclose()


async def test_what_is_remembered_goes_with_the_question(
    database: Database, models: FakeModels, store: Conversations
) -> None:
    memory = Memory(database, HashEmbedder())
    memory.add(LOCAL_OWNER, "名字：小李", "name")
    answers = Answers(database, models, Resources(memory=memory))
    try:
        told = await answered(answers, store, "写一句问候", collections=())
        assert (told.trace or [])[0]["details"]["facts"] == ["名字：小李"]
        asked = await answered(answers, store, "你记得我什么？", collections=())
        assert "小李" in asked.content
        assert steps(asked) == ["memory"]
        await answered(answers, store, "我对花生过敏。", collections=())
        await until(lambda: len(memory.list(LOCAL_OWNER)) == 2)
    finally:
        await answers.aclose()


async def test_scoring_sees_what_the_answer_saw(
    database: Database, talk: Answers, store: Conversations, models: FakeModels
) -> None:
    message = await answered(talk, store, "退货政策里签收后几天可以退货？")
    tokens = [t async for t in token_probabilities(database, models, LOCAL_OWNER, message)]
    assert tokens


def asked(*contents: str) -> list[Message]:
    base: dict[str, Any] = {
        name: None for name in Message.__dataclass_fields__ if name not in ("content", "role")
    }
    base["created_at"] = datetime.now(UTC)
    return [Message(**base, role="user", content=content) for content in contents]


@pytest.mark.parametrize(
    ("before", "question", "leans"),
    [
        ("蓝鲸台灯多少钱？", "那保修多久？", True),
        ("蓝鲸台灯多少钱？", "它有几种颜色？", True),
        ("蓝鲸台灯多少钱？", "白鹭书架的承重和尺寸分别是多少，需要自己安装吗？", False),
        ("How much is the Whale lamp?", "And how long is its warranty?", True),
        ("How much is the Whale lamp?", "Does the Heron bookcase ship to Iceland?", False),
    ],
)
def test_leaning(before: str, question: str, leans: bool) -> None:
    assert understand(asked(before, question)).leans is leans


@pytest.mark.parametrize("text", ["你好", "谢谢！", "Hi there", "Thanks a lot!", "再见"])
def test_small_talk(text: str) -> None:
    assert understand(asked(text)).small_talk


@pytest.mark.parametrize("text", ["你好，退货要几天？", "Hi, how do I return a lamp?"])
def test_no_small_talk(text: str) -> None:
    assert not understand(asked(text)).small_talk
