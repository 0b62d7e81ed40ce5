"""The queue before an engine: order, fairness, what batch work leaves, refusals, no lost slot."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import pytest

from zaohua.generate import turnstile as module
from zaohua.generate.failures import EngineBusy
from zaohua.generate.pace import Mean, Peak, ReadingPace
from zaohua.generate.request import CompletionRequest, Sampling
from zaohua.generate.turnstile import WAIT_BUCKETS, Turnstile


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Visit:
    """A request that stays at the engine until it is told to go."""

    def __init__(self, gate: Turnstile, name: str, calls: list[str], **asked) -> None:
        self.name, self.gate, self.calls = name, gate, calls
        n = asked.pop("n", 1)
        tokens = asked.pop("tokens", 10)
        sampling = Sampling(n=n, max_tokens=10)
        self.request = CompletionRequest(tuple(range(tokens)), sampling, **asked)
        self.go = asyncio.Event()
        self.place = None
        self.task = asyncio.create_task(self._stay())

    async def _stay(self) -> None:
        with self.gate.enter(self.request) as place:
            self.place = place
            await asyncio.wait({place.called})
            self.calls.append(self.name)
            await self.go.wait()

    async def leave(self) -> None:
        self.go.set()
        await self.task
        await settle()

    def read(self) -> None:
        """Its first token has come."""
        assert self.place is not None
        self.place.read = 10
        self.gate.begun(self.place)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Door:
    """A turnstile and the names of those it called, in order."""

    def __init__(self, slots: int, capacity: int = 0, **given) -> None:
        self.clock = Clock()
        self.gate = Turnstile(slots, capacity, clock=self.clock, **given)
        self.calls: list[str] = []

    async def visit(self, name: str, **asked) -> Visit:
        visit = Visit(self.gate, name, self.calls, **asked)
        await settle()
        return visit


async def test_users_take_turns_and_one_users_requests_keep_their_order():
    door = Door(1)
    visits = [await door.visit("a1", user="a")]
    for name in ("a2", "a3", "a4", "b1", "b2", "c1"):
        visits.append(await door.visit(name, user=name[0]))
    waiting = {visit.name: visit for visit in visits}
    while len(door.calls) <= len(visits) and waiting:
        await waiting.pop(door.calls[-1]).leave()
    assert door.calls == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


async def test_people_go_before_batch_work_that_came_first():
    door = Door(1)
    first = await door.visit("first")
    batch = await door.visit("batch", batch=True)
    person = await door.visit("person")
    await first.leave()
    assert door.calls == ["first", "person"]
    person.read()
    await settle()
    assert door.gate.waiting(batch=True) == 1
    await person.leave()
    assert door.calls == ["first", "person", "batch"]
    await batch.leave()


async def test_batch_work_leaves_a_slot_and_a_person_is_not_kept_waiting():
    door = Door(4)
    batches = []
    for n in range(10):
        batches.append(await door.visit(f"b{n}", batch=True))
        if batches[-1].name in door.calls:
            batches[-1].read()
            await settle()
    assert door.calls == ["b0", "b1", "b2"]
    person = await door.visit("person")
    assert door.calls[-1] == "person"
    another = await door.visit("another")
    await batches[0].leave()
    assert door.calls[-1] == "another", "the next free slot is a person's"
    for visit in (person, another, *batches):
        visit.go.set()
        if visit.place and not visit.place.called.done():
            visit.task.cancel()
    await asyncio.gather(*(v.task for v in (person, another, *batches)), return_exceptions=True)
    assert door.gate.running == 0


async def test_batch_work_leaves_as_many_slots_as_people_lately_took():
    door = Door(4)
    for visit in [await door.visit(f"p{n}") for n in range(3)]:
        await visit.leave()
    batches = []
    for n in range(4):
        batches.append(await door.visit(f"b{n}", batch=True))
        if batches[-1].name in door.calls:
            batches[-1].read()
    assert door.calls[3:] == ["b0"]
    door.clock.now += 60
    await (await door.visit("p3")).leave()
    assert door.calls[3:] == ["b0", "p3", "b1"], "once the crowd is gone, more of the batch goes"
    for visit in batches:
        visit.read()
        await visit.leave()


async def test_batch_work_takes_the_only_slot_of_an_idle_engine():
    door = Door(1)
    await (await door.visit("b", batch=True)).leave()
    assert door.calls == ["b"]


async def test_batch_work_leaves_context_too():
    door = Door(4, 1000)
    one = await door.visit("b1", batch=True, tokens=600)
    one.read()
    two = await door.visit("b2", batch=True, tokens=200)
    assert door.calls == ["b1"]
    person = await door.visit("person", tokens=200)
    assert door.calls == ["b1", "person"]
    await person.leave()
    await one.leave()
    await two.leave()
    assert door.calls == ["b1", "person", "b2"]


async def test_batch_work_starts_when_no_prompt_is_being_read():
    door = Door(4)
    person = await door.visit("person")
    batch = await door.visit("batch", batch=True)
    assert door.calls == ["person"]
    person.read()
    await settle()
    assert door.calls == ["person", "batch"]
    await person.leave()
    await batch.leave()


async def test_batch_work_is_recalled_while_it_is_read_but_not_for_ever():
    door = Door(4)
    batch = await door.visit("batch", batch=True)
    people = [await door.visit("p0")]
    assert batch.place.recalled.is_set()
    door.gate.step_back(batch.place)
    behind = await door.visit("behind", batch=True)
    people[0].read()
    await settle()
    assert batch.place.called.done(), "it stood before the one behind"
    assert not behind.place.called.done()
    door.clock.now += module.BATCH_PATIENCE
    people.append(await door.visit("p1"))
    assert not batch.place.recalled.is_set()
    batch.read()
    people.append(await door.visit("p2"))
    assert not batch.place.recalled.is_set()
    for visit in (*people, batch, behind):
        visit.go.set()
    await asyncio.gather(*(visit.task for visit in (*people, batch, behind)))
    assert door.gate.running == 0


async def test_batch_work_does_not_wait_for_ever():
    door = Door(1)
    running = await door.visit("p0")
    batch = await door.visit("batch", batch=True)
    for n in range(1, 8):
        following = await door.visit(f"p{n}")
        door.clock.now += module.BATCH_PATIENCE / 4
        await running.leave()
        if door.calls[-1] == "batch":
            break
        running = following
    assert door.calls[-1] == "batch"
    await batch.leave()
    await following.leave()


async def test_a_starved_batch_that_is_large_is_next_for_room():
    door = Door(4, 1000)
    person = await door.visit("person", tokens=500)
    person.read()
    batch = await door.visit("batch", batch=True, tokens=900)
    door.clock.now += module.BATCH_PATIENCE + 1
    late = await door.visit("late", tokens=100)
    assert door.calls == ["person"]
    await person.leave()
    assert door.calls == ["person", "batch"]
    batch.read()
    await batch.leave()
    await late.leave()


async def test_several_answers_take_several_slots():
    door = Door(4)
    one = await door.visit("one", n=3)
    two = await door.visit("two", n=2)
    assert door.calls == ["one"]
    await one.leave()
    assert door.calls == ["one", "two"]
    many = await door.visit("many", n=99)
    await two.leave()
    assert door.calls[-1] == "many"
    await many.leave()
    batch = await door.visit("batch", n=99, batch=True)
    assert batch.place.slots == 3
    await batch.leave()


async def test_a_waiting_request_leaves_the_queue_at_once():
    door = Door(1)
    first = await door.visit("first")
    second = await door.visit("second")
    third = await door.visit("third")
    second.task.cancel()
    await settle()
    assert door.gate.waiting(batch=False) == 1
    await first.leave()
    assert door.calls == ["first", "third"]
    await third.leave()


async def test_cancelled_in_the_moment_of_being_called():
    door = Door(1)
    first = await door.visit("first")
    second = await door.visit("second")
    third = await door.visit("third")
    first.go.set()
    second.task.cancel()
    await settle()
    assert third.name in door.calls
    await third.leave()
    assert (door.gate.running, door.gate.waiting(batch=False)) == (0, 0)


@pytest.mark.parametrize("seed", range(5))
async def test_no_slot_leaks_whoever_is_cancelled_whenever(seed):
    rng = random.Random(seed)
    gate, most = Turnstile(3, 600), 0

    async def one(n: int) -> None:
        nonlocal most
        await asyncio.sleep(rng.random() * 0.05)
        request = CompletionRequest(
            tuple(range(rng.randrange(150))), Sampling(n=rng.choice((1, 1, 2)), max_tokens=9),
            user=str(n % 5), batch=bool(n % 3),
        )  # fmt: skip
        with gate.enter(request) as place:
            await asyncio.wait({place.called})
            most = max(most, gate.running)
            await asyncio.sleep(rng.random() * 0.005)
            if rng.random() < 0.8:
                gate.begun(place)
            await asyncio.sleep(rng.random() * 0.005)

    tasks = [asyncio.create_task(one(n)) for n in range(200)]
    for task in tasks[::4]:
        asyncio.get_running_loop().call_later(rng.random() * 0.2, task.cancel)
    async with asyncio.timeout(20):
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
    assert 1 < most <= 3
    assert (gate.running, gate.used) == (0, 0)
    assert gate.waiting(batch=True) == gate.waiting(batch=False) == 0


async def hold_for(door: Door, seconds: float) -> None:
    visit = await door.visit("past")
    door.clock.now += seconds
    await visit.leave()


async def test_who_would_wait_too_long_is_refused_batch_work_is_not():
    door = Door(2, max_wait_seconds=10)
    await hold_for(door, 8)
    running = [await door.visit(f"r{n}") for n in range(2)]
    second = await door.visit("second")
    third = await door.visit("third", user="another")
    assert door.gate.wait(second.place) == pytest.approx(8)
    assert door.gate.wait(third.place) == pytest.approx(8)
    door.clock.now += 3
    assert door.gate.wait(second.place) == pytest.approx(5)
    with pytest.raises(EngineBusy) as caught:
        await (await door.visit("fourth", user="yet another")).task
    assert caught.value.retry_after == pytest.approx(13)
    assert "about 13 s" in caught.value.line()
    batch = await door.visit("batch", batch=True)
    assert not batch.task.done()
    assert door.gate.records[False].refused == 1
    assert door.gate.records[True].refused == 0
    for visit in (*running, second, third, batch):
        await visit.leave()
    assert door.calls[-1] == "batch"


async def test_a_full_queue_refuses_batch_work_too(monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING", 2)
    door = Door(1)
    visits = [await door.visit(f"b{n}", batch=True) for n in range(3)]
    refused = await door.visit("b3", batch=True)
    with pytest.raises(EngineBusy, match="too many requests"):
        await refused.task
    person = await door.visit("person")
    await visits[0].leave()
    assert door.calls == ["b0", "person"]
    for visit in (person, *visits[1:]):
        await visit.leave()


async def test_an_answer_longer_than_usual_is_reckoned_with():
    door = Door(1)
    await hold_for(door, 1)
    running = await door.visit("long")
    waiting = await door.visit("waiting")
    assert door.gate.wait(waiting.place) == pytest.approx(1)
    door.clock.now += 9
    assert door.gate.wait(waiting.place) == pytest.approx(9)
    await running.leave()
    assert door.gate.wait(waiting.place) == 0
    await waiting.leave()


async def test_the_first_token_is_predicted_from_what_is_to_be_read():
    door = Door(2)
    past = await door.visit("past", tokens=100)
    door.clock.now += 2
    past.place.read = 100
    door.gate.begun(past.place)
    await past.leave()
    reading = await door.visit("reading", tokens=200)
    beside = await door.visit("beside", tokens=50)
    assert door.gate.first_token(beside.place) == pytest.approx((200 + 50) / 50)
    reading.read()
    assert door.gate.first_token(beside.place) == pytest.approx(door.gate._pace.seconds(50))
    await reading.leave()
    await beside.leave()


async def test_waiting_times_are_counted():
    door = Door(1)
    first = await door.visit("first")
    second = await door.visit("second")
    door.clock.now += 3
    await first.leave()
    await second.leave()
    record = door.gate.records[False]
    assert sum(record.waits) == 2
    assert record.waits[0] == 1
    assert record.waits[WAIT_BUCKETS.index(5.0)] == 1
    assert record.seconds == pytest.approx(3)


def test_the_pace_of_prompts_read_side_by_side_is_that_of_the_engine():
    clock = Clock()
    pace = ReadingPace(clock)
    assert pace.seconds(1000) == 0
    pace.begin()
    pace.begin()
    clock.now += 1
    pace.end(100)
    clock.now += 1
    pace.end(100)
    assert pace.seconds(100) == pytest.approx(1, rel=0.1)
    clock.now += 50
    pace.begin()
    clock.now += 1
    pace.end(100)
    assert pace.seconds(100) == pytest.approx(1, rel=0.1)


def test_a_peak_sinks_with_time():
    clock = Clock()
    peak = Peak(clock)
    peak.note(4)
    peak.note(1)
    assert peak.value == 4
    clock.now += 60
    assert peak.value == pytest.approx(2)
    peak.note(3)
    assert peak.value == 3


def test_the_last_values_of_a_mean_count_most():
    mean = Mean()
    assert mean.value == 0
    for value in [10.0] * 20 + [2.0] * 20:
        mean.add(value)
    assert 2 < mean.value < 4
