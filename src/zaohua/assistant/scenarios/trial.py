"""Packs tried with a model: their cases asked through the turn, then of the model alone, judged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from zaohua.assistant.answers import Answers
from zaohua.assistant.conversations import Conversations
from zaohua.assistant.scenarios.asking import Asking, sampling_of
from zaohua.assistant.scenarios.cases import Case, read_cases
from zaohua.assistant.scenarios.journal import Journal, journal_of
from zaohua.assistant.scenarios.judging import Said
from zaohua.assistant.scenarios.pack import LANGUAGES, Language, Pack
from zaohua.assistant.scenarios.packs import Packs
from zaohua.assistant.scenarios.plans import PackPlans
from zaohua.assistant.scenarios.scoring import Judged, Tried, judged
from zaohua.assistant.scenarios.shelving import shelve
from zaohua.assistant.tools.tickets import Tickets
from zaohua.assistant.turn.turn import Resources
from zaohua.errors import UsageError
from zaohua.generate.engine import Embedder, Engine, Models
from zaohua.generate.many import in_order
from zaohua.knowledge import Knowledge, Shelves
from zaohua.knowledge.graph import Graph
from zaohua.problems import nearest
from zaohua.progress import Progress, Silent
from zaohua.store.database import Database

PARALLEL: Final = 4
"""Cases at a time where the engine does not tell its slots."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which cases are asked, and of whom.

    Attributes:
        languages: of the cases.
        kind: only this kind; empty: all.
        limit: so many cases of each language; 0: all.
        without: whether the model alone is asked, too.
        held_out: whether those are asked by which a pack is not tuned.
    """

    languages: Sequence[Language] = LANGUAGES
    kind: str = ""
    limit: int = 0
    without: bool = True
    held_out: bool = True

    def of(self, pack: Pack) -> list[Case]:
        """The cases of a pack that are asked.

        Raises:
            UsageError: there are none, or they are wrong.
        """
        cases = read_cases(pack, self.languages)
        kinds = sorted({case.spec.kind for case in cases})
        if self.kind and kinds and self.kind not in kinds:
            raise UsageError(
                f"there are no cases of kind '{self.kind}' in '{pack.name}'",
                mend=nearest(self.kind, kinds),
            )
        found = []
        for language in self.languages:
            here = [case for case in cases if case.language == language]
            here = [case for case in here if self.kind in ("", case.spec.kind)]
            here = [case for case in here if self.held_out or not case.spec.held_out]
            found += here[: self.limit or None]
        if not found:
            raise UsageError("the scenario has no cases", where=str(pack.folder / "cases"))
        return found


EVERYTHING: Final = Choice()


async def try_packs(
    found: Sequence[Pack],
    packs: Packs,
    models: Models,
    embedder: Embedder,
    work: Path,
    *,
    model: str = "",
    choice: Choice = EVERYTHING,
    progress: Progress | None = None,
) -> list[Tried]:
    """Ask a model the cases of packs and judge what it says.

    Args:
        found: the packs.
        packs: where they are from.
        models: the model is one of them.
        embedder: finds their documents.
        work: a folder that keeps their documents for the next time, and what was said so far, so
            that a trial that was stopped goes on.
        model: empty: the default.
        choice: which cases.
        progress: told of documents and cases.

    Raises:
        UsageError: a pack is wrong or has no cases.
        ZaohuaError: the model cannot be asked.
    """
    told = progress or Silent()
    chosen = [(pack, choice.of(pack)) for pack in found]
    async with models.use(model) as engine, _room(packs, models, embedder, work, engine) as room:
        await room.shelve(found, told)
        return [await _try(room, pack, cases, choice, told) for pack, cases in chosen]


@dataclass(frozen=True, slots=True)
class _Room:
    """What trials share."""

    engine: Engine
    knowledge: Knowledge
    shelves: Shelves
    store: Conversations
    answers: Answers
    bare: Answers
    work: Path

    async def shelve(self, found: Sequence[Pack], progress: Progress) -> None:
        """Have the documents of packs with their vectors."""
        for pack in found:
            await asyncio.to_thread(shelve, pack, self.knowledge, self.shelves)
        await self.knowledge.embed(progress)


@asynccontextmanager
async def _room(
    packs: Packs, models: Models, embedder: Embedder, work: Path, engine: Engine
) -> AsyncIterator[_Room]:
    await asyncio.to_thread(work.mkdir, parents=True, exist_ok=True)
    database = await asyncio.to_thread(Database, f"sqlite:///{work / 'trials.db'}")
    try:
        await asyncio.to_thread(database.migrate)
        knowledge, shelves = Knowledge(database, embedder), Shelves(database)
        plans = PackPlans(packs, knowledge, shelves, database)
        resources = Resources(
            knowledge,
            shelves,
            plans=plans,
            graph=Graph(database),
            tickets=Tickets(database),
        )
        answers = Answers(database, models, resources)
        bare = Answers(database, models)
        store = Conversations(database)
        try:
            yield _Room(engine, knowledge, shelves, store, answers, bare, work)
        finally:
            await answers.aclose()
            await bare.aclose()
    finally:
        database.close()


async def _try(
    room: _Room, pack: Pack, cases: Sequence[Case], choice: Choice, progress: Progress
) -> Tried:
    begun = time.monotonic()
    sampling = sampling_of(pack)
    journal = await asyncio.to_thread(journal_of, room.work, pack, room.engine.info.model)
    helped = Asking(room.answers, room.store, room.engine, pack, sampling)
    with_pack = await _ask(helped, cases, journal, progress, pack.name)
    without: list[Judged] = []
    if choice.without:
        alone = Asking(room.bare, room.store, room.engine, None, sampling)
        without = await _ask(alone, cases, journal, progress, f"{pack.name}, the model alone")
    journal.remove()
    seconds = time.monotonic() - begun
    return Tried(pack.name, room.engine.info.model, seconds, tuple(with_pack), tuple(without))


async def _ask(
    asking: Asking, cases: Sequence[Case], journal: Journal, progress: Progress, label: str
) -> list[Judged]:
    """Several at a time, as many as the engine has slots; in the order of the cases."""

    async def one(case: Case) -> tuple[Said, ...]:
        key = f"{'with' if asking.pack else 'without'}/{case.spec.id}"
        known = journal.get(key)
        if known is not None:
            return known
        said = await asking.ask(case)
        journal.put(key, said)
        return said

    found: list[Judged] = []
    progress.start(label, len(cases), "cases")
    try:
        parallel = asking.engine.info.slots or PARALLEL
        stream = cast("AsyncGenerator[tuple[Said, ...]]", in_order(one, cases, parallel=parallel))
        async with aclosing(stream) as answers:
            async for said in answers:
                found.append(judged(cases[len(found)], said))
                progress.advance(1)
                progress.figures(f"{sum(case.right for case in found)} right")
    finally:
        progress.finish()
    return found
