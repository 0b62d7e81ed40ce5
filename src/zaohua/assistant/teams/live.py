"""A run while it is at work: what is said now, to any number of followers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace

from zaohua.assistant.readers import Readers
from zaohua.assistant.teams.values import Run, RunState, TeamMessage


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of what a role is saying; ``turn`` numbers the turns of one process."""

    turn: int
    place: str
    role: str
    entry: str
    text: str


TeamEvent = Delta | TeamMessage | Run
"""What a follower is told: text as it comes, turns that are kept, changes of the run."""


class LiveRun:
    """The events of a run that is at work here. Belongs to the event loop."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.stop_asked = asyncio.Event()
        self.stop_state: RunState = "stopped"
        self.closed = asyncio.Event()
        self._events: list[TeamEvent] = []
        self._over: set[int] = set()
        self._turns = 0
        self._readers = Readers()

    def begin(self) -> int:
        """The number of a new turn."""
        self._turns += 1
        return self._turns

    def say(self, delta: Delta) -> None:
        """A piece of text came; the first of a turn is empty: it has begun."""
        self._tell(delta)

    def over(self, turn: int) -> None:
        """A turn is kept: who comes now is not told its text piece by piece."""
        self._over.add(turn)

    def kept(self, message: TeamMessage) -> None:
        """A message is in the database."""
        self._tell(message)

    def change(self, run: Run) -> None:
        """The run is in another state, and the database says so."""
        self.run = run
        self._tell(run)

    def close(self) -> None:
        """Nothing more comes of this process."""
        self.closed.set()
        self._readers.wake()

    async def follow(self, after: int) -> AsyncIterator[TeamEvent]:
        """Text of turns that are not over, messages behind number ``after``, changes of the run."""
        passed, place = frozenset(self._over), 0
        while True:
            new = self._events[place:]
            place += len(new)
            for event in joined(new):
                if isinstance(event, Delta) and event.turn in passed:
                    continue
                if isinstance(event, TeamMessage):
                    if event.seq <= after:
                        continue
                    after = event.seq
                yield event
            if place == len(self._events):
                if self.closed.is_set():
                    return
                await self._readers.change()

    def _tell(self, event: TeamEvent) -> None:
        self._events.append(event)
        self._readers.wake()


def joined(events: Sequence[TeamEvent]) -> Iterator[TeamEvent]:
    """``events`` with the pieces of one turn that follow each other as one."""
    waiting: Delta | None = None
    for event in events:
        if isinstance(event, Delta):
            if waiting is not None and waiting.turn == event.turn:
                waiting = replace(waiting, text=waiting.text + event.text)
                continue
            if waiting is not None:
                yield waiting
            waiting = event
            continue
        if waiting is not None:
            yield waiting
            waiting = None
        yield event
    if waiting is not None:
        yield waiting
