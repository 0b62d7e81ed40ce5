from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from zaohua.assistant import answers as module
from zaohua.assistant.answers import Answers
from zaohua.assistant.conversations import Conversations
from zaohua.assistant.journal import Journal
from zaohua.assistant.running import Done, Piece
from zaohua.errors import NotFoundError, UsageError
from zaohua.generate.engine import EngineInfo, ServedModel
from zaohua.generate.events import Chunk, Event, Finished, PromptProgress, Timings, Usage
from zaohua.generate.failures import EngineBusy
from zaohua.generate.fake import FakeModels
from zaohua.generate.request import ChatRequest
from zaohua.store.database import Database
from zaohua.store.tables import AnswerPieceRow, MessageRow

QUESTION = "如何做好时间管理？"


class Scripted:
    """Models whose one engine says exactly ``events``; an exception among them is raised."""

    default = "scripted"

    def __init__(self, *events: Event | Exception, context_length: int = 4096) -> None:
        self.events = events
        self.info = EngineInfo("scripted", context_length, 1, "fake")
        self.requests: list[ChatRequest] = []

    def list(self) -> list[ServedModel]:
        return [ServedModel("scripted", "ready", "fake", price_prompt=2.0, price_completion=8.0)]

    def turnstiles(self) -> dict[str, Any]:
        return {}

    @asynccontextmanager
    async def use(self, name: str = "") -> AsyncIterator[Any]:
        yield self

    async def chat(self, request: ChatRequest) -> AsyncIterator[Event]:
        self.requests.append(request)
        for event in self.events:
            await asyncio.sleep(0.002)
            if isinstance(event, Exception):
                raise event
            yield event

    async def count_tokens(self, request: ChatRequest) -> int:
        return sum(len(m.content) for m in request.messages)

    async def aclose(self) -> None:
        pass


@pytest.fixture
def talk(store: Conversations) -> str:
    return store.create("me").id


async def read(answers: Answers, message_id: str, after: int = 0) -> tuple[str, str, Done]:
    reasoning = content = ""
    position = after
    async for event in answers.follow("me", message_id, after):
        if isinstance(event, Piece):
            assert event.position == position
            position = event.end
            reasoning += event.reasoning
            content += event.content
        elif isinstance(event, Done):
            return reasoning, content, event
    raise AssertionError("the stream ended without a last event")


def stored(database: Database, message_id: str) -> MessageRow:
    with database.reading() as session:
        return session.get_one(MessageRow, message_id)


async def test_a_question_is_answered(
    answers: Answers, database: Database, talk: str, store: Conversations
) -> None:
    user, answer = await answers.ask("me", talk, QUESTION)
    assert (user.content, user.status, user.parent_id) == (QUESTION, "complete", None)
    assert (answer.status, answer.parent_id, answer.role) == ("running", user.id, "assistant")
    assert answer.model == "fake"
    _, content, done = await read(answers, answer.id)
    assert content == done.message.content == f"你说的是：{QUESTION}"
    assert done.message.status == "complete"
    assert done.message.finish_reason == "stop"
    assert done.message.usage is not None
    assert done.message.usage["completion_tokens"] == len(content)
    assert done.message.cost == {"amount": 0.0, "currency": "CNY"}
    assert done.conversation.leaf_id == answer.id
    assert done.conversation.message_count == 2
    assert done.conversation.title == QUESTION
    assert stored(database, answer.id).content == content
    assert answers.running == 0
    assert len(store.list("me", query="你说").items) == 1


async def test_rows_are_committed_before_the_engine_is_asked(
    database: Database, store: Conversations, talk: str
) -> None:
    seen: list[int] = []

    class Looking(Scripted):
        async def chat(self, request: ChatRequest) -> AsyncIterator[Event]:
            with database.reading() as session:
                seen.append(session.scalar(select(func.count()).select_from(MessageRow)) or 0)
            yield Finished(Usage())

    answers = Answers(database, Looking())
    _, answer = await answers.ask("me", talk, QUESTION)
    await read(answers, answer.id)
    await answers.aclose()
    assert seen == [2]


