from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from tests.assistant.test_answers import Scripted, read
from zaohua.assistant.answers import Answers
from zaohua.assistant.conversations import Conversations
from zaohua.assistant.ledger import first_words
from zaohua.assistant.titles import clean_title
from zaohua.errors import UsageError
from zaohua.generate.events import Chunk, Event, Finished, Usage
from zaohua.generate.failures import EngineFailed
from zaohua.generate.request import ChatRequest
from zaohua.store.database import Database

QUESTION = "When is the next high tide?"


class Titling(Scripted):
    """Answers questions with "answer", requests for a title with ``title``."""

    def __init__(self, title: str | Exception, delay: float = 0.0) -> None:
        super().__init__()
        self.title = title
        self.delay = delay
        self.asked = 0
        self.finished = 0

    async def chat(self, request: ChatRequest) -> AsyncIterator[Event]:
        if not _wants_title(request):
            yield Chunk(text="answer")
            await asyncio.sleep(self.delay / 4)
            yield Finished(Usage())
            return
        self.asked += 1
        self.requests.append(request)
        await asyncio.sleep(self.delay)
        if isinstance(self.title, Exception):
            raise self.title
        yield Chunk(text=self.title)
        self.finished += 1
        yield Finished(Usage())


def _wants_title(request: ChatRequest) -> bool:
    return request.messages[-1].content.startswith(("用不超过", "Name the topic"))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def test_the_first_answer_brings_a_title(database: Database, store: Conversations) -> None:
    models = Titling("标题：“时间管理方法”。")
    answers = Answers(database, models)
    talk = store.create("me").id
    _, answer = await answers.ask("me", talk, "请问，如何做好时间管理？")
    await read(answers, answer.id)
    await until(lambda: store.get("me", talk).title == "时间管理方法")
    _, second = await answers.ask("me", talk, "more", answer.id)
    await read(answers, second.id)
    await asyncio.sleep(0.1)
    await answers.aclose()
    assert models.asked == 1
    assert models.requests[0].sampling.temperature == 0
    assert models.requests[0].sampling.max_tokens == 32
    assert [i.conversation.id for i in store.list("me", query="管理方法").items] == [talk]


@pytest.mark.parametrize("question", ["你们几点开门？", "When do you open?"])
async def test_a_short_question_is_its_own_title(
    database: Database, store: Conversations, question: str
) -> None:
    models = Titling("Other")
    answers = Answers(database, models)
    talk = store.create("me").id
    _, answer = await answers.ask("me", talk, question)
    await read(answers, answer.id)
    await asyncio.sleep(0.1)
    assert (models.asked, store.get("me", talk).title) == (0, question)
    await answers.aclose()


async def test_a_title_of_a_person_stays(database: Database, store: Conversations) -> None:
    models = Titling("Other")
    answers = Answers(database, models)
    talk = store.create("me", {"title": "Mine"}).id
    _, answer = await answers.ask("me", talk, QUESTION)
    await read(answers, answer.id)
    await asyncio.sleep(0.1)
    assert models.asked == 0
    await answers.make_title("me", talk)
    assert store.get("me", talk).title == "Other"
    await answers.aclose()


async def test_a_title_given_while_one_is_made_stays(
    database: Database, store: Conversations
) -> None:
    models = Titling("Other", delay=0.2)
    answers = Answers(database, models)
    talk = store.create("me").id
    _, answer = await answers.ask("me", talk, QUESTION)
    await read(answers, answer.id)
    await until(lambda: models.asked == 1)
    store.update("me", talk, {"title": "Mine"})
    await until(lambda: models.finished == 1)
    await asyncio.sleep(0.1)
    assert store.get("me", talk).title == "Mine"
    await answers.aclose()


async def test_a_title_gives_way_to_an_answer(database: Database, store: Conversations) -> None:
    models = Titling("Late", delay=0.4)
    answers = Answers(database, models)
    talk = store.create("me").id
    _, answer = await answers.ask("me", talk, QUESTION)
    await read(answers, answer.id)
    await until(lambda: models.asked == 1)
    _, other = await answers.ask("me", store.create("me", {"title": "t"}).id, "now")
    await read(answers, other.id)
    assert models.finished == 0
    await until(lambda: store.get("me", talk).title == "Late")
    assert models.asked == 2
    await answers.aclose()


@pytest.mark.parametrize("said", [EngineFailed("broken"), "", "。。。", "\n\n"])
async def test_no_title_is_no_harm(
    database: Database, store: Conversations, said: str | Exception
) -> None:
    models = Titling(said)
    answers = Answers(database, models)
    talk = store.create("me").id
    _, answer = await answers.ask("me", talk, QUESTION)
    _, _, done = await read(answers, answer.id)
    await until(lambda: models.asked == 1)
    await asyncio.sleep(0.1)
    assert done.message.status == "complete"
    assert store.get("me", talk).title == QUESTION
    await answers.aclose()


async def test_a_title_of_nothing(database: Database, store: Conversations) -> None:
    answers = Answers(database, Titling("x"))
    talk = store.create("me").id
    with pytest.raises(UsageError, match="no answer yet"):
        await answers.make_title("me", talk)
    await answers.aclose()


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("标题：时间管理", "时间管理"),
        ("## 标题: 时间管理", "时间管理"),
        ("主题公园推荐", "主题公园推荐"),
        ("Title insurance basics", "Title insurance basics"),
        ("<think>Hm.</think>\nTides", "Tides"),
        ("<think>never ends", ""),
        ("《时间管理》", "时间管理"),
        ("**Title:** Time Management.", "Time Management"),
        ('"Time management for busy people who never rest"', "Time management for busy people who"),
        ("\n\n# 周末计划\n解释：……", "周末计划"),
        ("题" * 50, "题" * 24),
        ("Python 装饰器入门", "Python 装饰器入门"),
        ("x" * 500, "x" * 60),
        ("", ""),
        ("！？", ""),
    ],
)
def test_cleaning(said: str, title: str) -> None:
    assert clean_title(said) == title


def test_first_words() -> None:
    assert first_words("  short\nquestion ") == "short question"
    assert first_words("字" * 100) == "字" * 40 + "…"
    cut = first_words("many words of a very long question that goes on and on")
    assert cut == "many words of a very long question that…"
