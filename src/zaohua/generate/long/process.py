"""A long task from its first part to its one answer."""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, cast

from zaohua.generate.collect import Answer
from zaohua.generate.events import Usage
from zaohua.generate.failures import ContextExceeded
from zaohua.generate.long.journal import Journal, Kept, journal_name
from zaohua.generate.long.parts import Part, halves, parts
from zaohua.generate.long.room import ANSWER, Room
from zaohua.generate.long.task import Ask, Task
from zaohua.generate.many import in_order
from zaohua.generate.prompt_size import estimate
from zaohua.generate.request import ChatRequest
from zaohua.progress import Progress

DEEPEST: Final = 3
"""Times a part is halved because it, or its answer, did not fit."""

_IN_ORDER_SHARE = 0.6  # of the room for an answer, which may be longer than its part
_LONGER = 3  # times as long as its part an answer of in-order work may be
_SHORTEST = 64
_ANSWER_SHARE = 0.3  # of the room for an answer about a part, at most


@dataclass(frozen=True, slots=True)
class PartDone:
    """What came of a part, in the order of the parts; ``number`` is from 1.

    ``text`` is of in-order work the next piece of the output, of refine the answer so far.
    """

    number: int
    of: int
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Whole:
    """The one answer, and what it took: requests asked anew and their tokens."""

    answer: Answer
    parts: int
    answers: int
    usage: Usage


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
        worker = _Worker(task, ask, room, journal)
        steps = _STEPS[task.how](worker, progress)
        try:
            async with aclosing(cast("AsyncGenerator[PartDone | Whole]", steps)) as told:
                async for one in told:
                    yield one
        finally:
            progress.finish()


class _Worker:
    """Asks for one task, and counts."""

    def __init__(self, task: Task, ask: Ask, room: Room, journal: Journal) -> None:
        self.task = task
        self.room = room
        self.asked = 0
        self._prompt = self._completion = 0
        self._ask = ask
        self._journal = journal

    @property
    def usage(self) -> Usage:
        """Tokens of what was asked anew."""
        return Usage(self._prompt, self._completion)

    def parts(self) -> list[Part]:
        """The text, parted so that a part, what is asked of it and its answer fit."""
        if self.task.how == "refine":
            about = self.task.refine("", "", final=False)
            kept = 2 * self.longest_answer(about)
        else:
            about = self.task.part("")
            in_order = self.task.how == "in-order"
            kept = self._longest_in_order if in_order else self.longest_answer(about)
        free = max(self.room.tokens - estimate(about) - kept, 64)
        return parts(self.task.text, min(free, self.task.most or free), self.room.size)

    @property
    def _longest_in_order(self) -> int:
        return int(self.room.tokens * _IN_ORDER_SHARE)

    def longest_answer(self, request: ChatRequest) -> int:
        """Tokens of an answer about a part."""
        wanted = request.sampling.max_tokens or ANSWER
        return int(min(wanted, self.room.tokens * _ANSWER_SHARE))

    def bounded(self, request: ChatRequest, text: str = "") -> ChatRequest:
        """``request`` with an answer that the room has been kept for."""
        if self.task.how == "in-order":
            most = _LONGER * self.room.size(text) + _SHORTEST  # what is longer only repeats itself
            longest = int(min(self._longest_in_order, most))
        else:
            longest = self.longest_answer(request)
        return replace(request, sampling=replace(request.sampling, max_tokens=longest))

    def fits(self, request: ChatRequest) -> bool:
        """Whether there is room for ``request`` and its answer."""
        said = "".join(message.content for message in request.messages)
        return self.room.size(said) + self.longest_answer(request) <= self.room.tokens

    async def part(self, part: Part) -> str:
        """What comes of a part; halved if it or an answer that must be whole does not fit."""
        return await self._part(part.text, 0)

    async def _part(self, text: str, depth: int) -> str:
        in_order = self.task.how == "in-order"
        if in_order and not text.strip():
            return ""
        try:
            kept = await self.answer(self.bounded(self.task.part(text), text))
        except ContextExceeded:
            kept = None
            if depth >= DEEPEST:
                raise
        if kept is not None and not (kept.cut and in_order and depth < DEEPEST):
            return kept.text.strip() + (_ending(text) if in_order else "")
        found = halves(text, self.room.size)
        if len(found) < 2:
            return kept.text if kept else ""
        said = [await self._part(half.text, depth + 1) for half in found]
        return ("" if in_order else "\n").join(said)

    async def answer(self, request: ChatRequest) -> Kept:
        """From the journal, else from the model."""
        if (known := self._journal.get(request)) is not None:
            return known
        got = await self._ask(request)
        self.asked += 1
        self._prompt += got.usage.prompt_tokens
        self._completion += got.usage.completion_tokens
        kept = Kept(got.text, bool(got.answers) and got.answers[0].finish_reason == "length")
        self._journal.put(request, kept)
        return kept

    def whole(self, kept: Kept, parts: int) -> Whole:
        """The end."""
        reason = "length" if kept.cut else "stop"
        answer = Answer(0, kept.text, "", (), (), "length" if reason == "length" else "stop")
        return Whole(answer, parts, self.asked, self.usage)


async def _in_order(worker: _Worker, progress: Progress) -> AsyncIterator[PartDone | Whole]:
    said: list[str] = []
    async with aclosing(_asked(worker, progress)) as done:
        async for one in done:
            said.append(one.text)
            yield one
    yield worker.whole(Kept("".join(said).strip(), False), len(said))


async def _map_reduce(worker: _Worker, progress: Progress) -> AsyncIterator[PartDone | Whole]:
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


async def _refine(worker: _Worker, progress: Progress) -> AsyncIterator[PartDone | Whole]:
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


async def _asked(worker: _Worker, progress: Progress) -> AsyncGenerator[PartDone]:
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


async def _reduced(worker: _Worker, notes: Sequence[str], progress: Progress) -> Kept:
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


async def _all(worker: _Worker, asked: Sequence[ChatRequest], progress: Progress) -> list[Kept]:
    """The answers, as many at a time as there is room for."""

    async def one(request: ChatRequest) -> Kept:
        kept = await worker.answer(worker.bounded(request) if len(asked) > 1 else request)
        progress.advance(1)
        return kept

    stream = in_order(one, asked, parallel=worker.room.parallel)
    async with aclosing(cast("AsyncGenerator[Kept]", stream)) as said:
        return [kept async for kept in said]


def _grouped(worker: _Worker, notes: Sequence[str]) -> list[list[str]]:
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


def _ending(text: str) -> str:
    """The white space that a part ends with."""
    return text[len(text.rstrip()) :]


class _Clock:
    """How long the rest will take."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._begun = time.monotonic()

    def left(self, done: int) -> str:
        """``3 min left``."""
        seconds = (time.monotonic() - self._begun) / done * (self._total - done)
        return f"{seconds / 60:.0f} min left" if seconds >= 90 else f"{seconds:.0f} s left"
