"""Teams whose models say what they are told, role by role."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

import pytest

from zaohua.assistant.teams import Run, Team, TeamMessage, TeamRuns, read_team
from zaohua.assistant.teams.beginning import Order
from zaohua.generate.events import Chunk, Event, Finished, Timings, Usage
from zaohua.generate.failures import EngineFailed
from zaohua.generate.fake import FakeEngine, FakeModels
from zaohua.generate.request import ChatRequest
from zaohua.store.database import Database

ME = "me"


class Scripted(FakeEngine):
    """Answers by the role in the system prompt; the last text of a role is said again and again.

    A text that begins with ``!`` is an error, one with ``~`` hangs.
    """

    def __init__(self, script: Mapping[str, Sequence[str]], **given: object) -> None:
        super().__init__(**given)  # type: ignore[arg-type]
        self.script = script
        self.asked: dict[str, list[ChatRequest]] = {}
        self.most_at_once = 0

    async def _chat(self, request: ChatRequest) -> AsyncGenerator[Event]:
        role = next(name for name in self.script if f" {name}." in request.messages[0].content)
        asked = self.asked.setdefault(role, [])
        text = self.script[role][min(len(asked), len(self.script[role]) - 1)]
        asked.append(request)
        self.most_at_once = max(self.most_at_once, self.open)
        if text.startswith("!"):
            raise EngineFailed(text[1:])
        limit = request.sampling.max_tokens or 10**9
        words = text.lstrip("~").split(" ")
        for number, word in enumerate(words[:limit]):
            await asyncio.sleep(self.delay)
            yield Chunk(0, f" {word}" if number else word)
        if text.startswith("~"):
            await asyncio.sleep(60)
        yield Chunk(0, finish_reason="length" if len(words) > limit else "stop")
        yield Finished(Usage(10, min(len(words), limit)), Timings(1.0, 1.0))


def models_of(engine: FakeEngine) -> FakeModels:
    models = FakeModels("fake")
    models.engines["fake"] = engine
    return models


def team_of(text: str, name: str = "test") -> Team:
    return read_team(text, name, where=f"{name}.yaml")


MakeRuns = Callable[..., TeamRuns]


@pytest.fixture
async def make(sqlite: Database, tmp_path: Path) -> AsyncIterator[MakeRuns]:
    made: list[TeamRuns] = []

    def runs(engine: FakeEngine, **given: object) -> TeamRuns:
        made.append(TeamRuns(sqlite, models_of(engine), tmp_path / "locks", **given))  # type: ignore[arg-type]
        return made[-1]

    yield runs
    for one in made:
        await one.aclose()


async def work(
    runs: TeamRuns, team: Team, inputs: Mapping[str, str] | None = None, **given: object
) -> tuple[Run, list[TeamMessage]]:
    """A run to its end, or until it waits."""
    order = Order(inputs or {"task": "go"}, **given)  # type: ignore[arg-type]
    return await ended(runs, (await runs.start(ME, team, order)).id)


async def ended(runs: TeamRuns, number: int) -> tuple[Run, list[TeamMessage]]:
    async with asyncio.timeout(20):
        while True:
            run, messages = await runs.show(ME, number)
            if run.state != "running":
                return run, messages
            await asyncio.sleep(0.01)


def told(messages: Sequence[TeamMessage]) -> list[str]:
    """``role entry.version`` of what roles wrote."""
    return [f"{one.role} {one.entry}.{one.version}" for one in messages if one.place != "0"]