async def test_nothing_is_shown_that_is_not_committed(
    answers: Answers, database: Database, talk: str
) -> None:
    _, answer = await answers.ask("me", talk, "[[words 60]][[slow 0.003]]")
    shown = 0
    async for event in answers.follow("me", answer.id):
        if isinstance(event, Piece):
            shown = event.end
            with database.reading() as session:
                row = session.get_one(MessageRow, answer.id)
                pieces = session.scalars(
                    select(AnswerPieceRow).where(AnswerPieceRow.message_id == answer.id)
                )
                kept = len(row.content) + sum(len(p.content) for p in pieces)
            assert kept >= shown
    assert shown > 100


async def test_two_readers_one_of_whom_leaves_and_comes_back(answers: Answers, talk: str) -> None:
    text = "𠀀你好😀 a\u0301é " * 8
    _, answer = await answers.ask("me", talk, f"[[say {text}]][[slow 0.005]][[reason]]")
    steady = asyncio.create_task(read(answers, answer.id))
    got = ["", ""]
    position = 0
    leaves = 0
    while True:
        stop_at = position + 17
        async for event in answers.follow("me", answer.id, position):
            if isinstance(event, Piece):
                assert event.position == position
                got[0] += event.reasoning
                got[1] += event.content
                position = event.end
                if position >= stop_at:
                    leaves += 1
                    break
        else:
            break
    reasoning, content, done = await steady
    assert leaves > 2
    assert (
        (got[0], got[1])
        == (reasoning, content)
        == (
            done.message.reasoning,
            done.message.content,
        )
    )
    assert position == len(reasoning) + len(content)


@pytest.mark.parametrize("after", [0, 1, 5, 41, 42, 43, 50, 10_000])
async def test_a_finished_answer_is_read_from_any_position(
    answers: Answers, talk: str, after: int
) -> None:
    _, answer = await answers.ask("me", talk, "[[say 一二三四五六七八九十]][[reason]]")
    reasoning, content, _ = await read(answers, answer.id)
    assert len(reasoning) == 42
    whole = reasoning + content
    later_reasoning, later_content, done = await read(answers, answer.id, after)
    assert later_reasoning == reasoning[after:]
    assert later_reasoning + later_content == whole[after:]
    assert done.message.status == "complete"


async def test_reading_on_after_the_reader_left(
    answers: Answers, models: FakeModels, talk: str
) -> None:
    _, answer = await answers.ask("me", talk, "[[words 30]][[slow 0.01]]")
    reader = asyncio.create_task(read(answers, answer.id))
    await asyncio.sleep(0.1)
    reader.cancel()
    with suppress(asyncio.CancelledError):
        await reader
    _, content, done = await read(answers, answer.id)
    assert done.message.status == "complete"
    assert len(content.split()) == 30
    assert models.engines["fake"].cancelled == 0


async def test_stop_keeps_the_text_and_frees_the_engine(
    answers: Answers, models: FakeModels, database: Database, talk: str
) -> None:
    _, answer = await answers.ask("me", talk, "[[words 500]][[slow 0.01]]")
    reader = asyncio.create_task(read(answers, answer.id))
    await asyncio.sleep(0.3)
    stopped = await answers.stop("me", answer.id)
    assert stopped.status == "stopped"
    assert stopped.content
    _, content, done = await reader
    assert content == stopped.content == stored(database, answer.id).content
    assert done.message.status == "stopped"
    await asyncio.sleep(0.05)
    assert (models.engines["fake"].open, models.engines["fake"].cancelled) == (0, 1)
    assert stopped.usage is not None
    assert stopped.usage["completion_tokens"] > 3
    assert (await answers.stop("me", answer.id)).status == "stopped"


async def test_stop_while_the_prompt_is_read(answers: Answers, talk: str) -> None:
    _, answer = await answers.ask("me", talk, "[[prompt 30]]hello")
    async for event in answers.follow("me", answer.id):
        assert isinstance(event, PromptProgress)
        break
    stopped = await asyncio.wait_for(answers.stop("me", answer.id), 2)
    assert (stopped.status, stopped.content) == ("stopped", "")


