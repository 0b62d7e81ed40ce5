"""Runs of teams: begun, followed, stopped, spoken for by persons, taken up again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from filelock import FileLock

from zaohua.assistant.prices import Prices
from zaohua.assistant.teams.beginning import (
    Order,
    check_guarded,
    check_persons,
    inputs_of,
    language_of,
    limits_of,
)
from zaohua.assistant.teams.board import Board
from zaohua.assistant.teams.limits import Budget
from zaohua.assistant.teams.listening import Admit
from zaohua.assistant.teams.live import LiveRun, TeamEvent
from zaohua.assistant.teams.looking import KeptRuns
from zaohua.assistant.teams.persons import of_person
from zaohua.assistant.teams.reading import read_team
from zaohua.assistant.teams.team import Team
from zaohua.assistant.teams.turns import Turns, Workshop
from zaohua.assistant.teams.values import GOES_ON, Run, RunState, Spent, TeamMessage
from zaohua.assistant.teams.walking import RunEnds, Walk
from zaohua.assistant.tools import BoundTool
from zaohua.errors import UsageError, ZaohuaError
from zaohua.generate.engine import Models
from zaohua.generate.failures import EngineBusy
from zaohua.safety import Guard
from zaohua.store.database import Database

log = logging.getLogger(__name__)

MOST_RUNNING: Final = 32
"""Runs at work in one process."""

_LOOK_AGAIN_SECONDS = 0.5
_LET_GO_SECONDS = 10.0
_AWAITING_NOBODY: Final = {"reason": "", "waiting_for": "", "waiting_place": ""}

ToolsOf = Callable[[str], Sequence[BoundTool]]
"""The tools that roles of an owner's runs may use."""


def no_tools(owner: str) -> Sequence[BoundTool]:
    """None."""
    return ()


