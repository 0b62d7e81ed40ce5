"""Lets a team work in this process, shows it, and lets the person at the terminal speak."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import typer

from zaohua.cli import failures
from zaohua.cli.printing import print_json

if TYPE_CHECKING:
    from zaohua.assistant.teams import Run, Team, TeamMessage, TeamRuns
    from zaohua.assistant.teams.beginning import Order
    from zaohua.cli.connecting import Choice

Begin = Callable[["TeamRuns"], Awaitable[tuple["Run", int]]]
"""Gives the run and the number of the last message that was there before."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One run, begun or taken up, until it ends or waits for somebody who is not here."""

    as_json: bool

    def start(self, team: Team, order: Order) -> None:
        """Begin a run.

        Raises:
            UsageError: what is given is wrong.
        """
        from dataclasses import replace

        from zaohua.assistant.ids import LOCAL_OWNER
        from zaohua.assistant.teams.beginning import inputs_of

        inputs_of(team, order, None)  # before a model is fetched
        choice, model = _prepared(order.model)
        named = replace(order, model=model)

        async def begin(runs: TeamRuns) -> tuple[Run, int]:
            return await runs.start(LOCAL_OWNER, team, named), 0

        self._work(choice, begin)

    def resume(
        self, number: int, limits: Mapping[str, Any], say: str, persons: Sequence[str]
    ) -> None:
        """Take up a run; ``say`` is the turn of the role that it waits for.

        Raises:
            NotFoundError: there is no such run.
            UsageError: it cannot be taken up.
        """
        from zaohua.assistant.ids import LOCAL_OWNER

        async def begin(runs: TeamRuns) -> tuple[Run, int]:
            for role in persons:
                await runs.take(LOCAL_OWNER, number, role)
            run, messages = await runs.show(LOCAL_OWNER, number)
            last = messages[-1].seq if messages else 0
            if say:
                return await runs.say(LOCAL_OWNER, number, run.waiting_for, say), last
            return await runs.resume(LOCAL_OWNER, number, limits), last

        self._work(_prepared("")[0], begin)

    def _work(self, choice: Choice, begin: Begin) -> None:
        run, messages = asyncio.run(_worked(choice, begin))
        self._tell(run, messages)
        if run.state == "stopped":
            raise typer.Exit(failures.INTERRUPTED)
        if run.state not in ("complete", "limited"):
            raise typer.Exit(1)

    def _tell(self, run: Run, messages: Sequence[TeamMessage]) -> None:
        from zaohua.assistant.teams.exporting import outcome, whole
        from zaohua.cli.team_stage import ended, how_to_go_on, objections

        if self.as_json:
            print_json(whole(run, messages))
            return
        from zaohua.cli.terminal import harmless

        found = outcome(run, messages)
        if found.text:
            print(file=sys.stderr)
            typer.echo(harmless(found.text) if sys.stdout.isatty() else found.text)
        for line in objections(found):
            failures.say(harmless(line))
        on = how_to_go_on(run)
        failures.say(harmless(ended(run)) + (f"; to go on: {on}" if on else ""))


def _prepared(model: str) -> tuple[Choice, str]:
    """Where answers come from, and the name of the model that was asked for; empty for none."""
    from zaohua.cli import connecting
    from zaohua.settings import load_settings

    choice = connecting.choose(load_settings())
    name = connecting.prepare(choice, model)
    return choice, name if model else ""


async def _worked(choice: Choice, begin: Begin) -> tuple[Run, Sequence[TeamMessage]]:
    from zaohua.assistant.ids import LOCAL_OWNER

    async with _opened(choice) as runs:
        run, after = await begin(runs)
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, stop.set)
        try:
            await _followed(runs, run, after, stop, choice)
        finally:
            loop.remove_signal_handler(signal.SIGINT)
        return await runs.show(LOCAL_OWNER, run.id)


async def _followed(
    runs: TeamRuns, run: Run, after: int, stop: asyncio.Event, choice: Choice
) -> None:
    """Show the run; ask the person when it waits for one, if there is one."""
    from zaohua.assistant.ids import LOCAL_OWNER
    from zaohua.assistant.teams import read_team
    from zaohua.assistant.teams.values import Run as RunValue
    from zaohua.assistant.teams.values import TeamMessage as Message
    from zaohua.cli.team_stage import Stage

    stage = Stage(read_team(run.source, run.team, where=run.team))
    stopping = asyncio.create_task(_stop(runs, run.id, stop))
    try:
        while True:
            state = run
            async with aclosing(cast("Any", runs.follow(LOCAL_OWNER, run.id, after))) as events:
                async for event in events:
                    if isinstance(event, RunValue):
                        state = event
                        if event.state == "waiting":
                            break
                        continue
                    after = max(after, event.seq) if isinstance(event, Message) else after
                    stage.show(event, run)
            if state.state != "waiting" or not await _spoken(runs, state, choice):
                return
    finally:
        stopping.cancel()


async def _stop(runs: TeamRuns, number: int, stop: asyncio.Event) -> None:
    from zaohua.assistant.ids import LOCAL_OWNER

    await stop.wait()
    await runs.stop(LOCAL_OWNER, number)


async def _spoken(runs: TeamRuns, run: Run, choice: Choice) -> bool:
    """Ask the person for a turn; ``False`` if there is none, or they leave."""
    from zaohua.assistant.ids import LOCAL_OWNER
    from zaohua.assistant.teams.asking import task
    from zaohua.assistant.teams.board import Board
    from zaohua.assistant.teams.reading import read_team
    from zaohua.cli.line import LineReader
    from zaohua.cli.terminal import bold, dim, harmless, interactive
    from zaohua.errors import UsageError

    if not interactive():
        return False
    _, messages = await runs.show(LOCAL_OWNER, run.id)
    team, role = read_team(run.source, run.team, where=run.team), run.waiting_for
    print(f"\n{bold(harmless(team.role_title(role, run.language)), sys.stdout)}")
    print(harmless(task(team, role, Board(messages), run.language)))
    judges = bool(team.spec.roles[role].judges)
    hint = "'ok' lets it pass, anything else is an objection" if judges else "it is your turn"
    print(dim(f"{hint}; Alt-Enter starts a new line, Ctrl-D leaves", sys.stdout))
    reader = LineReader(choice.settings.home / "history", list)
    while (line := await reader.read()) is not None:
        try:
            await runs.say(LOCAL_OWNER, run.id, role, line)
            return True
        except UsageError as error:
            failures.say(error.line())
    return False


@asynccontextmanager
async def _opened(choice: Choice) -> AsyncIterator[TeamRuns]:
    """The runs of this home, with the models of ``choice`` and the tools of this machine."""
    from zaohua.assistant.teams import TeamRuns
    from zaohua.assistant.tools.builtin import plain_tools
    from zaohua.assistant.tools.search import knowledge_tool
    from zaohua.cli.connecting import connect
    from zaohua.generate.e5 import passage_embedder
    from zaohua.knowledge import Knowledge
    from zaohua.safety import Guard, load_policy
    from zaohua.store.database import Database

    settings = choice.settings
    database = await asyncio.to_thread(Database, settings.resolved_database_url)
    try:
        await asyncio.to_thread(database.migrate)
        knowledge = Knowledge(database, passage_embedder(settings.threads))
        tools = (*plain_tools(), knowledge_tool(knowledge))
        guard = Guard(load_policy(settings.home))
        async with connect(choice) as models:
            runs = TeamRuns(database, models, settings.home / "locks", lambda owner: tools, guard)
            try:
                yield runs
            finally:
                await runs.aclose()
    finally:
        database.close()
