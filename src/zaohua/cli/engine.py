"""``zaohua engine``: which program runs local models best on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from zaohua.cli.printing import print_json, print_table
from zaohua.cli.stages import Json

if TYPE_CHECKING:
    from zaohua.generate.tuning.kept import Row, Tuned

app = typer.Typer(
    help="Find the fastest way to run a model on this machine.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(metavar="[MODEL]", help="The default model if left out.")]


@app.callback()
def _verbs() -> None:
    """Keep the verbs as verbs while there are few."""


@app.command()
def tune(model: Name = "", as_json: Json = False) -> None:
    """Measure the engines, weight formats and precisions here, and keep the fastest.

    Takes a minute or two for a small model. Serving uses what was found until the processor, an
    engine or the model changes.
    """
    import asyncio

    from zaohua.cli.bars import RichProgress
    from zaohua.generate.tuning.tuning import tune as measured
    from zaohua.session import ensure_model
    from zaohua.settings import load_settings
    from zaohua.store.models import find

    settings = load_settings(model=model or None)
    with RichProgress() as progress:
        ensure_model(settings, progress=progress)
        found = find(settings, settings.model)
        tuned = asyncio.run(measured(found, settings, progress=progress))
    _show(tuned, as_json=as_json)


@app.command()
def show(model: Name = "", as_json: Json = False) -> None:
    """Show what was measured of a model and what is used."""
    from zaohua.errors import NotFoundError
    from zaohua.generate.tuning import kept
    from zaohua.settings import load_settings
    from zaohua.store.models import find

    settings = load_settings(model=model or None)
    tuned = kept.load(find(settings, settings.model), settings.home)
    if tuned is None:
        raise NotFoundError(
            f"nothing is measured of '{settings.model}' with this processor and these engines",
            mend=f"zaohua engine tune {settings.model}",
        )
    _show(tuned, as_json=as_json)


def _show(tuned: Tuned, *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        print_json(asdict(tuned))
        return
    headings = ("HOW", "READS 128", "READS 1024", "1 WRITES", "4", "8", "MEMORY", "BITS/BYTE")
    print_table(headings, [_cells(row) for row in tuned.rows], right=headings[1:])
    typer.echo("speeds are tokens a second")
    for workload, setup in tuned.best.items():
        typer.echo(f"best for {workload}: {setup.label}")


def _cells(row: Row) -> tuple[str, ...]:
    from zaohua.cli.bars import quantity

    if row.figures is None:
        return (row.setup.label, *("-",) * 6, "")
    figures = row.figures
    rates = (figures.short_prompt, figures.long_prompt, figures.one, figures.four, figures.eight)
    return (
        row.setup.label,
        *(f"{rate:,.0f}" if rate else "-" for rate in rates),
        quantity(figures.memory),
        f"{row.bits:.3f}" if row.bits else "-",
    )