@dataclass(frozen=True, slots=True)
class _Work:
    """A run at work here."""

    live: LiveRun
    task: asyncio.Task[None]


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
        self._records = self._kept.records
        self._leases = self._kept.leases
        self._models = models
        self._prices = Prices(models)
        self._tools = tools
        self._guard = guard
        self._working: dict[int, _Work] = {}

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
            self._records.begin,
            owner,
            team.name,
            team.source,
            language_of(order),
            inputs,
            limits,
            model=order.model,
            persons=order.persons,
        )
        return await self._work(run, admit)

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
        return await self._work(run, admit)

    async def say(
        self, owner: str, number: int, role: str, content: str, admit: Admit | None = None
    ) -> Run:
        """Speak for a role that a run waits for; the run goes on.

        Raises:
            NotFoundError: there is no such run.
            UsageError: it does not wait for this role, or what is said cannot be used.
        """
        await self._waiting(owner, number, role)
        lock = await asyncio.to_thread(self._leases.take, number)
        try:
            run = await self._waiting(owner, number, role)  # another may have spoken meanwhile
            await asyncio.to_thread(self._keep_spoken, run, role, content)
        except BaseException:
            lock.release()
            raise
        return await self._work(run, admit, lock)

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
        changed = await asyncio.to_thread(self._records.change, number, persons=persons)
        if number in self._working:
            self._working[number].live.change(changed)
        return await self._run(owner, number)

    async def stop(self, owner: str, number: int) -> Run:
        """End a run and keep what is there; one that has ended stays as it is.

        Raises:
            NotFoundError: there is none.
            UsageError: another process works on it.
        """
        run = await self._run(owner, number)
        if number in self._working:
            await self._end([self._working[number]], "stopped")
        elif run.state == "waiting":
            changes = {"state": "stopped", **_AWAITING_NOBODY}
            await asyncio.to_thread(self._change, number, changes)
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
        await asyncio.to_thread(self._records.remove, number, owner)
        self._leases.forget(number)

    async def follow(self, owner: str, number: int, after: int = 0) -> AsyncIterator[TeamEvent]:
        """What is kept behind message ``after``, then what comes, to the end of the run.

        A `Run` comes first and at each change. A run that waits is followed on.

        Raises:
            NotFoundError: there is no such run (before the first event).
        """
        told: Run | None = None
        while True:
            work = self._working.get(number)
            run, messages = await self.show(owner, number)
            if told is None or _differ(run, told):
                told = run
                yield run
            for message in messages:
                if message.seq > after:
                    after = message.seq
                    yield message
            if work is not None:
                async for event in work.live.follow(after):
                    if isinstance(event, TeamMessage):
                        after = event.seq
                    elif isinstance(event, Run):
                        if told is not None and not _differ(event, told):
                            continue
                        told = event
                    yield event
            elif run.state not in GOES_ON:
                return
            else:
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def aclose(self) -> None:
        """End all runs as interrupted; what is kept stays."""
        await self._end(list(self._working.values()), "interrupted")

    async def _run(self, owner: str, number: int) -> Run:
        return await asyncio.to_thread(self._kept.run, owner, number)

    async def _waiting(self, owner: str, number: int, role: str) -> Run:
        """The run, if it waits for ``role``."""
        run = await asyncio.to_thread(self._records.run, number, owner)
        if run.state != "waiting" or role != run.waiting_for:
            waits = f"it waits for {run.waiting_for}" if run.waiting_for else f"it is {run.state}"
            raise UsageError(f"this run does not wait for '{role[:40]}'", where=waits)
        return run

    def _keep_spoken(self, run: Run, role: str, content: str) -> None:
        if self._guard is not None:
            check_guarded(self._guard, content, run.language)
        team, board = self._board(run)
        said = of_person(team, role, run.waiting_place, board, run.language, content)
        self._records.keep(run.id, said, Spent())

    def _board(self, run: Run) -> tuple[Team, Board]:
        team = read_team(run.source, run.team, where=run.team)
        return team, Board(self._records.messages(run.id))

    async def _work(self, run: Run, admit: Admit | None, lock: FileLock | None = None) -> Run:
        """Let a run go on in a task that belongs to nobody who waits for it."""
        held = lock or await asyncio.to_thread(self._leases.take, run.id)
        try:
            team, board = await asyncio.to_thread(self._board, run)
            tools = await asyncio.to_thread(self._tools, run.owner)
            changes = {"state": "running", **_AWAITING_NOBODY, "limits": asdict(run.limits)}
            run = await asyncio.to_thread(self._change, run.id, changes)
        except BaseException:
            held.release()
            raise
        live = LiveRun(run)
        workshop = Workshop(
            self._models,
            self._prices,
            self._records,
            {one.name: one for one in tools},
            self._guard,
            admit,
        )
        turns = Turns(workshop, team, live, board, Budget(run.limits, run.spent))
        task = asyncio.create_task(self._go(Walk(board, turns.take), team, live, held))
        self._working[run.id] = _Work(live, task)
        return run

    async def _go(self, walk: Walk, team: Team, live: LiveRun, lock: FileLock) -> None:
        """Walk to an end, write it down, let the run go, and only then tell of it."""
        number, changed = live.run.id, None
        try:
            end = await _walked(walk, team)
            changes = {
                "state": end.state,
                "reason": end.reason,
                "waiting_for": end.role,
                "waiting_place": end.place,
            }
            changed = await asyncio.to_thread(self._change, number, changes)
        except ZaohuaError as error:
            log.warning("a run of a team could not be kept: %s", error.line())
        finally:
            lock.release()
            del self._working[number]
            if changed is not None:
                live.change(changed)
            live.close()
        if changed is not None and changed.state == "complete":
            self._leases.forget(number)

    def _change(self, number: int, changes: Mapping[str, Any]) -> Run:
        return self._records.change(number, **changes)

    async def _end(self, works: Sequence[_Work], state: RunState) -> None:
        for work in works:
            work.live.stop_state = state
            work.live.stop_asked.set()
        tasks = {work.task for work in works}
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_LET_GO_SECONDS)
            for task in late:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


def _differ(one: Run, other: Run) -> bool:
    """Whether followers are to be told."""
    return (one.state, one.reason, one.persons) != (other.state, other.reason, other.persons)


async def _walked(walk: Walk, team: Team) -> RunEnds:
    """How a walk through the steps ended."""
    try:
        await walk.steps(team.spec.steps)
    except RunEnds as end:
        return end
    except ZaohuaError as error:
        return RunEnds("failed", error.line())
    except Exception as error:
        log.exception("a run of a team broke off")
        return RunEnds("failed", f"something went wrong ({type(error).__name__})")
    return RunEnds("complete", "")
