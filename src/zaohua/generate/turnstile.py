"""The queue before an engine: who goes next, when, and whether it is worth waiting.

Requests that somebody waits for go before batch work. Within each of these classes the users take
turns, and the requests of one user go in the order of their coming. A request starts when it has a
slot, and room for its prompt and a beginning in the context that all slots share: llama.cpp's draw
on one pool, so that a single conversation can have all of it, but when the pool runs out every
answer under way fails. Whoever is next waits for room and is not passed.

Batch work leaves to people as many slots as they lately took at once, at least one, and the share
of context that goes with them. A prompt of its own would delay theirs: it starts while none is
being read, and is recalled to the head of its line if somebody comes while it is read itself. What
was read of it is then in the engine's cache. It does not wait for ever: if no batch work ran for
`BATCH_PATIENCE` seconds, it is next, and as long after its first start it is no more recalled.
"""

from __future__ import annotations

import asyncio
import math
import time
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from heapq import heapify, heapreplace

from zaohua.generate.failures import EngineBusy
from zaohua.generate.pace import Mean, Peak, ReadingPace
from zaohua.generate.prompt_size import beginning, estimate
from zaohua.generate.request import ChatRequest, CompletionRequest

BATCH_PATIENCE = 30.0
MAX_WAITING = 1024
"""Requests of one class that may wait: each holds its prompt in memory."""

WAIT_BUCKETS = (0.01, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, math.inf)
"""Upper bounds, in seconds, by which `Record` counts waiting times."""

_MARGIN = 32


@dataclass(eq=False, slots=True)
class Place:
    """Where one request stands: in the line, then at the engine. Sizes are tokens.

    ``prompt`` is a guess until the engine has counted; ``read`` is what it has really read, and
    ``unread`` what is still to be read; ``called`` is done when the request may start.
    """

    user: str
    batch: bool
    slots: int
    prompt: int
    beginning: int
    asked: float
    called: asyncio.Future[None]
    first_started: float = math.inf
    started: float = 0.0
    recalled: asyncio.Event = field(default_factory=asyncio.Event)
    written: int = 0
    read: int = 0
    unread: int = 0

    @property
    def tokens(self) -> int:
        """The context it takes up."""
        return self.prompt + self.written

    @property
    def steps_back(self) -> bool:
        """Whether it was recalled while its prompt was read, see `Turnstile.step_back`."""
        return self.recalled.is_set() and self.unread > 0


@dataclass(slots=True)
class Record:
    """What one class has been through: how long its requests waited, how many were refused."""

    waits: list[int] = field(default_factory=lambda: [0] * len(WAIT_BUCKETS))
    seconds: float = 0.0
    refused: int = 0

    def note(self, seconds: float) -> None:
        """A request was called after ``seconds``."""
        self.waits[bisect_left(WAIT_BUCKETS, seconds)] += 1
        self.seconds += seconds


class Line:
    """Places that wait: users take turns, the places of one user go in order."""

    def __init__(self) -> None:
        self._users: dict[str, deque[Place]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._users.values()))

    @property
    def head(self) -> Place | None:
        """Who is next."""
        return next(iter(self._users.values()))[0] if self._users else None

    def add(self, place: Place) -> None:
        """Stand behind the others of the same user; a new user behind the other users."""
        self._users.setdefault(place.user, deque()).append(place)

    def take(self) -> Place:
        """Take out who is next; their user's next turn comes after those of all others."""
        user = next(iter(self._users))
        places = self._users.pop(user)
        place = places.popleft()
        if places:
            self._users[user] = places
        return place

    def put_back(self, place: Place) -> None:
        """Stand before all others."""
        places = self._users.pop(place.user, deque())
        places.appendleft(place)
        self._users = {place.user: places, **self._users}

    def remove(self, place: Place) -> None:
        """Take out a place wherever it stands."""
        places = self._users[place.user]
        places.remove(place)
        if not places:
            del self._users[place.user]

    def ahead(self, place: Place) -> int:
        """How many go before ``place``; if it does not wait here, how many would if it joined."""
        own = self._users.get(place.user, ())
        index = own.index(place) if place in own else len(own)
        count, turns = index, index + 1
        for user, places in self._users.items():
            if user == place.user:
                turns = index
            else:
                count += min(len(places), turns)
        return count


