from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zaohua.assistant.answers import Answers
from zaohua.assistant.conversations import Conversations
from zaohua.assistant.prompt import build, fit, sampling_of
from zaohua.assistant.running import Done
from zaohua.assistant.values import ContextNote, Conversation, Message
from zaohua.generate.engine import EngineInfo
from zaohua.generate.failures import ContextExceeded
from zaohua.generate.fake import FakeModels
from zaohua.generate.request import ChatRequest
from zaohua.store.database import Database
from zaohua.text.instructions import CHINESE

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Counter:
    """Counts one token a character and four a message."""

    context: int
    calls: int = 0

    @property
    def info(self) -> EngineInfo:
        return EngineInfo("counter", self.context, 1, "fake")

    async def count_tokens(self, request: ChatRequest) -> int:
        self.calls += 1
        return length(request)


def length(request: ChatRequest) -> int:
    return sum(len(m.content) + 4 for m in request.messages)


def conversation(**given: Any) -> Conversation:
    base = {
        "id": "c", "title": "", "model": "", "system": "", "sampling": {}, "overflow": "compact",
        "collections": [], "memory": True, "scenario": None, "pinned": False, "archived": False,
        "created_at": NOW, "updated_at": NOW,
        "leaf_id": None, "message_count": 0,
    }  # fmt: skip
    return Conversation(**{**base, **given})


def message(number: int, role: Any, content: str, note: ContextNote | None = None) -> Message:
    return Message(
        id=f"m{number}", conversation_id="c", parent_id=f"m{number - 1}" if number else None,
        role=role, content=content, reasoning="secret thoughts", status="complete", model="",
        finish_reason=None, error=None, usage=None, timings=None, cost=None, context_note=note,
        citations=None, claims=None, trace=None, feedback=None, has_tokens=False,
        seq=number, created_at=NOW,
    )  # fmt: skip


def dialogue(turns: int, size: int = 100) -> list[Message]:
    """User and assistant by turns, ended by a user message; all of ``size`` characters."""
    return [
        message(n, "assistant" if n % 2 else "user", f"{n:03}".ljust(size, "x"))
        for n in range(turns * 2 - 1)
    ]


def run(engine: Any, talk: Conversation, branch: list[Message], context: int = 0) -> Any:
    return asyncio.run(fit(engine, talk, branch, context_length=context))


def test_all_is_kept_while_it_fits() -> None:
    engine = Counter(100_000)
    prompt = run(engine, conversation(system="S"), dialogue(5))
    assert prompt.note is None
    assert [m.role for m in prompt.request.messages] == [
        "system",
        *["user", "assistant"] * 4,
        "user",
    ]
    assert all("secret" not in m.content for m in prompt.request.messages)
    assert engine.calls == 0


def test_the_oldest_turns_are_left_out() -> None:
    engine = Counter(2000)
    branch = dialogue(20)
    prompt = run(engine, conversation(system="S"), branch)
    assert prompt.note is not None
    assert prompt.note["left_out"] + prompt.note["kept"] == len(branch)
    assert prompt.note["left_out"] % 2 == 0
    sent = prompt.request.messages
    assert (sent[0].role, sent[0].content) == ("system", "S")
    assert sent[1].role == "user"
    assert sent[-1].content == branch[-1].content
    room = 2000 - 500
    assert 0.4 * room < length(prompt.request) <= 0.6 * room


def test_what_was_left_out_stays_out_until_it_is_too_much_again() -> None:
    engine, talk = Counter(2000), conversation()
    branch = dialogue(9)
    starts: list[int] = []
    for turn in range(20):
        prompt = run(engine, talk, branch)
        assert length(prompt.request) + 500 <= 2000
        starts.append(prompt.note["left_out"] if prompt.note else 0)
        number = len(branch)
        branch += [
            message(number, "assistant", f"answer {turn}".ljust(100), prompt.note),
            message(number + 1, "user", f"question {turn}".ljust(100)),
        ]
    assert starts == sorted(starts)
    assert 4 <= len(set(starts)) <= 8


def test_one_message_that_is_too_long() -> None:
    branch = [*dialogue(3)[:-1], message(4, "user", "x" * 5000)]
    with pytest.raises(ContextExceeded) as caught:
        run(Counter(2000), conversation(), branch)
    assert caught.value.context_length == 2000
    assert caught.value.prompt_tokens == 5004


