"""The group commit: text of all running answers goes to the database together, then to readers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from zaohua.assistant.ledger import append_pieces, close_answer, is_there
from zaohua.assistant.running import Done, Ending, Piece, RunningAnswer
from zaohua.errors import UnavailableError
from zaohua.store.database import Database

log = logging.getLogger(__name__)

_RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class _Entry:
    """What one answer has to write in one commit."""

    answer_id: str
    piece: Piece | None
    text: tuple[str, str] = ("", "")
    ending: Ending | None = None


@dataclass(frozen=True, slots=True)
class _Result:
    """What came of an entry: the end of its answer, or that its message is no longer there."""

    done: Done | None = None
    gone: bool = False


class Journal:
    """Writes answers as they grow: one transaction at most every ``interval`` seconds.

    A first change after a pause is written at once. Nothing reaches a reader before it is
    committed. While the database cannot be written, text waits in memory and is tried again.
    """

    def __init__(self, database: Database, interval: float = 0.04) -> None:
        self._database = database
        self._interval = interval
        self._changed: dict[RunningAnswer, None] = {}
        self._wake = asyncio.Event()
        self._last = 0.0
        self._writer: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "journal")

    def start(self) -> None:
        """Begin to write, in the running event loop."""
        if self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write_on())

    def touch(self, answer: RunningAnswer) -> None:
        """``answer`` has something new to write."""
        self._changed[answer] = None
        self._wake.set()

    async def close(self) -> None:
        """Write what is left, and stop."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.wait({self._writer})
            self._writer = None
        if self._changed:
            await self._flush()
        self._thread.shutdown(wait=False)

    async def _write_on(self) -> None:
        clock = asyncio.get_running_loop().time
        failures = 0
        while True:
            await self._wake.wait()
            await asyncio.sleep(max(0.0, self._last + self._interval - clock()))
            self._last = clock()
            flush = asyncio.ensure_future(self._flush())
            try:
                good = await asyncio.shield(flush)
            except asyncio.CancelledError:
                await flush
                raise
            failures = 0 if good else failures + 1
            if failures:
                await asyncio.sleep(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS)) - 1])

    async def _flush(self) -> bool:
        self._wake.clear()
        loop = asyncio.get_running_loop()
        answers = [answer for answer in self._changed if not answer.closed.is_set()]
        self._changed.clear()
        entries = [_entry(answer) for answer in answers]
        try:
            results = await loop.run_in_executor(self._thread, self._commit, entries)
        except Exception as error:
            log.error(
                "answers cannot be written to the database: %s",
                error,
                exc_info=not isinstance(error, SQLAlchemyError | UnavailableError),
            )
            for answer, entry in zip(answers, entries, strict=True):
                answer.put_back(entry.piece)
                self.touch(answer)
            return False
        for answer, entry, result in zip(answers, entries, results, strict=True):
            if result.gone:
                answer.vanish()
            else:
                answer.publish(entry.piece, result.done)
        return True

    def _commit(self, entries: Sequence[_Entry]) -> list[_Result]:
        """Write all entries in one transaction; if it fails, each in its own.

        Writing an entry again changes nothing, so a half-failed commit can be repeated.
        """
        try:
            with self._database.session() as session:
                return _write(session, entries)
        except SQLAlchemyError:
            if len(entries) == 1:
                if self._is_gone(entries[0].answer_id):
                    return [_Result(gone=True)]
                raise
        return [result for entry in entries for result in self._commit([entry])]

    def _is_gone(self, message_id: str) -> bool:
        with self._database.reading() as session:
            return not is_there(session, message_id)


def _write(session: Session, entries: Sequence[_Entry]) -> list[_Result]:
    append_pieces(session, [(e.answer_id, e.piece) for e in entries if e.piece and not e.ending])
    return [_close(session, entry) for entry in entries]


def _close(session: Session, entry: _Entry) -> _Result:
    if entry.ending is None:
        return _Result()
    done = close_answer(session, entry.answer_id, entry.text, entry.ending)
    return _Result(done, gone=done is None)


def _entry(answer: RunningAnswer) -> _Entry:
    piece = answer.take()
    if answer.ending is None:
        return _Entry(answer.id, piece)
    reasoning, content = answer.text()
    if piece is not None:
        reasoning, content = reasoning + piece.reasoning, content + piece.content
    return _Entry(answer.id, piece, (reasoning, content), answer.ending)
