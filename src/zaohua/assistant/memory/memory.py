"""The memory: learned from turns, recalled for questions, seen and changed by its owner."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from zaohua.assistant.memory.accepting import written
from zaohua.assistant.memory.asking import claims_by_model
from zaohua.assistant.memory.decay import FADED, weight
from zaohua.assistant.memory.embedding import embed_missing
from zaohua.assistant.memory.keeping import (
    drop,
    is_enabled,
    keep,
    memories,
    own_memory,
    remembered,
    supersede,
    values,
)
from zaohua.assistant.memory.kinds import KINDS, NOTE, key_of
from zaohua.assistant.memory.learning import learn_from, learn_more
from zaohua.assistant.memory.recalling import candidate, in_order, nearest, within
from zaohua.assistant.memory.replies import forget_everything, reply_to
from zaohua.assistant.memory.rules import claims_in
from zaohua.assistant.memory.values import Learned, Remembered, Reply
from zaohua.errors import UsageError, ZaohuaError
from zaohua.generate.engine import Embedder, Engine
from zaohua.store.database import Database
from zaohua.store.tables import MemoryRow, MemorySwitchRow, now

log = logging.getLogger(__name__)

BUDGET = 200
"""Tokens that go with a question at most, by estimate."""
_DAY = timedelta(days=1)
_LONGEST_QUESTION = 2000  # its end is what is asked


class Memory:
    """What is known of each owner, in a database.

    What is not ``async`` blocks: call it from worker threads. Every call names the owner; the
    facts of others are never seen.

    Args:
        database: migrated.
        embedder: makes the vectors of facts and questions.

    Raises everywhere:
        NotFoundError: no such memory or message of that owner.
    """

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder

    async def learn(
        self,
        engine: Engine | None,
        owner: str,
        question: str,
        answer: str,
        message_id: str | None,
    ) -> Learned:
        """Learn from a turn when its answer is complete.

        A message is learned from once, whatever becomes of the facts; one of a conversation whose
        ``memory`` is off never is.

        Args:
            engine: asked where rules find nothing; None for rules alone.
            owner: who said it.
            question: what they said.
            answer: what the assistant said.
            message_id: of the question or of its answer; None if neither is kept.
        """
        found = claims_in(question)
        learned = await asyncio.to_thread(
            learn_from, self._database, owner, question, message_id, found
        )
        if learned is None:
            return Learned()
        if engine is not None and learned == Learned():
            claims = await claims_by_model(engine, question)
            learned = await asyncio.to_thread(learn_more, self._database, owner, message_id, claims)
        try:
            await self.embed(owner)
        except ZaohuaError as error:
            log.warning("what was learned is found by words alone: %s", error.line())
        return learned

    async def recall(
        self,
        owner: str,
        question: str,
        limit: int = 5,
        *,
        budget: int = BUDGET,
        vector: Sequence[float] | None = None,
    ) -> list[Remembered]:
        """What goes with a question: standing facts, and up to ``limit`` that are near it.

        Standing ones come first, then the others by age, so that equal facts make equal prompts.

        Args:
            owner: who asks.
            question: what is asked.
            limit: facts beside the standing ones.
            budget: tokens of all, by estimate; standing ones take theirs first.
            vector: of the question, if it was made before.
        """
        rows = await asyncio.to_thread(self._alive, owner)
        standing = in_order([row for row in rows if KINDS[row.kind].standing])
        others = [row for row in rows if not KINDS[row.kind].standing]
        near: list[MemoryRow] = []
        if others and limit and (asked := question.strip()[-_LONGEST_QUESTION:]):
            vector = vector if vector is not None else await self._vector(asked)
            at, model = now(), self._embedder.model
            candidates = [candidate(row, weight(row, at), model) for row in others]
            near = [one.row for one in nearest(asked, vector, candidates, limit)]
        chosen = in_order(within([*standing, *near], budget))
        await asyncio.to_thread(self._used, chosen)
        return list(values(chosen))

    async def reply(self, owner: str, question: str, message_id: str | None = None) -> Reply | None:
        """The answer to what is asked of the memory itself, exact; None if that is not asked.

        "What do you remember of me?", "Remember: ...", "Forget ...", when the message is nothing
        else. What it says is done. To forget everything it asks back first.
        """
        return await asyncio.to_thread(reply_to, self._database, owner, question, message_id)

    async def embed(self, owner: str) -> int:
        """Make the vectors that are missing; how many were made. Found by words until then."""
        return await embed_missing(self._database, self._embedder, owner)

    def history(self, owner: str) -> list[Remembered]:
        """All facts, with those that hold no longer, the oldest first."""
        with self._database.reading() as session:
            rows = memories(session, owner, ended=True)
            return list(values(sorted(rows, key=lambda row: (row.created_at, row.id))))

    def get(self, owner: str, memory_id: str) -> Remembered:
        """One fact."""
        with self._database.reading() as session:
            return remembered(own_memory(session, owner, memory_id), now())

    def add(self, owner: str, text: str, kind: str = NOTE) -> Remembered:
        """Remember exactly ``text``, also while the memory is off; it does not fade.

        Raises:
            UsageError: there is no such kind, the text is none, or it tells a secret, or the
                memory is full.
        """
        claim = written(text, kind)
        with self._database.session() as session:
            kept = keep(session, owner, [claim], None)
            if kept.full:
                raise UsageError("the memory is full", mend="forget something first")
            key = key_of(claim.kind, claim.value)
            held = next(row for row in memories(session, owner) if row.key == key)
            return remembered(held, now())

    def edit(
        self, owner: str, memory_id: str, text: str | None = None, kind: str | None = None
    ) -> Remembered:
        """Change a fact to exactly ``text``; it does not fade any more.

        Raises:
            UsageError: as `add`.
        """
        with self._database.session() as session:
            row = own_memory(session, owner, memory_id)
            claim = written(row.text if text is None else text, row.kind if kind is None else kind)
            row.text, row.kind, row.value = claim.text, claim.kind, claim.value
            row.language, row.explicit, row.vector = claim.language, True, None
            row.key = key_of(claim.kind, claim.value)
            if row.ended_at is None:
                for other in memories(session, owner):
                    if other.key == row.key and other.id != row.id:
                        supersede(other, row.id)
            session.flush()
            changed = remembered(row, now())
        self._database.scrub()
        return changed

    def forget(self, owner: str, memory_id: str) -> Remembered:
        """Delete a fact for good; what it was."""
        with self._database.session() as session:
            row = own_memory(session, owner, memory_id)
            gone = remembered(row, now())
            drop(session, [row])
        self._database.scrub()
        return gone

    def forget_all(self, owner: str) -> tuple[Remembered, ...]:
        """Delete everything of an owner for good, history too; what it was."""
        return forget_everything(self._database, owner)

    def enabled(self, owner: str) -> bool:
        """Whether the assistant learns of an owner and recalls."""
        with self._database.reading() as session:
            return is_enabled(session, owner)

    def switch(self, owner: str, on: bool) -> None:
        """Turn learning and recall on or off; what is remembered stays."""
        with self._database.session() as session:
            session.merge(MemorySwitchRow(owner=owner, enabled=on))

    def export(self, owner: str) -> dict[str, Any]:
        """All that is known of an owner, with its history."""
        from dataclasses import asdict

        memories = [asdict(fact) for fact in self.history(owner)]
        return {"owner": owner, "on": self.enabled(owner), "memories": memories}

    async def _vector(self, question: str) -> list[float] | None:
        """That of a question; None if the embedder fails: then words alone find."""
        try:
            return (await self._embedder.embed([question], query=True))[0]
        except ZaohuaError as error:
            log.warning("memories are found by words alone: %s", error.line())
            return None

    def _alive(self, owner: str) -> list[MemoryRow]:
        """The facts that may be recalled."""
        with self._database.reading() as session:
            if not is_enabled(session, owner):
                return []
            at = now()
            rows = memories(session, owner, vectors=True)
            return [row for row in rows if weight(row, at) >= FADED]

    def _used(self, rows: Sequence[MemoryRow]) -> None:
        """Count a day of use; most questions write nothing."""
        at = now()
        ids = [row.id for row in rows if _last(row) <= at - _DAY]
        if ids:
            with self._database.session() as session:
                used = {"used_at": at, "uses": MemoryRow.uses + 1}
                session.execute(update(MemoryRow).where(MemoryRow.id.in_(ids)).values(used))

    def list(self, owner: str) -> list[Remembered]:
        """The facts that hold, faded ones too, by kind and age."""
        with self._database.reading() as session:
            return list(values(memories(session, owner)))


def _last(row: MemoryRow) -> datetime:
    return row.used_at or row.created_at - _DAY
