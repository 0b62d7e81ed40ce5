"""``zaohua tools``: what models may call, tried by hand."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zaohua.cli.printing import print_json, print_table
from zaohua.cli.stages import Json

if TYPE_CHECKING:
    from zaohua.assistant.tools import Toolbox, ToolResult
    from zaohua.assistant.tools.mcp.server import ServerState
    from zaohua.generate.engine import Engine, Models
    from zaohua.generate.request import ChatRequest, ToolCall

    Answering = Callable[[Engine, ChatRequest], AsyncIterator[Any]]

app = typer.Typer(
    help="List and try the tools that models may call.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

LONGEST_SHOWN = 2000
YES = ("y", "yes", "是", "好")


@app.command("list")
def list_tools(as_json: Json = False) -> None:
    """List the tools, with those of the servers in the settings."""
    import asyncio
    from dataclasses import asdict

    definitions = asyncio.run(_definitions())
    if as_json:
        print_json([asdict(one) for one in definitions])
        return
    rows = [
        (one.name, ", ".join(one.parameters.get("properties", {})), one.description)
        for one in definitions
    ]
    print_table(("NAME", "ARGUMENTS", "WHAT IT DOES"), rows, folded=("ARGUMENTS", "WHAT IT DOES"))


@app.command()
def call(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the tool.")],
    arguments: Annotated[
        str, typer.Argument(metavar="[ARGUMENTS]", help="A JSON object; '-' reads standard input.")
    ] = "{}",
    as_json: Json = False,
) -> None:
    """Call a tool as a model would. Leaves with 1 if it fails."""
    import asyncio

    from zaohua.cli import reading

    written = reading.prompt(["-"]) if arguments == "-" else arguments
    result = asyncio.run(_called(name, written))
    _show(result, as_json=as_json)
    if not result.ok:
        raise typer.Exit(1)


@app.command()
def servers(as_json: Json = False) -> None:
    """Start or reach the servers in the settings and tell their state.

    Leaves with 1 if one of them is down.
    """
    import asyncio
    from dataclasses import asdict

    states = asyncio.run(_states())
    if as_json:
        print_json([asdict(state) for state in states])
    elif states:
        _print_states(states)
    else:
        typer.echo("there are no servers of tools: [mcp.servers.NAME] in zaohua.toml names one")
    if any(not state.up for state in states):
        raise typer.Exit(1)


@asynccontextmanager
async def toolbox() -> AsyncIterator[Toolbox]:
    """All tools: ours, over the database of this home, and those of the servers."""
    import asyncio

    from zaohua.assistant.tools import Toolbox
    from zaohua.assistant.tools.builtin import plain_tools
    from zaohua.assistant.tools.mcp.servers import remote_servers
    from zaohua.assistant.tools.search import knowledge_tool
    from zaohua.assistant.tools.tickets import Tickets, ticket_tool
    from zaohua.generate.e5 import passage_embedder
    from zaohua.knowledge import Knowledge
    from zaohua.settings import load_settings
    from zaohua.store.database import Database

    settings = load_settings()
    database = await asyncio.to_thread(Database, settings.resolved_database_url)
    try:
        await asyncio.to_thread(database.migrate)
        ours = (
            *plain_tools(),
            knowledge_tool(Knowledge(database, passage_embedder(settings.threads))),
            ticket_tool(Tickets(database)),
        )
        async with remote_servers(settings) as remote:
            yield Toolbox((*ours, *await remote.tools()))
    finally:
        database.close()


@asynccontextmanager
async def answering(
    models: Models, *, tools: bool, scenario: str = "", quoting: bool = False
) -> AsyncIterator[Answering]:
    """What gives the events of an answer: the engine alone, with all tools, or a scenario.

    With ``quoting`` a document stands in the question itself: a person is asked before it could
    set a tool to work.
    """
    if scenario:
        from zaohua.cli.scenario_turns import answering_in

        async with answering_in(models, scenario) as answer:
            yield answer
    elif tools:
        from zaohua.assistant.tools import ClosingToolbox, run_with_tools
        from zaohua.assistant.tools.routing import calls_in
        from zaohua.cli.terminal import interactive

        async with toolbox() as every:
            consent = _agreed if interactive() else None
            box = ClosingToolbox(every, consent, closed=quoting)
            yield lambda engine, request: run_with_tools(engine, request, box, route=calls_in)
    else:
        yield lambda engine, request: engine.chat(request)


async def _agreed(call: ToolCall) -> bool:
    """Ask on the terminal; anything but a yes is a no."""
    from prompt_toolkit import PromptSession

    from zaohua.cli.terminal import harmless

    told = harmless(f"{call.name} {call.arguments}")[:LONGEST_SHOWN]
    print(f"\nThe model has read a document and now wants to call {told}", file=sys.stderr)
    asking: PromptSession[str] = PromptSession("Shall it? [y/N] ")
    try:
        said = await asking.prompt_async(handle_sigint=False)
    except (EOFError, KeyboardInterrupt):
        return False
    return said.strip().lower() in YES


async def _definitions() -> tuple[Any, ...]:
    async with toolbox() as box:
        return box.definitions()


async def _called(name: str, arguments: str) -> ToolResult:
    from zaohua.generate.request import ToolCall

    async with toolbox() as box:
        return await box.call(ToolCall("", name, arguments))


async def _states() -> list[ServerState]:
    from zaohua.assistant.tools.mcp.servers import remote_servers
    from zaohua.settings import load_settings

    async with remote_servers(load_settings()) as remote:
        await remote.tools()
        return remote.states()


def _show(result: ToolResult, *, as_json: bool) -> None:
    from zaohua.cli.failures import say
    from zaohua.cli.terminal import harmless

    if as_json:
        plain = {"tool": result.call.name, "ok": result.ok, "text": result.text}
        print_json({**plain, "value": result.value, "seconds": round(result.seconds, 3)})
    elif result.ok:
        typer.echo(harmless(result.text))
    else:
        say(harmless(result.text.removeprefix("Error: ")))


def _print_states(states: list[ServerState]) -> None:
    headings = ("NAME", "STATE", "TOOLS", "WHERE OR WHY NOT")
    rows = []
    for one in states:
        state = "up" if one.up else "down"
        rows.append((one.name, state, str(len(one.tools)), one.where if one.up else one.error))
        rows += [("", "", "", f"left out: {line}") for line in one.left_out]
    print_table(headings, rows, right=("TOOLS",), folded=("WHERE OR WHY NOT",))
