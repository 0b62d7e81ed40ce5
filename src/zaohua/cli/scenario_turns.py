"""``zaohua chat --scenario``: the answers of the terminal through the turn, with a pack."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from zaohua.assistant.answers import Answers
from zaohua.assistant.conversations import Conversations
from zaohua.assistant.ids import LOCAL_OWNER
from zaohua.assistant.ledger import close_answer, open_question
from zaohua.assistant.running import Done, Ending, Piece
from zaohua.assistant.scenarios import Pack, packs
from zaohua.assistant.scenarios.plans import PackPlans, conversation_defaults
from zaohua.assistant.tools import ToolEnded, ToolResult
from zaohua.assistant.tools.tickets import Tickets
from zaohua.assistant.turn.plan import plain_plans
from zaohua.assistant.turn.turn import Resources
from zaohua.assistant.values import Message, SamplingChoice
from zaohua.cli.bars import RichProgress
from zaohua.generate.e5 import passage_embedder
from zaohua.generate.events import Chunk, Event, Finished, Usage
from zaohua.generate.failures import EngineFailed
from zaohua.generate.request import ChatRequest, ToolCall
from zaohua.knowledge import Knowledge, Shelves
from zaohua.knowledge.graph import Graph
from zaohua.settings import load_settings
from zaohua.store.database import Database
from zaohua.text.instructions import default_instructions

if TYPE_CHECKING:
    from zaohua.cli.tools import Answering
    from zaohua.generate.engine import Engine, Models


_RULE = "\n\n—\n"
"""Between an answer and its notice, which no model is told later."""


@asynccontextmanager
async def answering_in(models: Models, name: str) -> AsyncIterator[Answering]:
    """What gives the events of an answer in the scenario ``name``, over this home's database.

    Raises:
        NotFoundError, UsageError: there is no such scenario, or it is broken.
    """
    settings = load_settings()
    found = packs(settings)
    pack = found.get(name)
    database = await asyncio.to_thread(Database, settings.resolved_database_url)
    try:
        await asyncio.to_thread(database.migrate)
        knowledge = Knowledge(database, passage_embedder(settings.threads))
        shelves = Shelves(database)
        plain = plain_plans(settings)
        plans = PackPlans(found, knowledge, shelves, database, home=settings.home, plain=plain)
        await asyncio.to_thread(plans.prepare, name)
        with RichProgress() as progress:
            await knowledge.embed(progress)
        resources = Resources(
            knowledge,
            shelves,
            plans=plans,
            graph=Graph(database),
            tickets=Tickets(database),
        )
        answers = Answers(database, models, resources)
        try:
            yield _Turns(answers, database, pack).answer
        finally:
            await answers.aclose()
    finally:
        database.close()


@dataclass(frozen=True, slots=True)
class _Turns:
    """Each answer is one turn of a conversation that is written anew for it and not kept."""

    answers: Answers
    database: Database
    pack: Pack

    async def answer(
        self, engine: Engine, request: ChatRequest
    ) -> AsyncGenerator[Event | ToolEnded]:
        """The events of the answer to the last message of ``request``; then its sources."""
        chat, parent = await asyncio.to_thread(self._written, engine.info.model, request)
        question = request.messages[-1].content
        try:
            _, answer = await self.answers.ask(LOCAL_OWNER, chat, question, parent)
            async for event in self.answers.follow(LOCAL_OWNER, answer.id):
                if isinstance(event, Piece):
                    yield Chunk(text=event.content, reasoning=event.reasoning)
                elif isinstance(event, Done):
                    for last in _ended(event.message):
                        yield last
                else:
                    yield event
        finally:
            await self.answers.stop_all(LOCAL_OWNER, chat)
            await asyncio.to_thread(Conversations(self.database).delete, LOCAL_OWNER, chat)

    def _written(self, model: str, request: ChatRequest) -> tuple[str, str | None]:
        """A conversation with what was said so far, and the last message of it."""
        spoken = [message for message in request.messages if message.role != "system"]
        told = "".join(m.content for m in request.messages if m.role == "system")
        settings = conversation_defaults(self.pack)
        settings |= {
            "title": self.pack.name,
            "model": model,
            "system": "" if told == default_instructions(spoken[0].content) else told,
            "sampling": settings["sampling"] | _chosen(request),
            "memory": False,
        }
        chat = Conversations(self.database).create(LOCAL_OWNER, settings).id
        parent: str | None = None
        with self.database.session() as session:
            for asked, said in zip(spoken[:-1:2], spoken[1::2], strict=False):
                opened = open_question(
                    session, LOCAL_OWNER, chat, asked.content, parent, default_model=model
                )
                parent = opened.assistant.id
                content = said.content.partition(_RULE)[0]
                close_answer(session, parent, ("", content), Ending("complete"))
        return chat, parent


def _chosen(request: ChatRequest) -> dict[str, Any]:
    """The sampling that was asked for in so many words."""
    given = asdict(request.sampling)
    known = {name: given[name] for name in SamplingChoice.__annotations__ if given.get(name)}
    if given["temperature"] is not None:
        known["temperature"] = given["temperature"]
    return known | ({"stop": list(given["stop"])} if given["stop"] else {})


def _ended(message: Message) -> list[Event | ToolEnded]:
    """The end of an answer, after its notice and the sources that it stands on.

    Raises:
        EngineFailed: it broke off.
    """
    if message.status != "complete":
        raise EngineFailed(message.error or "the answer broke off", mend="ask again")
    usage = message.usage
    counts = Usage(usage["prompt_tokens"], usage["completion_tokens"]) if usage else Usage()
    cited = [one for one in message.citations or () if one["cited"]]
    sources = [ToolCall("", f"[{one['number']}]", "") for one in cited]
    told = [" › ".join(dict.fromkeys((one["source"], *one["headings"]))) for one in cited]
    ends = [ToolEnded(ToolResult(*one)) for one in zip(sources, told, strict=True)]
    under = f"{_RULE}{message.notice}" if message.notice else ""
    return [Chunk(text=under), *ends, Chunk(finish_reason="stop"), Finished(counts)]
