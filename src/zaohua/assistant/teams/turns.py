"""The turns of a run, taken one by one: asked, judged, kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from zaohua.assistant.prices import Prices
from zaohua.assistant.teams.asking import request, tidied
from zaohua.assistant.teams.board import Board
from zaohua.assistant.teams.judging import Finding, findings_of, mended, remarks
from zaohua.assistant.teams.keeping import Records
from zaohua.assistant.teams.limits import Budget, price
from zaohua.assistant.teams.listening import Admit, Heard, Listener, Question
from zaohua.assistant.teams.live import Delta, LiveRun
from zaohua.assistant.teams.team import Team
from zaohua.assistant.teams.values import MessageState, Said, Spent, TeamMessage
from zaohua.assistant.teams.walking import ALIKE, RunEnds, Turn
from zaohua.assistant.tools import BoundTool
from zaohua.assistant.values import TokenUsage
from zaohua.generate.engine import Models
from zaohua.generate.prompts.choosing import similarity_of
from zaohua.generate.prompts.outputs import schema_faults
from zaohua.generate.request import ChatRequest
from zaohua.safety import Guard

TRIES: Final = 2
"""Of an answer that is not of the form that was asked for, or is none."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What turns are taken with.

    Attributes:
        tools: by name.
        guard: of what roles say.
        admit: gives leave to use tokens.
    """

    models: Models
    prices: Prices
    records: Records
    tools: Mapping[str, BoundTool]
    guard: Guard | None = None
    admit: Admit | None = None


class Turns:
    """Takes the turns of one run and puts what comes of them on the board."""

    def __init__(
        self, workshop: Workshop, team: Team, live: LiveRun, board: Board, budget: Budget
    ) -> None:
        self._workshop = workshop
        self._team = team
        self._live = live
        self._board = board
        self._budget = budget
        self._keeping = asyncio.Lock()

    async def take(self, turn: Turn) -> None:
        """Take a turn.

        Raises:
            RunEnds: it is a person's, a limit is reached, someone stopped the run, a model failed.
        """
        if self._live.stop_asked.is_set():
            raise RunEnds(self._live.stop_state, "")
        role = self._team.spec.roles[turn.role]
        if role.person or turn.role in self._live.run.persons:
            told = f"{turn.role} is a person's turn"
            raise RunEnds("waiting", told, turn.role, turn.place)
        if role.judges:
            await self._judge(turn)
        else:
            await self._write(turn)

    async def _write(self, turn: Turn) -> None:
        role, language = self._team.spec.roles[turn.role], self._live.run.language
        schema = role.output.schema_in(language)
        asked = request(self._team, turn.role, self._board, language)
        for left in reversed(range(TRIES)):
            number = self._live.begin()
            heard = await self._ask(turn, asked, number)
            said = self._said(turn, heard, asked)
            if said.state != "complete":
                await self._keep(said, number)
                raise _end_of(heard, turn.role, self._live)
            value, fault = read(heard, schema)
            if not fault:
                said = replace(said, value=value, note=said.note or self._note(turn, said.content))
                await self._keep(said, number)
                return
            state: MessageState = "failed" if left else "broken"
            after = "asked again" if left else "it stands as it is"
            await self._keep(replace(said, state=state, note=f"{fault}: {after}"), number)
            asked = _drawn_otherwise(asked)

    async def _judge(self, turn: Turn) -> None:
        role, language = self._team.spec.roles[turn.role], self._live.run.language
        judged = self._board.latest(role.judges)
        if judged is None:
            raise RunEnds("failed", f"{turn.role} has no '{role.judges}' to judge")
        told = (role, judged, self._board, self._team, language)
        findings = await asyncio.to_thread(findings_of, *told)
        said = Said(turn.place, turn.role, "code", self._team.writes(turn.role), "")
        number = self._live.begin()
        if role.asks_model:
            said, opinion = await self._opinion(turn, number)
            findings += opinion
        passes = all(one.holds for one in findings)
        said = replace(said, content=remarks(findings, language))
        if not passes and role.mends and turn.last():
            passes = await self._mend(turn, judged)
            said = replace(said, note="put right in code" if passes else said.note)
        plain = tuple(one.plain() for one in findings)
        await self._keep(replace(said, passes=passes, findings=plain), number)

    async def _opinion(self, turn: Turn, number: int) -> tuple[Said, list[Finding]]:
        """What a critic's model thinks; an answer that cannot be read counts for nothing."""
        asked = request(self._team, turn.role, self._board, self._live.run.language)
        heard = await self._ask(turn, asked, number)
        said = self._said(turn, heard, asked)
        if said.state != "complete":
            await self._keep(said, number)
            raise _end_of(heard, turn.role, self._live)
        value, fault = read(heard, asked.grammar.value if asked.grammar else None)
        if fault:
            return replace(said, note=f"its opinion was not counted: {fault}"), []
        passes = bool(value["passes"]) or not value["remarks"]
        lines = [str(one) for one in value["remarks"] if str(one).strip()] or ["OK"]
        return replace(said, value=value), [Finding("opinion", passes, line) for line in lines]

    async def _mend(self, turn: Turn, judged: TeamMessage) -> bool:
        """Put right what is judged, as a new version; whether it then passes."""
        role, language = self._team.spec.roles[turn.role], self._live.run.language
        fixed = await asyncio.to_thread(mended, role, judged, self._board)
        if fixed is None:
            return False
        content, value = fixed
        place = f"{turn.place}+"
        said = Said(place, turn.role, "code", judged.entry, content, value=value)
        message = await self._keep(replace(said, note=f"version {judged.version} put right"))
        told = (role, message, self._board, self._team, language)
        return all(one.holds for one in await asyncio.to_thread(findings_of, *told))

    async def _ask(self, turn: Turn, asked: ChatRequest, number: int) -> Heard:
        if reached := self._budget.reached:
            raise RunEnds("limited", reached)
        role, run = self._team.spec.roles[turn.role], self._live.run
        workshop = self._workshop
        given = [one.content for one in self._board.messages]
        question = Question(
            replace(asked, user=run.owner if run.owner != "local" else f"team-{run.id}"),
            role.model or run.model,
            [workshop.tools[name] for name in role.tools if name in workshop.tools],
            self._budget.begin(turn.beside),
            workshop.guard.answer(run.language, given) if workshop.guard else None,
            workshop.admit,
        )
        entry = self._team.writes(turn.role)

        def say(text: str) -> None:
            self._live.say(Delta(number, turn.place, turn.role, entry, text))

        say("")
        try:
            listener = Listener(workshop.models, workshop.prices, question, say)
            return await listener.listen(self._live.stop_asked)
        finally:
            self._budget.end()

    def _said(self, turn: Turn, heard: Heard, asked: ChatRequest) -> Said:
        return Said(
            turn.place,
            turn.role,
            "model",
            self._team.writes(turn.role),
            tidied(self._team, heard.text, self._board, self._live.run.language),
            model=heard.model,
            tools=tuple(heard.tools),
            asked=tuple({"role": m.role, "content": m.content} for m in asked.messages),
            state=heard.state,
            note=heard.note,
            spent=Spent(1, heard.prompt_tokens, heard.completion_tokens, heard.seconds),
        )

    def _note(self, turn: Turn, text: str) -> str:
        """Whether a role says only what it was given to read."""
        role = self._team.spec.roles[turn.role]
        alike = [one for one in role.reads if similarity_of(text, self._board.text(one)) >= ALIKE]
        return f"repeats {', '.join(alike)}" if alike and text else ""

    async def _keep(self, said: Said, number: int = 0) -> TeamMessage:
        """Write a message, then tell it; its seconds are those of the run since the last one."""
        async with self._keeping:
            usage = TokenUsage(
                prompt_tokens=said.spent.prompt_tokens,
                completion_tokens=said.spent.completion_tokens,
                cached_tokens=0,
            )
            prices = self._workshop.prices
            cost = await asyncio.to_thread(price, prices, usage, said.model) if said.model else 0.0
            took = replace(said.spent, seconds=self._budget.elapsed(), cost=cost)
            keep = self._workshop.records.keep
            message = await asyncio.to_thread(keep, self._live.run.id, said, took)
        self._budget.spend(took)
        self._board.add(message)
        self._live.over(number)
        self._live.kept(message)
        return message


def read(heard: Heard, schema: Any) -> tuple[Any, str]:
    """The JSON value of an answer (None for text), and why it cannot be used."""
    if not heard.text:
        return None, "the model gave no answer"
    if schema is None:
        return None, ""
    try:
        value = json.loads(heard.text)
    except (ValueError, RecursionError):
        cut = heard.finish_reason == "length"
        return None, "the answer was cut off before its end" if cut else "the answer is not JSON"
    faults = schema_faults(value, schema)
    return (None, f"the answer is not of its form: {faults[0]}") if faults else (value, "")


def _drawn_otherwise(asked: ChatRequest) -> ChatRequest:
    sampling = asked.sampling
    warmer = max(sampling.temperature or 0.0, 0.5)
    return replace(
        asked, sampling=replace(sampling, seed=(sampling.seed or 0) + 1, temperature=warmer)
    )


def _end_of(heard: Heard, role: str, live: LiveRun) -> RunEnds:
    if heard.state == "cut":
        return RunEnds("limited", f"{heard.limit} ended the turn of {role}")
    if heard.state == "stopped":
        return RunEnds(live.stop_state, "")
    return RunEnds("failed", f"{role}: {heard.note}")
