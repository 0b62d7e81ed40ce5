"""Runs of teams: begun, followed, stopped, spoken for by persons, taken up again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from zaohua.assistant.teams.beginning import (
    Order,
    check_guarded,
    check_persons,
    inputs_of,
    language_of,
    limits_of,
)
from zaohua.assistant.teams.listening import Admit
from zaohua.assistant.teams.live import TeamEvent
from zaohua.assistant.teams.looking import KeptRuns
from zaohua.assistant.teams.persons import Floor, of_person
from zaohua.assistant.teams.reading import read_team
from zaohua.assistant.teams.team import Team
from zaohua.assistant.teams.values import GOES_ON, Run, Spent, TeamMessage
from zaohua.assistant.teams.working import ToolsOf, Working, opened
from zaohua.assistant.tools import BoundTool
from zaohua.errors import UsageError
from zaohua.generate.engine import Models
from zaohua.generate.failures import EngineBusy
from zaohua.safety import Guard
from zaohua.store.database import Database

MOST_RUNNING: Final = 32
"""Runs at work in one process."""

_LOOK_AGAIN_SECONDS = 0.5


def no_tools(owner: str) -> Sequence[BoundTool]:
    """None."""
    return ()


class TeamRuns:
    """The runs of a database. Belongs to one event loop.

    Args:
        database: that keeps them.
        models: that speak for roles.
        folder: of lock files.
        tools: that roles may use.
        guard: of inputs and of what roles say.
    """

    def __init__(
        self,
        database: Database,
        models: Models,
        folder: Path,
        tools: ToolsOf = no_tools,
        guard: Guard | None = None,
    ) -> None:
        self._kept = KeptRuns(database, folder)
        self._guard = guard
        self._working = Working(self._kept, models, tools, guard)

    async def start(self, owner: str, team: Team, order: Order, admit: Admit | None = None) -> Run:
        """Keep a new run and begin it.

        Raises:
            UsageError: what is given is wrong, or the guard refuses it.
            EngineBusy: too many runs are at work.
        """
        check_persons(team, order.persons)
        inputs = inputs_of(team, order, self._guard)
        limits = limits_of(team.spec.limits, order.limits)
        if len(self._working) >= MOST_RUNNING:
            raise EngineBusy("too many teams are at work")
        run = await asyncio.to_thread(
            self._kept.records.begin,
            owner,
            team.name,
            team.source,
            language=language_of(order),
            inputs=inputs,
            limits=limits,
            model=order.model,
            persons=order.persons,
        )
        return await self._working.begin(run, admit)

    async def resume(
        self,
        owner: str,
        number: int,
        limits: Mapping[str, Any] | None = None,
        admit: Admit | None = None,
    ) -> Run:
        """Take up a run that has not come to its end, with other ``limits`` if some are given.

        Raises:
            NotFoundError: there is none.
            UsageError: it is complete, or at work.
        """
        run = await self._run(owner, number)
        if run.state == "complete":
            raise UsageError("this run is complete", where=str(number))
        run = replace(run, limits=limits_of(run.limits, limits or {}))
        return await self._working.begin(run, admit)

    async def say(
        self, owner: str, number: int, role: str, content: str, admit: Admit | None = None
    ) -> Run:
        """Speak for a role that a run waits for; the run goes on.

        Raises:
            NotFoundError: there is no such run.
            UsageError: it does not wait for this role, or what is said cannot be used.
        """
        await asyncio.to_thread(self._waiting, owner, number, role)
        lock = await asyncio.to_thread(self._kept.leases.take, number)
        try:
            run = await asyncio.to_thread(self._keep_spoken, owner, number, role, content)
        except BaseException:
            lock.release()
            raise
        return await self._working.begin(run, admit, lock)

    async def take(self, owner: str, number: int, role: str, *, person: bool = True) -> Run:
        """Let a person take a role from its next turn on, or give it back to its model.

        Raises:
            NotFoundError: there is no such run.
            UsageError: there is no such role, or it is one that only a person can take.
        """
        run = await self._run(owner, number)
        team = read_team(run.source, run.team, where=run.team)
        check_persons(team, [role])
        if not person and team.spec.roles[role].person:
            raise UsageError(f"{role} is a person's role")
        persons = [*(one for one in run.persons if one != role), *([role] if person else [])]
        changed = await asyncio.to_thread(self._kept.records.change, number, persons=persons)
        if live := self._working.live(number):
            live.change(changed)
        return await self._run(owner, number)

    async def stop(self, owner: str, number: int) -> Run:
        """End a run and keep what is there; one that has ended stays as it is.

        Raises:
            NotFoundError: there is none.
            UsageError: another process works on it.
        """
        run = await self._run(owner, number)
        if self._working.live(number):
            await self._working.end("stopped", [number])
        elif run.state == "waiting":
            await asyncio.to_thread(self._working.stopped_while_waiting, number)
        elif run.state == "running":
            raise UsageError("another process works on this run", mend="stop it there: Ctrl-C")
        return await self._run(owner, number)

    async def show(self, owner: str, number: int) -> tuple[Run, Sequence[TeamMessage]]:
        """A run and all that is kept of it.

        Raises:
            NotFoundError: there is none.
        """
        return await asyncio.to_thread(self._kept.show, owner, number)

    async def list(self, owner: str, limit: int = 50) -> Sequence[Run]:
        """The newest runs first."""
        return await asyncio.to_thread(self._kept.list, owner, limit)

    async def remove(self, owner: str, number: int) -> None:
        """Forget a run for good; one that is at work is stopped first.

        Raises:
            NotFoundError: there is none.
            UsageError: another process works on it.
        """
        await self.stop(owner, number)
        await asyncio.to_thread(self._kept.records.remove, number, owner)
        self._kept.leases.forget(number)

    async def follow(self, owner: str, number: int, after: int = 0) -> AsyncIterator[TeamEvent]:
        """What is kept behind message ``after``, then what comes, to the end of the run.

        A `Run` comes first and at each change. A run that waits is followed on.

        Raises:
            NotFoundError: there is no such run (before the first event).
        """
        told: Run | None = None
        while True:
            live = self._working.live(number)
            run, messages = await self.show(owner, number)
            if told is None or _differ(run, told):
                told = run
                yield run
            for message in messages:
                if message.seq > after:
                    after = message.seq
                    yield message
            if live is not None:
                async for event in live.follow(after):
                    if isinstance(event, TeamMessage):
                        after = event.seq
                    elif isinstance(event, Run):
                        if not _differ(event, told):
                            continue
                        told = event
                    yield event
            elif run.state not in GOES_ON:
                return
            else:
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def aclose(self) -> None:
        """End all runs as interrupted; what is kept stays."""
        await self._working.end("interrupted")

    async def _run(self, owner: str, number: int) -> Run:
        return await asyncio.to_thread(self._kept.run, owner, number)

    def _waiting(self, owner: str, number: int, role: str) -> Run:
        """The run, if it waits for ``role``."""
        run = self._kept.run(owner, number)
        if run.state != "waiting" or role != run.waiting_for:
            waits = f"it waits for {run.waiting_for}" if run.waiting_for else f"it is {run.state}"
            raise UsageError(f"this run does not wait for '{role[:40]}'", where=waits)
        return run

    def _keep_spoken(self, owner: str, number: int, role: str, content: str) -> Run:
        """Look again, now that nobody else can speak, and keep what is said."""
        run = self._waiting(owner, number, role)
        if self._guard is not None:
            check_guarded(self._guard, content, run.language)
        team, board = opened(self._kept, run)
        said = of_person(Floor(team, role, run.waiting_place, board, run.language), content)
        self._kept.records.keep(number, said, Spent())
        return run


def _differ(one: Run, other: Run) -> bool:
    """Whether followers are to be told."""
    return (one.state, one.reason, one.persons) != (other.state, other.reason, other.persons)
