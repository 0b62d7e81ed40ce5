"""Goes through the steps of a team. Turns that are kept are not taken again, so a run that ended
anywhere goes on where it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from zaohua.assistant.teams.board import Board
from zaohua.assistant.teams.form import StepSpec
from zaohua.assistant.teams.values import RunState, TeamMessage
from zaohua.generate.prompts.choosing import similarity_of

ALIKE: Final = 0.95
"""From here on (0 to 1) a new version says what the old one did."""

_SEVERITY: Final = ("failed", "stopped", "interrupted", "limited", "waiting")


class RunEnds(Exception):
    """A run cannot go on now; ``role`` and ``place`` are those it waits for."""

    def __init__(self, state: RunState, reason: str, role: str = "", place: str = "") -> None:
        self.state = state
        self.reason = reason
        self.role = role
        self.place = place
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is and where; ``beside`` are taken at the same time.

    ``last`` tells whether no other round will follow.
    """

    role: str
    place: str
    beside: int
    last: Callable[[], bool]


class Take(Protocol):
    """Takes a turn and puts it on the board."""

    def __call__(self, turn: Turn) -> Awaitable[None]:
        """Raises `RunEnds` if the run cannot go on."""


class Walk:
    """One walk through the steps.

    Args:
        board: that ``take`` writes on.
        take: takes a turn.
    """

    def __init__(self, board: Board, take: Take) -> None:
        self._board = board
        self._take = take

    async def steps(
        self, steps: Sequence[StepSpec], above: str = "", last: Callable[[], bool] = lambda: True
    ) -> None:
        """Take all turns of ``steps`` in order.

        Raises:
            RunEnds: it cannot go on.
        """
        for number, step in enumerate(steps, 1):
            await self._step(step, f"{above}{number}", last)

    async def _step(self, step: StepSpec, place: str, last: Callable[[], bool]) -> None:
        if step.repeat:
            await self._rounds(step, place, last)
        elif step.parallel:
            await self._together(step.parallel, place, last)
        else:
            await self._turn(Turn(step.role, place, 1, last))

    async def _turn(self, turn: Turn) -> None:
        if self._board.turn(turn.place) is None:
            await self._take(turn)

    async def _together(self, roles: Sequence[str], place: str, last: Callable[[], bool]) -> None:
        turns = [Turn(r, f"{place}.{n}", len(roles), last) for n, r in enumerate(roles, 1)]
        ends = await asyncio.gather(*map(self._turn, turns), return_exceptions=True)
        found = [end for end in ends if isinstance(end, BaseException)]
        if found:
            raise min(found, key=_severity)

    async def _rounds(self, step: StepSpec, place: str, last: Callable[[], bool]) -> None:
        for number in range(1, step.rounds + 1):
            here = f"{place}.{number}."
            ends = partial(self._ends, step, number, here)
            await self.steps(step.repeat, here, partial(_both, last, ends))
            if ends() or all(map(self._passes(here), step.until)):
                return

    def _ends(self, step: StepSpec, number: int, here: str) -> bool:
        """Whether no other round follows this one, however it is judged."""
        return number == step.rounds or (number > 1 and self._repeats_itself(here))

    def _passes(self, here: str) -> Callable[[str], bool]:
        """Whether a critic passed what it judged in the round ``here``."""

        def passes(critic: str) -> bool:
            said = [one for one in self._in(here) if one.role == critic and one.passes is not None]
            return bool(said and said[-1].passes)

        return passes

    def _repeats_itself(self, here: str) -> bool:
        """Whether a model wrote in this round what it had written in the one before."""
        written = [one for one in self._in(here) if one.by == "model" and one.passes is None]
        pairs = [(one, self._board.before(one)) for one in written]
        return any(
            old is not None and similarity_of(one.content, old.content) >= ALIKE
            for one, old in pairs
        )

    def _in(self, here: str) -> list[TeamMessage]:
        return [one for one in self._board.standing if one.place.startswith(here)]


def _both(one: Callable[[], bool], other: Callable[[], bool]) -> bool:
    return one() and other()


def _severity(end: BaseException) -> int:
    state = end.state if isinstance(end, RunEnds) else "failed"
    return _SEVERITY.index(state) if state in _SEVERITY else 0