@pytest.mark.parametrize(
    ("question", "status", "kept"),
    [
        ("[[fail]]x", "failed", 0),
        ("[[busy]]x", "failed", 0),
        ("[[fail after 3]]一二三四五", "interrupted", 3),
    ],
)
async def test_failures_of_the_engine(
    answers: Answers, talk: str, question: str, status: str, kept: int
) -> None:
    _, answer = await answers.ask("me", talk, question)
    _, content, done = await read(answers, answer.id)
    assert done.message.status == status
    assert len(content) == kept
    assert done.message.error is not None
    assert "fake engine" in done.message.error
    assert (done.message.timings is None) == (kept == 0)
    assert done.message.finish_reason is None


async def test_a_model_that_is_gone(answers: Answers, store: Conversations) -> None:
    talk = store.create("me", {"model": "gone"}).id
    _, answer = await answers.ask("me", talk, "x")
    _, _, done = await read(answers, answer.id)
    assert done.message.status == "failed"
    assert done.message.error is not None
    assert "there is no model 'gone'" in done.message.error


async def test_an_unexpected_error_tells_nothing_private(database: Database, talk: str) -> None:
    answers = Answers(database, Scripted(Chunk(text="a"), RuntimeError("/secret/path")))
    _, answer = await answers.ask("me", talk, "x")
    _, content, done = await read(answers, answer.id)
    await answers.aclose()
    assert (content, done.message.status) == ("a", "interrupted")
    assert "secret" not in (done.message.error or "")


async def test_usage_cost_and_timings(database: Database, talk: str) -> None:
    finished = Finished(Usage(1000, 500, 200), Timings(10.0, 250.0))
    answers = Answers(database, Scripted(Chunk(text="a"), Chunk(finish_reason="length"), finished))
    _, answer = await answers.ask("me", talk, "x")
    _, _, done = await read(answers, answer.id)
    await answers.aclose()
    assert done.message.usage == {
        "prompt_tokens": 1000, "completion_tokens": 500, "cached_tokens": 200
    }  # fmt: skip
    assert done.message.cost == {"amount": 0.006, "currency": "CNY"}
    assert done.message.finish_reason == "length"
    assert done.message.timings is not None
    assert done.message.timings["tokens_per_second"] == 2000.0
    assert 0 < done.message.timings["first_token_ms"] <= done.message.timings["total_ms"]


async def test_reasoning_that_comes_late_keeps_positions_in_order(
    database: Database, talk: str
) -> None:
    script = (Chunk(reasoning="R"), Chunk(text="c"), Chunk(reasoning="late"), Chunk(text="d"))
    answers = Answers(database, Scripted(*script, Finished(Usage())))
    _, answer = await answers.ask("me", talk, "x")
    reasoning, content, done = await read(answers, answer.id)
    await answers.aclose()
    assert (reasoning, content) == ("R", "clated")
    assert (done.message.reasoning, done.message.content) == ("R", "clated")


async def test_text_that_no_database_takes_is_mended(database: Database, talk: str) -> None:
    answers = Answers(database, Scripted(Chunk(text="a\x00b\ud83d"), Finished(Usage())))
    _, answer = await answers.ask("me", talk, "x")
    _, content, done = await read(answers, answer.id)
    await answers.aclose()
    assert content == done.message.content == "a\ufffdb\ufffd"


async def test_answers_at_the_same_time_in_one_conversation(
    answers: Answers, talk: str, store: Conversations
) -> None:
    asked = await asyncio.gather(*(answers.ask("me", talk, f"question {n}") for n in range(8)))
    texts = [(await read(answers, answer.id))[1] for _, answer in asked]
    assert sorted(texts) == sorted(f"You said: question {n}" for n in range(8))
    messages = store.whole("me", talk).messages
    assert [m.seq for m in messages] == list(range(1, 17))
    assert sum(m.parent_id is None for m in messages) == 8


