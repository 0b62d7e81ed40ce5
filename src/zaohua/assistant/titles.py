"""Titles of conversations, asked from the model when nobody else needs it."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy.orm import Session

from zaohua.assistant.records import branch_rows, own_conversation
from zaohua.assistant.search import index_title
from zaohua.assistant.turn.guarding import was_refused
from zaohua.errors import NotFoundError, UsageError, ZaohuaError
from zaohua.generate.engine import Models
from zaohua.generate.events import Chunk
from zaohua.generate.request import ChatRequest, Message, Sampling
from zaohua.store.database import Database
from zaohua.text.instructions import is_chinese
from zaohua.text.personal import masked
from zaohua.text.wholesome import storable

log = logging.getLogger(__name__)

MAX_CHINESE = 24
MAX_WORDS = 6
SHORT_CHINESE = 8
SHORT_WORDS = 4
_MAX_CHARACTERS = 60
_QUESTION, _ANSWER = 400, 300
_PATIENCE_SECONDS = 600.0
_GENERATE_SECONDS = 60.0

_ASK_CHINESE = "用不超过十二个字概括下面对话的主题，作为标题。只写标题，不要标点，不要解释。"
_ASK_ENGLISH = (
    "Name the topic of the conversation below in at most six words, as a title. "
    "Write the title only, no punctuation, no explanation."
)
_LABEL = re.compile(r"^(?:标题|题目|主题|title|topic)[\s*]*[:：]", re.IGNORECASE)
_EDGES = " \t\"'`*#_“”‘’「」『』《》【】<>[]().,;:!?。，；：！？、…-"


@dataclass(frozen=True, slots=True)
class _Exchange:
    """The first question of a conversation and its answer."""

    question: str
    answer: str
    model: str


class Titles:
    """Makes titles in the background; ``is_busy`` tells whether a model is answering somebody.

    A title that is being made gives way to an answer on the same model and is made later.
    """

    def __init__(self, database: Database, models: Models, is_busy: Callable[[str], bool]) -> None:
        self._database = database
        self._models = models
        self._is_busy = is_busy
        self._waiting: dict[str, asyncio.Task[None]] = {}
        self._freed = asyncio.Event()
        self._asking: dict[asyncio.Task[str], str] = {}

    def want(self, owner: str, conversation_id: str, model: str) -> None:
        """Make a title for the conversation soon, unless it has one that a person or model gave."""
        if conversation_id in self._waiting:
            return
        task = asyncio.create_task(self._make_later(owner, conversation_id, model))
        self._waiting[conversation_id] = task
        task.add_done_callback(lambda _: self._waiting.pop(conversation_id, None))

    def give_way(self, model: str) -> None:
        """Stop asking ``model`` for titles: somebody wants an answer from it."""
        for task, asked in list(self._asking.items()):
            if asked == model:
                task.cancel()

    def look_again(self) -> None:
        """An answer has ended: a model may be free."""
        self._freed.set()

    async def make(self, owner: str, conversation_id: str) -> None:
        """Ask the model now, whoever gave the title before.

        Raises:
            NotFoundError: no such conversation of ``owner``.
            UsageError: nothing has been answered in it.
            ZaohuaError: the model does not answer.
        """
        exchange = await asyncio.to_thread(self._exchange, owner, conversation_id)
        title = await self._ask(exchange, batch=False)
        if title:
            await asyncio.to_thread(self._keep, owner, conversation_id, title, only_untitled=False)

    async def aclose(self) -> None:
        """Forget the titles that are still wanted."""
        tasks = list(self._waiting.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _make_later(self, owner: str, conversation_id: str, model: str) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._make_when_idle(owner, conversation_id, model)
        except (ZaohuaError, TimeoutError) as error:
            log.info("no title was made: %s", error or "the model was never idle")
        except Exception:
            log.exception("making a title failed")

    async def _make_when_idle(self, owner: str, conversation_id: str, model: str) -> None:
        if await asyncio.to_thread(self._is_titled, owner, conversation_id):
            return
        exchange = await asyncio.to_thread(self._exchange, owner, conversation_id)
        if is_short(exchange.question):
            return
        title: str | None = None
        while title is None:
            while self._is_busy(model):
                self._freed.clear()
                await self._freed.wait()
            title = await self._ask_unless_wanted(exchange, model)
        if title:
            await asyncio.to_thread(self._keep, owner, conversation_id, title, only_untitled=True)

    async def _ask_unless_wanted(self, exchange: _Exchange, model: str) -> str | None:
        """The title; None if it had to give way."""
        task = asyncio.create_task(self._ask(exchange, batch=True))
        self._asking[task] = model
        try:
            await asyncio.wait({task})
            return None if task.cancelled() else task.result()
        finally:
            task.cancel()
            del self._asking[task]

    async def _ask(self, exchange: _Exchange, *, batch: bool) -> str:
        said: list[str] = []
        async with asyncio.timeout(_GENERATE_SECONDS), self._models.use(exchange.model) as engine:
            local = engine.info.kind != "openai"
            request = replace(_request(exchange, local=local), batch=batch)
            async with aclosing(cast(Any, engine.chat(request))) as events:
                async for event in events:
                    if isinstance(event, Chunk):
                        said.append(event.text)
        return clean_title("".join(said))

    def _exchange(self, owner: str, conversation_id: str) -> _Exchange:
        with self._database.reading() as session:
            conversation = own_conversation(session, owner, conversation_id)
            branch = branch_rows(session, conversation.leaf_id or "")
            told = [m for m in branch if m.content and not was_refused(m.trace)]
            answer = next((m for m in told if m.role == "assistant"), None)
            question = next((m for m in branch if answer and m.id == answer.parent_id), None)
            if question is None or answer is None:
                raise UsageError("there is no answer yet to make a title from")
            return _Exchange(question.content, answer.content, answer.model)

    def _is_titled(self, owner: str, conversation_id: str) -> bool:
        with self._database.reading() as session:
            return _is_titled(session, owner, conversation_id)

    def _keep(self, owner: str, conversation_id: str, title: str, *, only_untitled: bool) -> None:
        with self._database.session() as session:
            if only_untitled and _is_titled(session, owner, conversation_id):
                return
            conversation = own_conversation(session, owner, conversation_id, lock=True)
            conversation.title = title
            conversation.titled_by = "model"
            index_title(session, conversation)


def is_short(question: str) -> bool:
    """Whether its own words, the title until there is another, say it better than a model would."""
    if is_chinese(question):
        return len(question.strip(_EDGES)) <= SHORT_CHINESE
    return len(question.split()) <= SHORT_WORDS


def clean_title(said: str) -> str:
    """What a model said, as a title: one line, no label, quotes or closing mark, not too long."""
    spoken = re.sub(r"<think>.*?(</think>|$)", "", storable(said), flags=re.DOTALL)
    lines = [line for line in spoken.splitlines() if line.strip(_EDGES)]
    if not lines:
        return ""
    title = _LABEL.sub("", lines[0].strip(_EDGES), count=1).strip(_EDGES)
    title = " ".join(title.split())
    if is_chinese(title):
        return title[:MAX_CHINESE].rstrip(_EDGES)
    return " ".join(title.split(" ")[:MAX_WORDS])[:_MAX_CHARACTERS].rstrip(_EDGES)


def _is_titled(session: Session, owner: str, conversation_id: str) -> bool:
    try:
        return bool(own_conversation(session, owner, conversation_id).titled_by)
    except NotFoundError:
        return True


def _request(exchange: _Exchange, *, local: bool) -> ChatRequest:
    """What the model is asked; a ``local`` one that can think first is told not to."""
    chinese = is_chinese(exchange.question)
    ask = _ASK_CHINESE if chinese else _ASK_ENGLISH
    question = masked(exchange.question[:_QUESTION], chinese)
    answer = masked(exchange.answer[:_ANSWER], chinese)
    talk = f"问：{question}\n答：{answer}" if chinese else f"Q: {question}\nA: {answer}"
    return ChatRequest(
        messages=(Message("user", f"{ask}\n\n{talk}"),),
        sampling=Sampling(max_tokens=32, temperature=0.0),
        template_args={"enable_thinking": False} if local else {},
    )
