"""``zaohua artefacts``: what was made, what it takes on the disk, and how to be rid of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from zaohua.cli.printing import print_json, print_table
from zaohua.cli.stages import Json

if TYPE_CHECKING:
    from zaohua.store.holdings import Holding

app = typer.Typer(
    help="List and remove what was made, to free the disk.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
Names = Annotated[
    list[str], typer.Argument(metavar="NAME...", help="NAME, NAME@VERSION or KIND/NAME@VERSION.")
]
Force = Annotated[bool, typer.Option("--force", help="Also if others were made from it.")]
Unfinished = Annotated[
    bool, typer.Option("--unfinished", help="Also what was begun and not ended: nothing goes on.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@app.command("list")
def list_artefacts(as_json: Json = False) -> None:
    """List all versions and their sizes, the largest first."""
    from zaohua.settings import load_settings
    from zaohua.store.holdings import holdings

    found = holdings(load_settings())
    if as_json:
        print_json([asdict(one) for one in found])
    elif found:
        _print(found)
    else:
        typer.echo("nothing is made yet: 'zaohua run --list' shows what can be")


@app.command("rm")
def remove_artefacts(names: Names, force: Force = False, as_json: Json = False) -> None:
    """Remove versions: the newest other of a name is then used."""
    from zaohua.settings import load_settings
    from zaohua.store.holdings import remove

    settings = load_settings()
    removed = []
    for name in dict.fromkeys(names):
        removed.append(remove(name, settings, force=force))
        if not as_json:
            _say(removed[-1])
    if as_json:
        print_json([asdict(one) for one in removed])


@app.command()
def prune(unfinished: Unfinished = False, yes: Yes = False, as_json: Json = False) -> None:
    """Remove old versions that nothing in use was made from."""
    from zaohua.settings import load_settings
    from zaohua.store.holdings import leftovers, remove

    settings = load_settings()
    found = leftovers(settings, unfinished=unfinished)
    if found and not yes:
        _print(found)
        _confirm(found)
    removed = [remove(one.reference, settings, force=True) for one in found]
    if as_json:
        print_json([asdict(one) for one in removed])
    elif removed:
        typer.echo(f"{len(removed)} removed: {_total(removed)} freed")
    else:
        typer.echo("nothing is left over")


def _confirm(found: Sequence[Holding]) -> None:
    from zaohua.cli.terminal import interactive
    from zaohua.errors import UsageError

    if not interactive():
        raise UsageError("nobody is there to ask", mend="--yes removes them")
    if not typer.confirm(f"Remove these {len(found)} and free {_total(found)}?"):
        raise typer.Exit(1)


def _print(found: Sequence[Holding]) -> None:
    from zaohua.cli.bars import quantity

    cells = [
        (one.reference, quantity(one.size), f"{one.created.astimezone():%Y-%m-%d %H:%M}", one.state)
        for one in found
    ]
    print_table(
        ("REFERENCE", "SIZE", "MADE", "STATE"),
        cells,
        right=("SIZE",),
        dimmed=[one.state in ("old", "unfinished") for one in found],
    )


def _say(one: Holding) -> None:
    from zaohua.cli.bars import quantity

    typer.echo(f"{one.reference} is removed: {quantity(one.size)} freed")


def _total(found: Sequence[Holding]) -> str:
    from zaohua.cli.bars import quantity

    return quantity(sum(one.size for one in found))
