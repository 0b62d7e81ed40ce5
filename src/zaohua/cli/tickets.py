"""``zaohua tickets``: what the assistant handed over to a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from zaohua.cli.printing import print_facts, print_json, print_table
from zaohua.cli.stages import Json

if TYPE_CHECKING:
    from zaohua.assistant.tools.tickets import Ticket, Tickets

app = typer.Typer(
    help="See and close what the assistant handed over.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="Of the ticket.")]


@app.command("list")
def list_tickets(
    every: Annotated[bool, typer.Option("--all", help="Closed ones, too.")] = False,
    as_json: Json = False,
) -> None:
    """List the tickets, the newest first."""
    from dataclasses import asdict

    with _tickets() as tickets:
        found = tickets.list(None if every else "open")
    if as_json:
        print_json([asdict(one) for one in found])
    elif found:
        _print_table(found)
    else:
        typer.echo("there are no tickets" if every else "there are no open tickets")


@app.command()
def show(number: Number, as_json: Json = False) -> None:
    """Show a ticket."""
    with _tickets() as tickets:
        found = tickets.show(number)
    _print(found, as_json=as_json)


@app.command()
def close(
    number: Number,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What was done.")] = "",
    as_json: Json = False,
) -> None:
    """Mark a ticket as done."""
    with _tickets() as tickets:
        closed = tickets.close(number, note)
    if as_json:
        _print(closed, as_json=True)
    else:
        typer.echo(f"ticket {number} is closed")


@contextmanager
def _tickets() -> Iterator[Tickets]:
    from zaohua.assistant.tools.tickets import Tickets
    from zaohua.settings import load_settings
    from zaohua.store.database import Database

    database = Database(load_settings().resolved_database_url)
    try:
        database.migrate()
        yield Tickets(database)
    finally:
        database.close()


def _print(ticket: Ticket, *, as_json: bool) -> None:
    from dataclasses import asdict

    from zaohua.cli.terminal import harmless

    if as_json:
        print_json(asdict(ticket))
        return
    facts = {
        "ticket": str(ticket.id),
        "state": ticket.state,
        "summary": ticket.summary,
        "reason": ticket.reason,
        "from": ticket.owner,
        "conversation": ticket.conversation,
        "opened": f"{ticket.created_at:%Y-%m-%d %H:%M} UTC",
        "closed": f"{ticket.closed_at:%Y-%m-%d %H:%M} UTC" if ticket.closed_at else "",
        "note": ticket.note,
    }
    print_facts({key: harmless(text) for key, text in facts.items()})


def _print_table(tickets: Sequence[Ticket]) -> None:
    from zaohua.cli.terminal import harmless

    headings = ("NUMBER", "STATE", "OPENED", "SUMMARY", "REASON")
    rows = [
        (
            str(one.id),
            one.state,
            f"{one.created_at:%Y-%m-%d %H:%M}",
            harmless(one.summary),
            harmless(one.reason),
        )
        for one in tickets
    ]
    print_table(headings, rows, right=("NUMBER",), folded=("SUMMARY", "REASON"))
