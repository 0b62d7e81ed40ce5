"""Running answers, which the server owns: readers come and go, the answer goes on."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from zaohua.assistant.allowance import Allowance
from zaohua.assistant.generation import Generation
from zaohua.assistant.journal import Journal
from zaohua.assistant.ledger import Opened, open_question, open_regeneration, recover_answers
from zaohua.assistant.prices import Prices
from zaohua.assistant.records import conversation_value, message_values, own_message
from zaohua.assistant.running import AnswerEvent, Done, Ending, Piece, RunningAnswer
from zaohua.assistant.titles import Titles
from zaohua.assistant.turn.plan import Plans
from zaohua.assistant.turn.turn import NOTHING, Resources, Turn
from zaohua.assistant.values import Message, Status
from zaohua.errors import ZaohuaError
from zaohua.generate.engine import Models
from zaohua.generate.failures import EngineBusy
from zaohua.store.database import Database
from zaohua.store.tables import ConversationRow

log = logging.getLogger(__name__)
T = TypeVar("T")

MAX_RUNNING = 512
_LOOK_AGAIN_SECONDS = 0.5
_LET_GO_SECONDS = 5.0


class Answers:
    """Starts answers, keeps them running, and lets any number of readers follow them.

    Belongs to one event loop. ``commit_interval`` is in seconds. Without ``resources`` a turn
    is the model alone.
    """

    def __init__(
        self,
        database: Database,
        models: Models,
        resources: Resources = NOTHING,
        *,
        commit_interval: float = 0.04,
    ) -> None:
        self._database = database
        self._models = models
        self._resources = resources
        self._prices = Prices(models)
        self._journal = Journal(database, commit_interval)
        self._titles = Titles(database, models, self._is_busy)
        self._running: dict[str, RunningAnswer] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    @property
    def running(self) -> int:
        """How many answers are being written."""
        return len(self._running)

    @property
    def plans(self) -> Plans:
        """How its turns go."""
        return self._resources.plans

    async def recover(self) -> int:
        """Mark answers that an earlier process left running as interrupted; how many there were."""
        writing = list(self._running)
        return await self._write(lambda session: recover_answers(session, writing))

    async def ask(
        self,
        owner: str,
        conversation_id: str,
        content: str,
        parent_id: str | None = None,
        *,
        allowance: Allowance | None = None,
    ) -> tuple[Message, Message]:
        """Commit a user message under ``parent_id`` and its answer, and start the answer.

        Raises:
            NotFoundError: no such conversation of ``owner``.
            UsageError: ``parent_id`` is not a finished message of it.
            EngineBusy: too many answers are running, or it would wait too long for its turn.
        """
        asked, model = time.monotonic(), self._models.default
        opened = await self._open(
            lambda session: open_question(
                session, owner, conversation_id, content, parent_id, default_model=model
            ),
            owner,
        )
        self._start(owner, opened, asked, allowance)
        return opened.user, opened.assistant

    async def regenerate(
        self, owner: str, message_id: str, *, allowance: Allowance | None = None
    ) -> Message:
        """Commit and start another answer to a user message, or beside an assistant message.

        Raises:
            NotFoundError: no such message of ``owner``.
            UsageError: an assistant message that answers nothing.
            EngineBusy: too many answers are running, or it would wait too long for its turn.
        """
        asked, model = time.monotonic(), self._models.default
        opened = await self._open(
            lambda session: open_regeneration(session, owner, message_id, default_model=model),
            owner,
        )
        self._start(owner, opened, asked, allowance)
        return opened.assistant

    async def follow(
        self, owner: str, message_id: str, after: int = 0
    ) -> AsyncIterator[AnswerEvent]:
        """The text of a message from position ``after`` on, and its end, as it comes.

        Works for finished messages, too. Leaving does not stop the answer.

        Raises:
            NotFoundError: no such message of ``owner`` (before the first event).
        """
        while True:
            answer = self._running.get(message_id)
            if answer is not None and answer.owner == owner:
                async for event in answer.follow(after):
                    yield event
                return
            done = await self._read(lambda session: _as_done(session, owner, message_id))
            whole = Piece(0, done.message.reasoning, done.message.content).after(after)
            if whole.end > after:
                after = whole.end
                yield whole
            if done.message.status != "running":
                yield done
                return
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def stop(self, owner: str, message_id: str) -> Message:
        """End an answer and keep its text; a finished one stays as it is.

        Raises:
            NotFoundError: no such message of ``owner``.
        """
        answer = self._running.get(message_id)
        if answer is not None and answer.owner == owner:
            await self._end([answer], "stopped")
        return (await self._read(lambda session: _as_done(session, owner, message_id))).message

    async def stop_all(self, owner: str, conversation_id: str) -> None:
        """End all answers of a conversation of ``owner``."""
        theirs = [
            answer
            for answer in self._running.values()
            if answer.conversation_id == conversation_id and answer.owner == owner
        ]
        await self._end(theirs, "stopped")

    async def make_title(self, owner: str, conversation_id: str) -> None:
        """Ask the model for a title of a conversation now.

        Raises:
            NotFoundError: no such conversation of ``owner``.
            UsageError: nothing has been answered in it.
            UnavailableError: the model does not answer.
        """
        await self._titles.make(owner, conversation_id)

    async def aclose(self) -> None:
        """End all answers as interrupted, their text kept, and stop writing."""
        self._closing = True
        await self._titles.aclose()
        await self._end(list(self._running.values()), "interrupted", seconds=_LET_GO_SECONDS)
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=_LET_GO_SECONDS)
            for task in late:
                task.cancel()
        await self._journal.close()

    def _is_busy(self, model: str) -> bool:
        return any(answer.model == model for answer in self._running.values())

    async def _open(self, work: Callable[[Session], Opened], owner: str) -> Opened:
        """What ``work`` opens, unless its model is too busy: then nothing of it is kept."""
        if self._closing or len(self._running) >= MAX_RUNNING:
            raise EngineBusy("too many answers are being written")
        turnstiles = self._models.turnstiles()
        refusals = {model: gate.refusal(gate.newcomer(owner)) for model, gate in turnstiles.items()}

        def open_and_learn(session: Session) -> Opened:
            opened = work(session)
            if busy := refusals.get(opened.assistant.model):
                turnstiles[opened.assistant.model].records[False].refused += 1
                raise busy
            self._prices.learn(opened.assistant.model)
            return opened

        return await self._write(open_and_learn)

    def _start(self, owner: str, opened: Opened, asked: float, allowance: Allowance | None) -> None:
        answer = RunningAnswer(
            id=opened.assistant.id,
            conversation_id=opened.conversation.id,
            owner=owner,
            model=opened.assistant.model,
            asked=asked,
        )
        self._running[answer.id] = answer
        self._journal.start()
        self._titles.give_way(answer.model)
        task = asyncio.create_task(self._run(answer, opened, allowance))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(
        self, answer: RunningAnswer, opened: Opened, allowance: Allowance | None
    ) -> None:
        generation = Generation(
            self._models,
            self._prices,
            answer,
            opened,
            Turn(self._resources, answer.owner, opened),
            touch=self._journal.touch,
            allowance=allowance,
        )
        work = asyncio.create_task(generation.run())
        stop = asyncio.create_task(answer.stop_asked.wait())
        try:
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            ending = work.result() if work.done() else generation.ending(answer.stop_status)
            await self._finish(answer, ending)
        finally:
            stop.cancel()
            await _let_go(work)
            generation.settle()
        if answer.done is not None and ending.status == "complete":
            self._titles.want(answer.owner, answer.conversation_id, answer.model)
            await self._learn(answer, opened)

    async def _learn(self, answer: RunningAnswer, opened: Opened) -> None:
        """Remember what the user said of themselves, now that nobody waits."""
        memory = self._resources.memory
        if memory is None:
            return
        try:
            question, said = opened.user, answer.text()[1]
            await memory.learn(None, answer.owner, question.content, said, question.id)
        except ZaohuaError as error:
            log.warning("nothing was learned from a turn: %s", error.line())

    async def _finish(self, answer: RunningAnswer, ending: Ending) -> None:
        answer.ending = ending
        self._journal.touch(answer)
        await answer.closed.wait()
        del self._running[answer.id]
        self._titles.look_again()

    async def _end(
        self, answers: Iterable[RunningAnswer], status: Status, seconds: float | None = None
    ) -> None:
        waits = []
        for answer in answers:
            answer.stop_status = status
            answer.stop_asked.set()
            waits.append(asyncio.ensure_future(answer.closed.wait()))
        if waits:
            _, late = await asyncio.wait(waits, timeout=seconds)
            for wait in late:
                wait.cancel()

    async def _read(self, work: Callable[[Session], T]) -> T:
        return await asyncio.to_thread(self._in_session, self._database.reading, work)

    async def _write(self, work: Callable[[Session], T]) -> T:
        return await asyncio.to_thread(self._in_session, self._database.session, work)

    @staticmethod
    def _in_session(session: Callable[[], Any], work: Callable[[Session], T]) -> T:
        with session() as opened:
            return work(opened)


async def _let_go(work: asyncio.Task[Any]) -> None:
    """Cancel a generation and wait until its engine is free, but not for ever."""
    work.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await asyncio.wait({work}, timeout=_LET_GO_SECONDS)


def _as_done(session: Session, owner: str, message_id: str) -> Done:
    row = own_message(session, owner, message_id)
    conversation = session.get_one(ConversationRow, row.conversation_id)
    [message] = message_values(session, [row])
    return Done(message, conversation_value(session, conversation))