async def test_regenerating_makes_siblings(
    answers: Answers, talk: str, store: Conversations
) -> None:
    user, first = await answers.ask("me", talk, QUESTION)
    await read(answers, first.id)
    second = await answers.regenerate("me", user.id)
    third = await answers.regenerate("me", first.id)
    for answer in (second, third):
        assert answer.parent_id == user.id
        await read(answers, answer.id)
    assert store.get("me", talk).leaf_id == third.id
    assert len({first.id, second.id, third.id}) == 3


async def test_the_prompt_is_the_branch(database: Database, store: Conversations) -> None:
    models = Scripted(Chunk(text="answer"), Finished(Usage()))
    talk = store.create(
        "me", {"system": "Be brief.", "sampling": {"temperature": 0.5, "stop": ["END"], "seed": 3}}
    ).id
    answers = Answers(database, models)
    _, first = await answers.ask("me", talk, "one")
    await read(answers, first.id)
    _, other = await answers.ask("me", talk, "another branch", None)
    await read(answers, other.id)
    _, second = await answers.ask("me", talk, "two", first.id)
    await read(answers, second.id)
    await answers.aclose()
    [request] = [r for r in models.requests if r.messages[-1].content == "two"]
    said = [(m.role, m.content) for m in request.messages]
    assert said == [
        ("system", "Be brief."), ("user", "one"), ("assistant", "answer"), ("user", "two")
    ]  # fmt: skip
    sampling = request.sampling
    assert (sampling.temperature, sampling.stop, sampling.seed) == (0.5, ("END",), 3)


async def test_wrong_parents(answers: Answers, talk: str, store: Conversations) -> None:
    elsewhere = store.create("me").id
    user, _ = await answers.ask("me", elsewhere, "x")
    with pytest.raises(UsageError, match="not a message of this conversation"):
        await answers.ask("me", talk, "y", user.id)
    with pytest.raises(UsageError, match="not a message"):
        await answers.ask("me", talk, "y", "missing")
    _, slow = await answers.ask("me", talk, "[[slow 1]]")
    with pytest.raises(UsageError, match="still being written"):
        await answers.ask("me", talk, "y", slow.id)


async def test_other_owners_see_nothing(answers: Answers, talk: str) -> None:
    user, answer = await answers.ask("me", talk, "[[slow 0.05]]x")
    for call in (
        answers.ask("you", talk, "y"),
        answers.regenerate("you", user.id),
        answers.stop("you", answer.id),
        anext(aiter(answers.follow("you", answer.id))),
        answers.make_title("you", talk),
    ):
        with pytest.raises(NotFoundError):
            await call
    await answers.stop_all("you", talk)
    assert answers.running == 1
    await read(answers, answer.id)
    with pytest.raises(NotFoundError):
        await anext(aiter(answers.follow("you", answer.id)))


async def test_shutting_down_keeps_the_text(
    database: Database, models: FakeModels, talk: str
) -> None:
    answers = Answers(database, models)
    _, answer = await answers.ask("me", talk, "[[words 500]][[slow 0.01]]")
    reader = asyncio.create_task(read(answers, answer.id))
    await asyncio.sleep(0.2)
    await answers.aclose()
    _, content, done = await reader
    assert done.message.status == "interrupted"
    row = stored(database, answer.id)
    assert (row.status, row.content) == ("interrupted", content)
    assert content
    with pytest.raises(EngineBusy):
        await answers.ask("me", talk, "more")


async def test_recovery_folds_what_was_written(
    database: Database, models: FakeModels, talk: str, store: Conversations
) -> None:
    lost = Answers(database, models)
    _, answer = await lost.ask("me", talk, "[[say 机器学习入门与实践]][[reason]][[slow 0.03]]")
    async for event in lost.follow("me", answer.id):
        if isinstance(event, Piece) and "学习" in event.content + event.reasoning:
            break
        if isinstance(event, Piece) and event.end > 46:
            break
    shown = event.end
    lost._journal._writer.cancel()  # the process is gone: nothing is written any more
    again = Answers(database, models)
    assert await again.recover() == 1
    assert await again.recover() == 0
    reasoning, content, done = await read(again, answer.id)
    assert done.message.status == "interrupted"
    assert done.message.error is not None
    assert len(reasoning) + len(content) >= shown
    assert reasoning == "The user wants an answer. I will give one."
    assert "机器学习入门与实践".startswith(content)
    assert content
    assert [i.conversation.id for i in store.list("me", query=content).items] == [talk]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AnswerPieceRow)) == 0
    for task in list(lost._tasks):
        task.cancel()