class Turnstile:
    """Lets requests through to an engine with ``slots``.

    Args:
        slots: answers at once.
        capacity: tokens of context that the slots share; 0: each has its own.
        max_wait_seconds: a request that would wait longer for a slot is refused, unless it is
            batch work.
        clock: seconds.
    """

    def __init__(
        self,
        slots: int,
        capacity: int = 0,
        *,
        max_wait_seconds: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._slots = slots
        self._capacity = capacity
        self._max_wait = max_wait_seconds
        self._clock = clock
        self._people, self._batch = Line(), Line()
        self._running: list[Place] = []
        self._pace = ReadingPace(clock)
        self._held = {False: Mean(), True: Mean()}
        self._crowd = Peak(clock)
        self._batch_ended = -math.inf
        self.records = {False: Record(), True: Record()}
        """By whether it is batch work."""
        self.ends: Counter[str] = Counter()
        """How often the engine behind it ``died`` or ``stalled``."""

    @property
    def running(self) -> int:
        """Requests at the engine."""
        return len(self._running)

    @property
    def used(self) -> int:
        """Tokens of context taken up now."""
        return sum(place.tokens for place in self._running)

    def waiting(self, *, batch: bool) -> int:
        """Requests of a class that wait."""
        return len(self._line(batch))

    @contextmanager
    def enter(self, request: ChatRequest | CompletionRequest) -> Iterator[Place]:
        """A place for ``request``, given up at the end, wherever it stands then.

        It may start when ``called`` is done.

        Raises:
            EngineBusy: too many wait, or it would wait too long.
        """
        place = self._place(request)
        if busy := self.refusal(place):
            self.records[place.batch].refused += 1
            raise busy
        self._line(place.batch).add(place)
        self._call()
        if not place.batch:
            self._crowd.note(self._people_here())
            self._recall()
        try:
            yield place
        finally:
            self._leave(place)

    def newcomer(self, user: str = "") -> Place:
        """A small request of ``user`` that has not joined, to ask `refusal` about."""
        return self._place(CompletionRequest("", user=user))

    def refusal(self, place: Place) -> EngineBusy | None:
        """Why ``place`` cannot join now; None if it can."""
        wait = self.wait(place)
        if len(self._line(place.batch)) >= MAX_WAITING:
            what = "too many requests are waiting for the model"
        elif wait > self._max_wait and not place.batch:
            what = f"the model is busy: a request would wait about {wait:.0f} s for its turn"
        else:
            return None
        return EngineBusy(what, retry_after=max(1.0, wait))

    def wait(self, place: Place) -> float:
        """Predicted seconds until ``place`` is called; 0 if it has been or would be at once."""
        if place.called.done():
            return 0.0
        ahead = self._line(place.batch).ahead(place) + (len(self._people) if place.batch else 0)
        may_start = self._batch_may_start if place.batch else self._fits
        if not self._running or (not ahead and may_start(place)):
            return 0.0
        ends = [self._seconds_left(running) for running in self._running]
        heapify(ends)
        for _ in range(ahead):
            heapreplace(ends, ends[0] + self._held[place.batch].value)
        return ends[0]

    def first_token(self, place: Place) -> float:
        """Predicted seconds until the first token: waiting, then reading, beside who else reads.

        A prompt of which the engine has a part in its cache comes sooner.
        """
        unread = sum(running.unread for running in self._running if running is not place)
        own = place.unread if place.called.done() else place.prompt
        return self.wait(place) + self._pace.seconds(unread + own)

    def begun(self, place: Place) -> None:
        """The prompt of ``place`` is read: its first token has come."""
        if place.unread:
            place.unread = 0
            self._pace.end(place.read)
            self._call()

    def step_back(self, place: Place) -> None:
        """Stand at the head of the line again: somebody came while its prompt was read."""
        self._depart(place)
        place.called = asyncio.get_running_loop().create_future()
        place.recalled.clear()
        self._line(place.batch).put_back(place)
        self._call()

    def must_end(self, place: Place) -> bool:
        """Whether the context has run out and ``place`` is the one to give way."""
        crowded = len(self._running) > 1 and self.used > self._capacity - _MARGIN
        return bool(self._capacity) and crowded and self._youngest is place

    @property
    def _youngest(self) -> Place:
        """Who started last; batch work before people's."""
        batch = [place for place in self._running if place.batch]
        return (batch or self._running)[-1]

    def _line(self, batch: bool) -> Line:
        return self._batch if batch else self._people

    def _place(self, request: ChatRequest | CompletionRequest) -> Place:
        batch = request.batch
        return Place(
            user=request.user,
            batch=batch,
            slots=min(request.sampling.n, slots_for(self._slots, batch=batch)),
            prompt=estimate(request),
            beginning=beginning(request.sampling),
            asked=self._clock(),
            called=asyncio.get_running_loop().create_future(),
        )

    def _call(self) -> None:
        """Call whoever may start."""
        while (line := self._next()) is not None:
            place = line.take()
            place.started = self._clock()
            place.first_started = min(place.first_started, place.started)
            place.unread = max(place.prompt, 1)
            self._running.append(place)
            self._pace.begin()
            if place.started == place.first_started:
                self.records[place.batch].note(place.started - place.asked)
            place.called.set_result(None)

    def _recall(self) -> None:
        for place in self._running:
            fresh = self._clock() - place.first_started < BATCH_PATIENCE
            if place.batch and place.unread and fresh:
                place.recalled.set()

    def _next(self) -> Line | None:
        """The line whose head may start now."""
        people, batch = self._people.head, self._batch.head
        if batch is not None and self._starving(batch):
            return self._batch if self._fits(batch) else None
        if people is not None:
            return self._people if self._fits(people) else None
        return self._batch if batch is not None and self._batch_may_start(batch) else None

    def _starving(self, batch: Place) -> bool:
        idle = self._clock() - max(batch.asked, self._batch_ended)
        return idle > BATCH_PATIENCE and not any(place.batch for place in self._running)

    def _fits(self, place: Place) -> bool:
        return self._room(self._running, place, self._slots, self._capacity)

    def _batch_may_start(self, place: Place) -> bool:
        if not self._fits(place) or any(running.unread for running in self._running):
            return False
        batch = [running for running in self._running if running.batch]
        slots = min(slots_for(self._slots, batch=True), self._slots - round(self._crowd.value))
        return self._room(batch, place, slots, self._capacity * slots // self._slots)

    def _people_here(self) -> int:
        return len(self._people) + sum(not place.batch for place in self._running)

    @staticmethod
    def _room(taken: list[Place], place: Place, slots: int, capacity: int) -> bool:
        """Whether ``place`` has room beside those who have ``taken`` theirs; alone it has."""
        if not taken:
            return True
        needed = sum(other.tokens for other in taken) + place.prompt + place.beginning + _MARGIN
        fits = not capacity or needed <= capacity
        return fits and sum(other.slots for other in taken) + place.slots <= slots

    def _seconds_left(self, place: Place) -> float:
        """How long ``place`` is still at the engine: what is usual, but if it was there for longer
        already, as long again."""
        stayed = self._clock() - place.started
        usual = self._held[place.batch].value
        return usual - stayed if stayed < usual else stayed

    def _leave(self, place: Place) -> None:
        if place not in self._running:
            self._line(place.batch).remove(place)
        else:
            self._held[place.batch].add(self._clock() - place.started)
            self._depart(place)
        self._call()

    def _depart(self, place: Place) -> None:
        """Take ``place`` from the engine."""
        self._running.remove(place)
        if place.batch:
            self._batch_ended = self._clock()
        if place.unread:
            place.unread = 0
            self._pace.end(place.read)


def slots_for(slots: int, *, batch: bool) -> int:
    """How many of ``slots`` a class may take."""
    return max(1, slots - 1) if batch else slots
