"""Results on stdout: JSON, tables, facts."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

WIDE = 220


def print_json(value: Any) -> None:
    """``value`` as indented JSON; times in ISO form, paths as text."""
    typer.echo(json_text(value))


def json_text(value: Any) -> str:
    """What `print_json` prints."""
    import json

    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def print_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[str] = (),
    folded: Sequence[str] = (),
    dimmed: Sequence[bool] = (),
) -> None:
    """A table; the columns named in ``right`` hold numbers, those in ``folded`` may be broken."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        justify, fold = "right" if heading in right else "left", heading in folded
        table.add_column(heading, justify=justify, no_wrap=not fold, overflow="fold")  # type: ignore[arg-type]
    for number, row in enumerate(rows):
        dim = number < len(dimmed) and dimmed[number]
        table.add_row(*(Text(cell) for cell in row), style="dim" if dim else "")
    console().print(table)


def print_facts(facts: Mapping[str, str]) -> None:
    """Two columns: what, and what it is. Empty facts are left out."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for key, shown in facts.items():
        if shown:
            table.add_row(Text(key), Text(shown))
    console().print(table)


def console() -> Console:
    """A console on stdout that folds nothing when it is not a terminal."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else WIDE)
