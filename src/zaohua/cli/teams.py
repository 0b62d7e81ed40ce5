"""``zaohua team``: several roles that work on one task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zaohua.cli.printing import print_facts, print_json, print_table
from zaohua.cli.stages import Json

if TYPE_CHECKING:
    from zaohua.assistant.teams import Run, Team, TeamLibrary, TeamMessage
    from zaohua.assistant.teams.looking import KeptRuns

app = typer.Typer(
    help="Let several roles, and people, work on one task.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="Of the run.")]
Persons = Annotated[
    list[str] | None, typer.Option("--person", metavar="ROLE", help="You take this role; again.")
]
Turns = Annotated[int | None, typer.Option(help="Turns of models at most.")]
Tokens = Annotated[int | None, typer.Option(help="Tokens at most, read and written.")]
Seconds = Annotated[float | None, typer.Option(help="Seconds at work at most.")]
Cost = Annotated[float | None, typer.Option(help="Money at most, for models with a price.")]


@app.command("list")
def list_teams(
    *,
    runs: Annotated[bool, typer.Option("--runs", help="The runs instead, newest first.")] = False,
    as_json: Json = False,
) -> None:
    """List the teams, or what they worked on."""
    if runs:
        _list_runs(as_json=as_json)
        return
    found = _library().list()
    if as_json:
        from zaohua.assistant.teams.exporting import team_facts

        plain = [
            team_facts(one.team) if one.team else {"name": one.name, "problem": one.problem}
            for one in found
        ]
        print_json(plain)
        return
    rows = [
        (
            one.name,
            "own" if one.own else "",
            ", ".join(one.team.spec.roles) if one.team else "",
            _about(one.team) if one.team else one.problem,
        )
        for one in found
    ]
    print_table(("NAME", "", "ROLES", "ABOUT"), rows, folded=("ROLES", "ABOUT"))


def _about(team: Team) -> str:
    return f"{team.spec.title.get('en', '')}: {team.spec.about.get('en', '')}".strip(": ")


def _list_runs(*, as_json: bool) -> None:
    from zaohua.assistant.ids import LOCAL_OWNER
    from zaohua.assistant.teams.exporting import run_facts

    with _runs() as runs:
        found = runs.list(LOCAL_OWNER)
    if as_json:
        print_json([run_facts(one) for one in found])
    elif found:
        rows = [
            (str(one.id), one.team, one.state, f"{one.created_at:%Y-%m-%d %H:%M}",
             str(one.spent.turns), f"{one.spent.tokens:,}", one.reason)
            for one in found
        ]  # fmt: skip
        headings = ("NUMBER", "TEAM", "STATE", "BEGUN", "TURNS", "TOKENS", "WHY")
        print_table(headings, rows, right=("NUMBER", "TURNS", "TOKENS"), folded=("WHY",))
    else:
        typer.echo("no team has worked yet: zaohua team run newsroom")


@app.command()
def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Of a team, its file, or number of a run.")
    ],
    *,
    as_json: Json = False,
) -> None:
    """Show a team, or a run: its result, who wrote what, its end."""
    if name.isdecimal():
        _show_run(int(name), as_json=as_json)
    else:
        _show_team(_team(name), as_json=as_json)


def _show_team(team: Team, *, as_json: bool) -> None:
    from zaohua.assistant.teams.exporting import team_facts
    from zaohua.assistant.teams.form import said

    facts = team_facts(team)
    if as_json:
        print_json(facts)
        return
    inputs = {
        f"--set {one['name']}": said(one["about"], "en")
        + ("" if one["required"] else " (optional)")
        for one in facts["inputs"]
    }
    roles = {f"role {one['name']}": _role(one) for one in facts["roles"]}
    limits = ", ".join(f"{name} {one:g}" for name, one in facts["limits"].items() if one)
    print_facts({
        "team": f"{team.name}: {_about(team)}", "file": str(team.path), **inputs, **roles,
        "limits": limits,
    })  # fmt: skip
    typer.echo(f"\n{team.source.strip()}")


def _role(one: dict[str, Any]) -> str:
    does = f"judges {one['judges']}" if one["judges"] else f"writes {one['writes']}"
    return f"{one['by']}, {does}" + (f", reads {', '.join(one['reads'])}" if one["reads"] else "")


def _show_run(number: int, *, as_json: bool) -> None:
    from zaohua.assistant.teams.exporting import outcome, whole

    run, messages = _kept(number)
    if as_json:
        print_json(whole(run, messages))
        return
    from zaohua.cli.team_stage import ended, objections
    from zaohua.cli.terminal import harmless

    found = outcome(run, messages)
    typer.echo(harmless(found.text))
    typer.echo()
    rows = [
        (str(one.seq), one.place, one.role, one.model or one.by, f"{one.entry} {one.version}",
         one.state, str(one.prompt_tokens + one.completion_tokens or ""), f"{one.seconds:.1f}",
         harmless(one.note))
        for one in messages
    ]  # fmt: skip
    headings = ("", "STEP", "ROLE", "BY", "WROTE", "STATE", "TOKENS", "SECONDS", "NOTE")
    print_table(headings, rows, right=("TOKENS", "SECONDS"), folded=("NOTE",))
    for line in (*objections(found), ended(run)):
        typer.echo(harmless(line))


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of your team.")],
    *,
    start: Annotated[
        str, typer.Option("--from", metavar="TEAM", help="Begin with a copy of this one.")
    ] = "newsroom",
    as_json: Json = False,
) -> None:
    """Make a team of your own, to be edited."""
    path = _library().new(name, start)
    if as_json:
        print_json({"name": name, "path": path})
    else:
        typer.echo(f"{path}: edit it, then 'zaohua team show {name}' tells what is wrong with it")


@app.command()
def run(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the team, or its file.")],
    text: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT", help="Its first input; '-' reads standard input."),
    ] = None,
    *,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="An input; @FILE reads one; again."),
    ] = None,
    language: Annotated[
        str, typer.Option("--language", "-l", metavar="CODE", help="Of the run: zh, en.")
    ] = "",
    model: Annotated[str, typer.Option("--model", "-m", help="Of roles that name none.")] = "",
    person: Persons = None,
    turns: Turns = None,
    tokens: Tokens = None,
    seconds: Seconds = None,
    cost: Cost = None,
    as_json: Json = False,
) -> None:
    """Let a team work; its result goes to stdout. Ctrl-C keeps what is there."""
    from zaohua.assistant.teams.beginning import Order
    from zaohua.cli.team_work import Errand

    team = _team(name)
    inputs = _inputs(team, text, settings or ())
    limits = {"turns": turns, "tokens": tokens, "seconds": seconds, "cost": cost}
    order = Order(inputs, language, model, tuple(person or ()), limits)
    Errand(as_json=as_json).start(team, order)


def _inputs(team: Team, text: Sequence[str] | None, settings: Sequence[str]) -> dict[str, str]:
    from zaohua.cli import reading, templated

    given = {name: str(value) for name, value in templated.values(settings).items()}
    first = next((name for name in team.spec.inputs if name not in given), "")
    if first and (text or not given):
        typed = reading.prompt(text or [])
        if typed.strip():
            given[first] = typed
    return given


@app.command()
def resume(
    number: Number,
    *,
    say: Annotated[
        str, typer.Option("--say", metavar="TEXT", help="What the role it waits for says.")
    ] = "",
    person: Persons = None,
    turns: Turns = None,
    tokens: Tokens = None,
    seconds: Seconds = None,
    cost: Cost = None,
    as_json: Json = False,
) -> None:
    """Go on with a run that ended early, or that waits for you."""
    from zaohua.cli.team_work import Errand

    limits = {"turns": turns, "tokens": tokens, "seconds": seconds, "cost": cost}
    given = {name: one for name, one in limits.items() if one is not None}
    Errand(as_json=as_json).resume(number, given, say, tuple(person or ()))


@app.command()
def export(
    number: Number,
    *,
    form: Annotated[str, typer.Option("--format", help="markdown or json.")] = "markdown",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to.")
    ] = None,
) -> None:
    """Write a run with all that was said, as Markdown or JSON."""
    from zaohua.assistant.teams.exporting import report, whole
    from zaohua.cli.printing import json_text
    from zaohua.errors import UsageError
    from zaohua.store.files import write_atomic

    if form not in ("markdown", "json"):
        raise UsageError(f"there is no format '{form}'", mend="markdown or json")
    run, messages = _kept(number)
    told = json_text(whole(run, messages)) if form == "json" else report(run, messages).rstrip()
    text = f"{told}\n"
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_atomic(output, text.encode())
        typer.echo(f"{output}: run {number}, {len(messages)} messages")


def _kept(number: int) -> tuple[Run, Sequence[TeamMessage]]:
    from zaohua.assistant.ids import LOCAL_OWNER

    with _runs() as runs:
        return runs.show(LOCAL_OWNER, number)


@contextmanager
def _runs() -> Iterator[KeptRuns]:
    """The runs of this home, to look at."""
    from zaohua.assistant.teams.looking import KeptRuns
    from zaohua.settings import load_settings
    from zaohua.store.database import Database

    settings = load_settings()
    database = Database(settings.resolved_database_url)
    try:
        database.migrate()
        yield KeptRuns(database, settings.home / "locks")
    finally:
        database.close()


def _team(name: str) -> Team:
    """The team of a name, or in a file."""
    from zaohua.assistant.teams import read_team_file

    return read_team_file(Path(name)) if name.endswith(".yaml") else _library().get(name)


def _library() -> TeamLibrary:
    from zaohua.assistant.teams import team_library
    from zaohua.settings import load_settings

    return team_library(load_settings())
