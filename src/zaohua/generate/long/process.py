"""A long task from its first part to its one answer."""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from zaohua.generate.long.journal import Journal, Kept, journal_name
from zaohua.generate.long.room import Room
from zaohua.generate.long.task import Ask, Task
from zaohua.generate.long.worker import Whole, Worker
from zaohua.generate.many import in_order
from zaohua.generate.prompt_size import estimate
from zaohua.generate.request import ChatRequest
from zaohua.progress import Progress


@dataclass(frozen=True, slots=True)
class PartDone:
    """What came of a part, in the order of the parts; ``number`` is from 1.

    ``text`` is of in-order work the next piece of the output, of refine the answer so far.
    """

    number: int
    of: int
    heading: str
    text: str


async def process(
    task: Task,
    ask: Ask,
    room: Room,
    *,
    progress: Progress,
    work: Path | None = None,
    model: str = "",
) -> AsyncIterator[PartDone | Whole]:
    """What comes of the parts as it comes, and at last the whole.

    Args:
        task: what to do.
        ask: gets one whole answer.
        room: what a request may take, and how many go on at once.
        progress: told of the parts and of the time left.
        work: folder that keeps finished answers until all is done; None keeps none.
        model: whose answers they are.

    Raises:
        UnavailableError: another process works on the same task.
        ZaohuaError: as ``ask``.
    """
    path = work / journal_name(task.text, task.key, model) if work else None
    with Journal(path) as journal:
        worker = Worker(task, ask, room, journal)
        steps = _STEPS[task.how](worker, progress)
        try:
            async with aclosing(cast("AsyncGenerator[PartDone | Whole]", steps)) as told:
                async for one in told:
                    yield one
        finally:
            progress.finish()


async def _in_order(worker: Worker, progress: Progress) -> AsyncIterator[PartDone | Whole]:
    said: list[str] = []
    async with aclosing(_asked(worker, progress)) as done:
        async for one in done:
            said.append(one.text)
            yield one
    yield worker.whole(Kept("".join(said).strip(), False), len(said))


async def _map_reduce(worker: Worker, progress: Progress) -> AsyncIterator[PartDone | Whole]:
    notes: list[str] = []
    count = 0
    async with aclosing(_asked(worker, progress)) as done:
        async for one in done:
            count += 1
            if not _says_nothing(one.text, worker.task.skip):
                notes.append(one.text)
            yield one
    if not notes:
        yield worker.whole(Kept(worker.task.empty, False), count)
        return
    progress.start(f"putting {len(notes)} answers together", None, "answers")
    yield worker.whole(await _reduced(worker, notes, progress), count)


async def _refine(worker: Worker, progress: Progress) -> AsyncIterator[PartDone | Whole]:
    found = worker.parts()
    progress.start(f"{worker.task.name}: reading", len(found), "parts")
    clock = _Clock(len(found))
    kept = Kept("", False)
    for number, part in enumerate(found, 1):
        final = number == len(found)
        request = worker.task.refine(kept.text.strip(), part.text, final=final)
        kept = await worker.answer(worker.bounded(request))
        progress.advance(1)
        progress.figures(clock.left(number))
        yield PartDone(number, len(found), part.heading, kept.text.strip())
    yield worker.whole(kept, len(found))


_STEPS: Final = {"map-reduce": _map_reduce, "in-order": _in_order, "refine": _refine}


async def _asked(worker: Worker, progress: Progress) -> AsyncGenerator[PartDone]:
    """The parts in their order, as many at a time as there is room for."""
    found = worker.parts()
    progress.start(f"{worker.task.name}: reading", len(found), "parts")
    clock = _Clock(len(found))
    stream = cast(
        "AsyncGenerator[str]", in_order(worker.part, found, parallel=worker.room.parallel)
    )
    number = 0
    async with aclosing(stream) as said:
        async for text in said:
            number += 1
            progress.advance(1)
            progress.figures(clock.left(number))
            yield PartDone(number, len(found), found[number - 1].heading, text)


async def _reduced(worker: Worker, notes: Sequence[str], progress: Progress) -> Kept:
    """One answer of many: in groups that fit, until so few are left that the output fits."""
    while not all(map(worker.fits, asked := _final(worker.task, notes))):
        groups = _grouped(worker, notes)
        if len(groups) == 1:
            break
        between = [worker.task.combine(group, final=False) for group in groups]
        notes = [kept.text.strip() for kept in await _all(worker, between, progress)]
    said = await _all(worker, asked, progress)
    return Kept("\n\n".join(one.text.strip() for one in said), any(one.cut for one in said))


def _final(task: Task, notes: Sequence[str]) -> list[ChatRequest]:
    """What is asked for the sections of the output, about equally many notes for each."""
    of = max(min(task.sections, len(notes) // 2), 1)
    edges = [len(notes) * at // of for at in range(of + 1)]
    shares = [notes[start:end] for start, end in itertools.pairwise(edges)]
    return [task.combine(share, final=True, of=of) for share in shares]


async def _all(worker: Worker, asked: Sequence[ChatRequest], progress: Progress) -> list[Kept]:
    """The answers, as many at a time as there is room for."""

    async def one(request: ChatRequest) -> Kept:
        kept = await worker.answer(worker.bounded(request) if len(asked) > 1 else request)
        progress.advance(1)
        return kept

    stream = in_order(one, asked, parallel=worker.room.parallel)
    async with aclosing(cast("AsyncGenerator[Kept]", stream)) as said:
        return [kept async for kept in said]


def _grouped(worker: Worker, notes: Sequence[str]) -> list[list[str]]:
    """Answers that fit into one request together, two at least, so that they become fewer."""
    about = worker.task.combine([], final=False)
    free = worker.room.tokens - estimate(about) - worker.longest_answer(about)
    groups: list[list[str]] = []
    filled = 0.0
    for note in notes:
        size = worker.room.size(note)
        if groups and (filled + size <= free or len(groups[-1]) < 2):
            groups[-1].append(note)
            filled += size
        else:
            groups.append([note])
            filled = size
    return groups


def _says_nothing(text: str, skip: str) -> bool:
    return bool(skip) and text.strip(" \n*「“\"'").lower().startswith(skip.lower())


class _Clock:
    """How long the rest will take."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._begun = time.monotonic()

    def left(self, done: int) -> str:
        """``3 min left``."""
        seconds = (time.monotonic() - self._begun) / done * (self._total - done)
        return f"{seconds / 60:.0f} min left" if seconds >= 90 else f"{seconds:.0f} s left"
