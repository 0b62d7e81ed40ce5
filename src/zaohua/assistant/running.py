"""An answer while it is being written: what has come, what is committed, who is reading."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from zaohua.assistant.readers import Readers
from zaohua.assistant.values import (
    AnswerTimings,
    Citation,
    ClaimNote,
    ContextNote,
    Conversation,
    Cost,
    Message,
    Status,
    TokenUsage,
    TraceLine,
)
from zaohua.generate.events import PromptProgress, Waiting
from zaohua.text.wholesome import storable


@dataclass(frozen=True, slots=True)
class Piece:
    """Reasoning, then content, from ``position``: code points of all the text before it."""

    position: int
    reasoning: str
    content: str

    @property
    def end(self) -> int:
        """The position after it."""
        return self.position + len(self.reasoning) + len(self.content)

    def after(self, position: int) -> Piece:
        """What of it comes after ``position``."""
        skip = max(0, position - self.position)
        return Piece(
            self.position + skip,
            self.reasoning[skip:],
            self.content[max(0, skip - len(self.reasoning)) :],
        )


@dataclass(frozen=True, slots=True)
class Done:
    """The last event of a followed answer."""

    message: Message
    conversation: Conversation


Progress = Waiting | PromptProgress
AnswerEvent = Progress | Piece | Done


@dataclass(frozen=True, slots=True)
class Ending:
    """How an answer ended, to be written with its text."""

    status: Status
    finish_reason: str | None = None
    error: str | None = None
    usage: TokenUsage | None = None
    timings: AnswerTimings | None = None
    cost: Cost | None = None
    context_note: ContextNote | None = None
    citations: list[Citation] | None = None
    claims: list[ClaimNote] | None = None
    trace: list[TraceLine] | None = None
    tokens: list[Any] | None = None


@dataclass(eq=False)
class RunningAnswer:
    """One answer in the making. Belongs to the event loop; only `Ending` and `Piece` leave it.

    Text is first gathered, then taken for a commit, then published to readers.
    """

    id: str
    conversation_id: str
    owner: str
    model: str
    asked: float = field(default_factory=time.monotonic)
    """When the request came (monotonic seconds)."""
    pieces: list[Piece] = field(default_factory=list)
    progress: Progress | None = None
    ending: Ending | None = None
    done: Done | None = None
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    stop_asked: asyncio.Event = field(default_factory=asyncio.Event)
    stop_status: Status = "stopped"
    _reasoning: list[str] = field(default_factory=list)
    _content: list[str] = field(default_factory=list)
    _has_content: bool = False
    _taken: int = 0
    _readers: Readers = field(default_factory=Readers)

    def gather(self, reasoning: str, content: str) -> None:
        """Add what the engine said. Reasoning that comes after content is taken as content."""
        if self.ending is not None:
            return
        if reasoning and not self._has_content:
            self._reasoning.append(storable(reasoning))
        elif reasoning:
            self._content.append(storable(reasoning))
        if content:
            self._content.append(storable(content))
            self._has_content = True

    def take(self) -> Piece | None:
        """What was gathered since the last call, to be committed."""
        if not self._reasoning and not self._content:
            return None
        piece = Piece(self._taken, "".join(self._reasoning), "".join(self._content))
        self._reasoning.clear()
        self._content.clear()
        self._taken = piece.end
        return piece

    def put_back(self, piece: Piece | None) -> None:
        """Undo a `take` whose commit failed."""
        if piece is not None:
            self._reasoning.insert(0, piece.reasoning)
            self._content.insert(0, piece.content)
            self._taken = piece.position

    def publish(self, piece: Piece | None, done: Done | None = None) -> None:
        """Hand committed text, and the end, to all readers."""
        if piece is not None:
            self.pieces.append(piece)
        if done is not None:
            self.done = done
            self.closed.set()
        self._readers.wake()

    def vanish(self) -> None:
        """The message was deleted: nothing more can be said of it."""
        self.closed.set()
        self.stop_asked.set()
        self._readers.wake()

    def tell(self, progress: Progress) -> None:
        """Hand how far it is from its first text to all readers."""
        self.progress = progress
        self._readers.wake()

    def text(self) -> tuple[str, str]:
        """Committed reasoning and content."""
        return (
            "".join(p.reasoning for p in self.pieces),
            "".join(p.content for p in self.pieces),
        )

    def since(self, position: int) -> Piece | None:
        """All committed text after ``position`` in one piece."""
        first = max(0, bisect_right(self.pieces, position, key=lambda p: p.position) - 1)
        rest = self.pieces[first:]
        if not rest or rest[-1].end <= position:
            return None
        whole = Piece(
            rest[0].position,
            "".join(p.reasoning for p in rest),
            "".join(p.content for p in rest),
        )
        return whole.after(position)

    async def follow(self, after: int) -> AsyncIterator[AnswerEvent]:
        """Events from position ``after`` to the end; a slow reader gets larger pieces."""
        told: Progress | None = None
        while True:
            piece = self.since(after)
            if piece is not None:
                after = piece.end
                yield piece
            elif self.progress is not told and not self.pieces:
                told = self.progress
                if told is not None:
                    yield told
            elif self.closed.is_set():
                if self.done is not None:
                    yield self.done
                return
            else:
                await self._readers.change()
