"""Asks for one long task, and counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from zaohua.generate.collect import Answer
from zaohua.generate.events import Usage
from zaohua.generate.failures import ContextExceeded
from zaohua.generate.long.journal import Journal, Kept
from zaohua.generate.long.parts import Part, halves, parts
from zaohua.generate.long.room import ANSWER, Room
from zaohua.generate.long.task import Ask, Task
from zaohua.generate.prompt_size import estimate
from zaohua.generate.request import ChatRequest

DEEPEST: Final = 3
"""Times a part is halved because it, or its answer, did not fit."""

_IN_ORDER_SHARE = 0.6  # of the room for an answer, which may be longer than its part
_LONGER = 3  # times as long as its part an answer of in-order work may be
_SHORTEST = 64
_ANSWER_SHARE = 0.3  # of the room for an answer about a part, at most


@dataclass(frozen=True, slots=True)
class Whole:
    """The one answer, and what it took: requests asked anew and their tokens."""

    answer: Answer
    parts: int
    answers: int
    usage: Usage


class Worker:
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


def _ending(text: str) -> str:
    """The white space that a part ends with."""
    return text[len(text.rstrip()) :]