def test_a_last_message_that_leaves_little_room_is_still_sent() -> None:
    branch = [*dialogue(3)[:-1], message(4, "user", "x" * 1800)]
    prompt = run(Counter(2000), conversation(), branch)
    assert [m.content[:1] for m in prompt.request.messages] == ["x"]
    assert prompt.note == {"left_out": 4, "kept": 1}


def test_max_tokens_is_the_reserve() -> None:
    branch = dialogue(8)
    wide = run(Counter(1700), conversation(sampling={"max_tokens": 5}), branch)
    narrow = run(Counter(1700), conversation(sampling={"max_tokens": 400}), branch)
    assert wide.note is None
    assert narrow.note is not None


def test_an_engine_that_does_not_tell_its_context() -> None:
    branch = dialogue(20)
    assert run(Counter(0), conversation(), branch).note is None
    assert run(Counter(0), conversation(), branch, 2000).note is not None


@given(
    roles=st.lists(st.tuples(st.booleans(), st.integers(0, 300)), min_size=1, max_size=30),
    last=st.integers(1, 300),
    context=st.integers(500, 4000),
)
def test_any_branch_fits_and_alternates(
    roles: list[tuple[bool, int]], last: int, context: int
) -> None:
    branch = [
        message(n, "user" if user else "assistant", "x" * size)
        for n, (user, size) in enumerate(roles)
    ]
    branch.append(message(len(branch), "user", "y" * last))
    prompt = run(Counter(context), conversation(system="S"), branch)
    sent = [m.role for m in prompt.request.messages]
    assert length(prompt.request) < context
    assert sent[0] == "system"
    assert all(a != b for a, b in pairwise(sent))
    assert prompt.request.messages[-1].content.endswith("y" * last)


def test_answers_that_never_came_are_passed_over() -> None:
    branch = [message(0, "user", "a"), message(1, "assistant", ""), message(2, "user", "b")]
    prompt = build(conversation(), branch)
    assert [(m.role, m.content) for m in prompt.request.messages] == [("user", "a\n\nb")]


def test_sampling() -> None:
    assert sampling_of({}).temperature is None
    chosen = sampling_of({"temperature": 0.0, "stop": ["a"], "logprobs": True, "max_tokens": 3})
    assert (chosen.temperature, chosen.stop, chosen.max_tokens) == (0.0, ("a",), 3)
    assert (chosen.logprobs, chosen.top_logprobs) == (True, 5)


async def _last(answers: Answers, name: str) -> Message:
    async for event in answers.follow("me", name):
        if isinstance(event, Done):
            return event.message
    raise AssertionError


async def _talk_until_full(database: Database, overflow: str) -> list[Message]:
    models = FakeModels(context_length=300)
    answers = Answers(database, models)
    talk = Conversations(database).create("me", {"overflow": overflow, "title": "t"}).id
    parent, told = None, []
    for number in range(8):
        _, answer = await answers.ask("me", talk, f"{number} " + "字" * 30, parent)
        told.append(await _last(answers, answer.id))
        parent = answer.id
    await answers.aclose()
    return told


async def test_refuse_says_why(database: Database) -> None:
    told = await _talk_until_full(database, "refuse")
    assert told[-1].status == "failed"
    assert "the context holds 300" in (told[-1].error or "")
    assert all(m.context_note is None for m in told)


async def test_compact_goes_on_with_a_visible_mark(database: Database) -> None:
    told = await _talk_until_full(database, "compact")
    assert all(m.status == "complete" for m in told)
    assert told[0].context_note is None
    assert told[-1].context_note is not None
    assert told[-1].context_note["left_out"] > 0


def test_a_conversation_that_began_in_chinese_is_told_so_in_every_turn() -> None:
    branch = [
        message(0, "user", "请问，如何做好时间管理？"),
        message(1, "assistant", "列出要做的事。"),
        message(2, "user", "Thanks!"),
    ]
    for left_out in (0, 2):
        sent = build(conversation(), branch, left_out).request.messages
        assert (sent[0].role, sent[0].content) == ("system", CHINESE)
    own = build(conversation(system="答得短些。"), branch).request.messages
    assert [m.content for m in own if m.role == "system"] == ["答得短些。"]
    english = build(conversation(), [message(0, "user", "Hello")]).request.messages
    assert [m.role for m in english] == ["user"]
