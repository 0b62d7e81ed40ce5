"""Runs at work in this process: each in a task that belongs to nobody who waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Final

from filelock import FileLock

from zaohua.assistant.prices import Prices
from zaohua.assistant.teams.board import Board
from zaohua.assistant.teams.limits import Budget
from zaohua.assistant.teams.listening import Admit
from zaohua.assistant.teams.live import LiveRun
from zaohua.assistant.teams.looking import KeptRuns
from zaohua.assistant.teams.reading import read_team
from zaohua.assistant.teams.team import Team
from zaohua.assistant.teams.turns import Turns, Workshop
from zaohua.assistant.teams.values import Run, RunState
from zaohua.assistant.teams.walking import RunEnds, Walk
from zaohua.assistant.tools import BoundTool
from zaohua.errors import ZaohuaError
from zaohua.generate.engine import Models
from zaohua.safety import Guard

log = logging.getLogger(__name__)

ToolsOf = Callable[[str], Sequence[BoundTool]]
"""The tools that roles of an owner's runs may use."""

_LET_GO_SECONDS = 10.0
_AWAITING_NOBODY: Final = {"reason": "", "waiting_for": "", "waiting_place": ""}


@dataclass(frozen=True, slots=True)
class _Work:
    live: LiveRun
    task: asyncio.Task[None]


class Working:
    """Lets runs go on, and ends them. Belongs to one event loop."""

    def __init__(self, kept: KeptRuns, models: Models, tools: ToolsOf, guard: Guard | None) -> None:
        self._kept = kept
        self._models = models
        self._prices = Prices(models)
        self._tools = tools
        self._guard = guard
        self._works: dict[int, _Work] = {}

    def __len__(self) -> int:
        return len(self._works)

    def live(self, number: int) -> LiveRun | None:
        """What a run at work here says; None if it is not."""
        work = self._works.get(number)
        return work.live if work else None

    async def begin(self, run: Run, admit: Admit | None, lock: FileLock | None = None) -> Run:
        """Let a run go on; ``lock`` is its, if it is held already.

        Raises:
            UsageError: it is at work.
        """
        held = await asyncio.to_thread(self._kept.leases.take, run.id) if lock is None else lock
        try:
            team, board, run = await asyncio.to_thread(self._opened, run)
            workshop = await self._workshop(run, admit)
        except BaseException:
            held.release()
            raise
        live = LiveRun(run)
        turns = Turns(workshop, team, live, board, Budget(run.limits, run.spent))
        task = asyncio.create_task(self._go(Walk(board, turns.take), team, live, held))
        self._works[run.id] = _Work(live, task)
        return run

    async def end(self, state: RunState, numbers: Iterable[int] | None = None) -> None:
        """End runs (all, if none are named) as ``state``; what they wrote is kept."""
        chosen = list(self._works) if numbers is None else numbers
        works = [self._works[number] for number in chosen if number in self._works]
        for work in works:
            work.live.stop_state = state
            work.live.stop_asked.set()
        if works:
            _, late = await asyncio.wait({w.task for w in works}, timeout=_LET_GO_SECONDS)
            for task in late:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    def stopped_while_waiting(self, number: int) -> None:
        """Mark a run that waits for a person as stopped."""
        self._kept.records.change(number, state="stopped", **_AWAITING_NOBODY)

    def _opened(self, run: Run) -> tuple[Team, Board, Run]:
        team, board = opened(self._kept, run)
        changes = {"state": "running", **_AWAITING_NOBODY, "limits": asdict(run.limits)}
        return team, board, self._kept.records.change(run.id, **changes)

    async def _workshop(self, run: Run, admit: Admit | None) -> Workshop:
        tools = await asyncio.to_thread(self._tools, run.owner)
        return Workshop(
            self._models,
            self._prices,
            self._kept.records,
            {one.name: one for one in tools},
            self._guard,
            admit,
        )

    async def _go(self, walk: Walk, team: Team, live: LiveRun, lock: FileLock) -> None:
        """Walk to an end, write it down, let the run go, and only then tell of it."""
        number, changed = live.run.id, None
        try:
            changed = await asyncio.to_thread(self._ended, number, await _walked(walk, team))
        except ZaohuaError as error:
            log.warning("a run of a team could not be kept: %s", error.line())
        finally:
            lock.release()
            del self._works[number]
            if changed is not None:
                live.change(changed)
            live.close()
        if changed is not None and changed.state == "complete":
            self._kept.leases.forget(number)

    def _ended(self, number: int, end: RunEnds) -> Run:
        return self._kept.records.change(
            number,
            state=end.state,
            reason=end.reason,
            waiting_for=end.role,
            waiting_place=end.place,
        )


def opened(kept: KeptRuns, run: Run) -> tuple[Team, Board]:
    """The team of a run as it was when it began, and its board. Blocking."""
    team = read_team(run.source, run.team, where=run.team)
    return team, Board(kept.records.messages(run.id))


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
