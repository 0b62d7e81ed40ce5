"""Turns with a plan, over an engine that keeps what it was asked."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.service.conftest import HashEmbedder
from zaohua.assistant.answers import Answers
from zaohua.assistant.conversations import Conversations
from zaohua.assistant.ids import LOCAL_OWNER
from zaohua.assistant.running import Done
from zaohua.assistant.tools.tickets import Tickets
from zaohua.assistant.turn.plan import Plan
from zaohua.assistant.turn.turn import Resources
from zaohua.assistant.values import Conversation
from zaohua.assistant.values import Message as ChatMessage
from zaohua.errors import NotFoundError
from zaohua.generate.events import Event
from zaohua.generate.fake import FakeEngine, FakeModels
from zaohua.generate.request import ChatRequest, Message
from zaohua.knowledge import Knowledge
from zaohua.knowledge.graph import Graph
from zaohua.safety import Guard, load_policy
from zaohua.store.database import Database


class RecordingEngine(FakeEngine):
    """Keeps the requests, those for titles apart; ``says`` is its answer to all others."""

    def __init__(self) -> None:
        super().__init__("fake")
        self.requests: list[ChatRequest] = []
        self.titles: list[ChatRequest] = []
        self.says = ""

    def chat(self, request: ChatRequest) -> AsyncGenerator[Event]:
        (self.titles if request.batch else self.requests).append(request)
        if self.says and not request.batch:
            request = replace(request, messages=(Message("user", self.says),))
        return super().chat(request)

    def of(self, parameters: int) -> None:
        """Let it say how large it is."""
        self._info = replace(self._info, parameters=parameters)

    @property
    def read(self) -> str:
        """All that it ever got."""
        return "\n".join(m.content for r in (*self.requests, *self.titles) for m in r.messages)


@dataclass
class Plans:
    """The plan of all conversations; None: it is gone."""

    plan: Plan | None = field(default_factory=Plan)

    def of(self, conversation: Conversation) -> Plan:
        if self.plan is None:
            raise NotFoundError("the scenario is gone")
        return self.plan


class Talk:
    """Asks, and gives the finished answers."""

    def __init__(self, database: Database, knowledge: Knowledge) -> None:
        models = FakeModels("fake")
        self.engine = models.engines["fake"] = RecordingEngine()
        self.plans = Plans()
        self.knowledge = knowledge
        self.graph = Graph(database)
        self.tickets = Tickets(database)
        self.store = Conversations(database)
        resources = Resources(knowledge, plans=self.plans, graph=self.graph, tickets=self.tickets)
        self.answers = Answers(database, models, resources)

    def plan(self, **parts: Any) -> None:
        self.plans.plan = Plan(**parts)

    async def ask(
        self, content: str, parent: ChatMessage | None = None, **settings: Any
    ) -> ChatMessage:
        chat = parent.conversation_id if parent else self.store.create(LOCAL_OWNER, settings).id
        _, answer = await self.answers.ask(
            LOCAL_OWNER, chat, content, parent.id if parent else None
        )
        return await self.end(answer)

    async def end(self, answer: ChatMessage) -> ChatMessage:
        async for event in self.answers.follow(LOCAL_OWNER, answer.id):
            if isinstance(event, Done):
                return event.message
        raise AssertionError("no end came")


@pytest.fixture
def knowledge(sqlite: Database) -> Knowledge:
    return Knowledge(sqlite, HashEmbedder())


@pytest.fixture
async def talk(sqlite: Database, knowledge: Knowledge) -> AsyncIterator[Talk]:
    made = Talk(sqlite, knowledge)
    yield made
    await made.answers.aclose()


@pytest.fixture(scope="session")
def guard() -> Guard:
    return Guard(load_policy())


def add(knowledge: Knowledge, folder: Path, name: str, text: str, collection: str) -> None:
    (folder / name).write_text(text, "utf-8")
    knowledge.add([folder / name], collection)


def steps(message: ChatMessage) -> list[str]:
    return [line["step"] for line in message.trace or ()]


def details(message: ChatMessage, step: str) -> dict[str, Any]:
    return next(line["details"] for line in message.trace or () if line["step"] == step)