async def test_another_process_can_be_followed(
    database: Database, models: FakeModels, talk: str
) -> None:
    here, there = Answers(database, models), Answers(database, models)
    _, answer = await here.ask("me", talk, "[[words 40]][[slow 0.02]]")
    _, content, done = await read(there, answer.id)
    assert done.message.status == "complete"
    assert len(content.split()) == 40
    await here.aclose()
    await there.aclose()


async def test_a_database_that_fails_for_a_while_loses_nothing(
    database: Database, models: FakeModels, talk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = Answers(database, models)
    real = Journal._commit
    failures = iter([True, False, True, True])

    def commit(self: Journal, entries: Any) -> Any:
        if next(failures, False):
            raise OperationalError("INSERT", {}, Exception("disk full"))
        return real(self, entries)

    monkeypatch.setattr(Journal, "_commit", commit)
    _, answer = await answers.ask("me", talk, "[[say 一二三四五六七八九十]][[reason]][[slow 0.02]]")
    reasoning, content, done = await read(answers, answer.id)
    await answers.aclose()
    assert (reasoning, content) == (done.message.reasoning, done.message.content)
    assert content == "一二三四五六七八九十"
    assert reasoning == "The user wants an answer. I will give one."


async def test_one_deleted_message_does_not_hold_up_others(
    database: Database, models: FakeModels, store: Conversations, talk: str
) -> None:
    answers = Answers(database, models)
    doomed = store.create("me").id
    await answers.ask("me", doomed, "[[words 100]][[slow 0.01]]")
    _, kept = await answers.ask("me", talk, "[[words 40]][[slow 0.01]]")
    await asyncio.sleep(0.1)
    await asyncio.to_thread(store.delete, "me", doomed)
    _, content, done = await asyncio.wait_for(read(answers, kept.id), 10)
    assert (len(content.split()), done.message.status) == (40, "complete")
    await asyncio.sleep(0.1)
    assert answers.running == 0
    await answers.aclose()


async def test_too_many_answers(
    answers: Answers, talk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_RUNNING", 1)
    await answers.ask("me", talk, "[[slow 1]]x")
    with pytest.raises(EngineBusy):
        await answers.ask("me", talk, "y")


class Purse:
    """An allowance of ``left`` tokens."""

    def __init__(self, left: int, max_tokens: int | None = None) -> None:
        self.left = left
        self.max_tokens = max_tokens
        self.settled: list[tuple[int | None, int | None]] = []

    async def spend(self, tokens: int) -> bool:
        self.left -= tokens
        return self.left > 0

    def settle(self, prompt_tokens: int | None, completion_tokens: int | None) -> None:
        self.settled.append((prompt_tokens, completion_tokens))


async def test_an_answer_ends_with_its_allowance(answers: Answers, talk: str) -> None:
    purse = Purse(5)
    _, answer = await answers.ask("me", talk, "[[words 50]]", allowance=purse)
    _, content, done = await read(answers, answer.id)
    assert len(content.split()) == 5
    assert done.message.finish_reason == "length"
    await asyncio.sleep(0.02)
    assert [completion for _, completion in purse.settled] == [5]


async def test_an_allowance_bounds_what_is_asked_for(answers: Answers, talk: str) -> None:
    purse = Purse(100, max_tokens=7)
    _, answer = await answers.ask("me", talk, "[[words 50]]", allowance=purse)
    _, content, done = await read(answers, answer.id)
    assert (len(content.split()), done.message.finish_reason) == (7, "length")


async def test_a_failed_answer_is_settled(answers: Answers, talk: str) -> None:
    purse = Purse(100)
    _, answer = await answers.ask("me", talk, "[[fail]]", allowance=purse)
    await read(answers, answer.id)
    await asyncio.sleep(0.02)
    assert purse.settled == [(0, 0)]
