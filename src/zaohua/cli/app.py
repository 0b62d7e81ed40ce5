"""All verbs together, and the way in."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from zaohua.cli import (
    artefacts,
    chat,
    data,
    doctor,
    engine,
    failures,
    generate,
    guard,
    keys,
    knowledge,
    label,
    lineage,
    mcp,
    memory,
    models,
    prompts,
    recipes,
    scenarios,
    serve,
    teams,
    tickets,
    tokenizers,
    tools,
    training,
    up,
)

ORDER = (
    "up",
    "serve",
    "chat",
    "generate",
    "prompt",
    "scenario",
    "run",
    "data",
    "tokenizer",
    "pretrain",
    "finetune",
    "models",
    "knowledge",
    "tools",
    "tickets",
    "team",
    "mcp",
    "memory",
    "guard",
    "label",
    "lineage",
    "artefacts",
    "engine",
    "keys",
    "doctor",
    "version",
)


class InOrder(TyperGroup):
    """Lists the verbs as a newcomer needs them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of the verbs."""
        return list(ORDER)


app = typer.Typer(
    name="zaohua",
    cls=InOrder,
    help="Your own ChatGPT, on your own machine.",
    epilog="Start with: zaohua up",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("up")(up.up)
app.command("serve")(serve.serve)
app.command("chat")(chat.chat)
app.command("generate")(generate.generate)
app.add_typer(prompts.app, name="prompt")
app.add_typer(scenarios.app, name="scenario")
app.command("run")(recipes.run)
app.add_typer(data.app, name="data")
app.add_typer(tokenizers.app, name="tokenizer")
app.command("pretrain")(training.pretrain)
app.command("finetune")(training.finetune)
app.add_typer(models.app, name="models")
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(tools.app, name="tools")
app.add_typer(tickets.app, name="tickets")
app.add_typer(teams.app, name="team")
app.command("mcp")(mcp.mcp)
app.add_typer(memory.app, name="memory")
app.add_typer(guard.app, name="guard")
app.add_typer(label.app, name="label")
app.command("lineage")(lineage.lineage)
app.add_typer(artefacts.app, name="artefacts")
app.add_typer(engine.app, name="engine")
app.add_typer(keys.app, name="keys")
app.command("doctor")(doctor.doctor)


@app.command()
def version(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print the version."""
    import json
    import platform

    from zaohua import __version__

    facts = {"version": __version__, "python": platform.python_version()}
    typer.echo(json.dumps(facts) if as_json else __version__)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Your own ChatGPT, on your own machine."""
    if debug:
        os.environ["ZAOHUA_DEBUG"] = "1"
    if show_version:
        version()
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def run(arguments: Sequence[str]) -> int:
    """Run one command line; never raises, returns the exit code."""
    _open_what_is_closed()
    _speak_utf8()
    try:
        outcome = app(list(arguments), prog_name="zaohua", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (Exception, KeyboardInterrupt) as error:
        return failures.report(error)
    return outcome if isinstance(outcome, int) else 0


def _open_what_is_closed() -> None:
    """Streams that the caller closed lead nowhere, and no other file gets their numbers."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123


def _speak_utf8() -> None:
    """Write what the terminal's encoding lacks as ``?`` instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
