"""``zaohua guard``: what the guard says of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from zaohua.cli.printing import print_json, print_table
from zaohua.cli.stages import Json

if TYPE_CHECKING:
    from zaohua.safety import Ruling

app = typer.Typer(
    help="Judge texts as the guard does.", rich_markup_mode=None, no_args_is_help=True
)
Role = Literal["question", "passage", "answer"]


@app.callback()
def guard() -> None:
    """Judge texts as the guard does."""


@app.command()
def check(
    text: Annotated[str, typer.Argument(help="The text; - reads it from the pipe.")],
    *,
    role: Annotated[Role, typer.Option("--as", help="What the text is in a turn.")] = "question",
    as_json: Json = False,
) -> None:
    """Tell what becomes of a text, and which rules found what where."""
    from zaohua.cli import reading
    from zaohua.safety import check as judged
    from zaohua.settings import load_settings

    ruling = judged(reading.prompt(["-"]) if text == "-" else text, role, load_settings().home)
    if as_json:
        _print_json(ruling)
    else:
        _print(ruling)


def _print_json(ruling: Ruling) -> None:
    from dataclasses import asdict

    findings = [asdict(one) for one in ruling.findings]
    print_json({"action": ruling.action, "text": ruling.text, "findings": findings})


def _print(ruling: Ruling) -> None:
    from zaohua.cli.terminal import harmless

    typer.echo(f"{ruling.action}: {harmless(ruling.text)}")
    if ruling.findings:
        rows = [(one.kind, one.rule, f"{one.start}-{one.end}", one.note) for one in ruling.findings]
        print_table(("FOUND", "RULE", "WHERE", "NOTE"), rows, folded=("NOTE",))
