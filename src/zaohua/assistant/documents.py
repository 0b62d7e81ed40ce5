"""One question to one's documents: a turn of a conversation that is not kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from zaohua.assistant.answers import Answers
from zaohua.assistant.conversations import Conversations
from zaohua.assistant.ids import LOCAL_OWNER
from zaohua.assistant.running import Done
from zaohua.assistant.turn.plan import Plan, Plans
from zaohua.assistant.turn.turn import Resources
from zaohua.assistant.values import Conversation, Message
from zaohua.errors import UsageError
from zaohua.generate.engine import Models
from zaohua.generate.failures import EngineFailed
from zaohua.knowledge import Knowledge, Reader, Shelves
from zaohua.knowledge.shelves import KEPT
from zaohua.store.database import Database

_SAMPLING = {"temperature": 0, "max_tokens": 400}
"""An answer that is held against documents is short and has no fancy."""
_EVERYTHING = Reader(LOCAL_OWNER, everything=True)


@dataclass(frozen=True, slots=True)
class _Strict:
    """Other plans, in which only what the documents bear is shown."""

    plans: Plans

    def of(self, conversation: Conversation) -> Plan:
        return replace(self.plans.of(conversation), grounding="strict")


async def ask_documents(
    question: str,
    collections: Sequence[str],
    *,
    models: Models,
    model: str,
    database: Database,
    knowledge: Knowledge,
    plans: Plans,
) -> Message:
    """The answer to ``question`` with what of the documents bears it; else that they do not.

    Args:
        question: one that stands by itself.
        collections: where to look; all that somebody added if empty.
        models: that answer.
        model: name of the one that is asked.
        database: where documents and, as long as it is asked, the conversation are.
        knowledge: the documents of it.
        plans: of plain conversations, with the guard.

    Raises:
        NotFoundError: there is no such collection.
        UsageError: there are no documents.
        EngineFailed: the answer broke off.
    """
    shelves = Shelves(database)
    chosen = await asyncio.to_thread(chosen_collections, shelves, collections)
    conversations = Conversations(database)
    answers = Answers(database, models, Resources(knowledge, shelves, plans=_Strict(plans)))
    settings = {
        "title": question[:40],
        "model": model,
        "collections": chosen,
        "memory": False,
        "sampling": _SAMPLING,
    }
    chat = (await asyncio.to_thread(conversations.create, LOCAL_OWNER, settings)).id
    try:
        _, opened = await answers.ask(LOCAL_OWNER, chat, question, None)
        async for event in answers.follow(LOCAL_OWNER, opened.id):
            if isinstance(event, Done):
                return _whole(event.message)
        raise AssertionError  # an answer that is followed has an end
    finally:
        await answers.aclose()
        await asyncio.to_thread(conversations.delete, LOCAL_OWNER, chat)


def chosen_collections(shelves: Shelves, collections: Sequence[str]) -> list[str]:
    """Names of the collections that are asked; without a choice those that are no scenario's.

    Raises:
        NotFoundError: there is no such collection.
        UsageError: there are no documents.
    """
    if collections:
        return [shelves.named(name, _EVERYTHING).name for name in collections]
    found = [one.name for one in shelves.readable(_EVERYTHING) if one.owner != KEPT]
    if not found:
        raise UsageError("there are no documents", mend="'zaohua knowledge add PATH' adds some")
    return found


def _whole(message: Message) -> Message:
    if message.status != "complete":
        raise EngineFailed(message.error or "the answer broke off", mend="ask again")
    return message
