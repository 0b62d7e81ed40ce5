"""``zaohua engine``: which program runs local models best on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from zaohua.cli.printing import print_json, print_table
from zaohua.cli.stages import Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zaohua.generate.native.builds import Build
    from zaohua.generate.tuning.kept import Row, Tuned

app = typer.Typer(
    help="Find the fastest way to run a model on this machine.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(metavar="[MODEL]", help="The default model if left out.")]


@app.command()
def tune(model: Name = "", as_json: Json = False) -> None:
    """Measure the engines, weight formats and precisions here, and keep the fastest.

    Takes a minute or two for a small model. Serving uses what was found until the processor or the
    model changes; it says when an engine has changed since.
    """
    import asyncio

    from zaohua.cli.bars import RichProgress
    from zaohua.generate.native.builds import usable_builds
    from zaohua.generate.tuning.tuning import tune as measured
    from zaohua.session import ensure_model
    from zaohua.settings import load_settings
    from zaohua.store.models import find

    settings = load_settings(model=model or None)
    with RichProgress() as progress:
        ensure_model(settings, progress=progress)
        found = find(settings, settings.model)
        tuned = asyncio.run(measured(found, settings, progress=progress))
    _show(tuned, usable_builds(settings.home), as_json=as_json)


@app.command()
def build(as_json: Json = False) -> None:
    """Compile llama.cpp and ik_llama.cpp for this processor, where there is a C++ compiler, and try
    them.

    Takes minutes. Stopped with Ctrl-C, the same command goes on from there. Where it fails, the
    llama.cpp that came with zaohua goes on answering.
    """
    from zaohua.cli.bars import RichProgress
    from zaohua.generate.native.building import build as compiled
    from zaohua.generate.native.products import PRODUCTS
    from zaohua.session import ensure_model
    from zaohua.settings import load_settings
    from zaohua.store.models import installed

    settings = load_settings()
    made: list[Build] = []
    with RichProgress() as progress:
        if not installed(settings):
            ensure_model(settings, progress=progress)
        for product in PRODUCTS:
            made.append(compiled(settings, product, progress=progress))
            progress.note(_line(made[-1]))
    if as_json:
        print_json([one.told() for one in made])
        return
    typer.echo("serving uses llama.cpp; zaohua engine tune measures which way is the fastest")


@app.command()
def remove(as_json: Json = False) -> None:
    """Delete what was compiled here, and what it was compiled with."""
    from zaohua.cli.bars import quantity
    from zaohua.generate.native.builds import remove as removed
    from zaohua.settings import load_settings

    size = removed(load_settings().home)
    if as_json:
        print_json({"freed": size})
        return
    typer.echo(f"{quantity(size)} freed" if size else "nothing was compiled here")


@app.command()
def show(model: Name = "", as_json: Json = False) -> None:
    """Show what was compiled here, what was measured of a model and what is used."""
    from zaohua.errors import NotFoundError
    from zaohua.generate.native.builds import usable_builds
    from zaohua.generate.tuning import kept
    from zaohua.settings import load_settings
    from zaohua.store.models import find

    settings = load_settings(model=model or None)
    tuned = kept.load(find(settings, settings.model), settings.home)
    made = usable_builds(settings.home)
    for one in [] if as_json else made:
        typer.echo(_line(one))
    if tuned is None:
        raise NotFoundError(
            f"nothing is measured of '{settings.model}' with this processor and these engines",
            mend=f"zaohua engine tune {settings.model}",
        )
    _show(tuned, made, as_json=as_json)


def _line(made: Build) -> str:
    """What was compiled here, for people."""
    from zaohua.cli.bars import quantity

    sets = ", ".join(made.instructions) or "what the compiler found"
    return (
        f"{made.name} of {made.product.package} {made.version} compiled here in "
        f"{made.seconds:.0f} s: "
        f"{quantity(made.size)}, {sets}"
    )


def _show(tuned: Tuned, made: Sequence[Build], *, as_json: bool) -> None:
    from dataclasses import asdict

    from zaohua.generate.setups import NAMES

    if as_json:
        print_json({**asdict(tuned), "compiled": [one.told() for one in made]})
        return
    headings = ("HOW", "READS 128", "READS 1024", "1 WRITES", "4", "8", "MEMORY", "BITS/BYTE")
    print_table(headings, [_cells(row) for row in tuned.rows], right=headings[1:])
    typer.echo("speeds are tokens a second")
    for workload, setup in tuned.best.items():
        typer.echo(f"best for {workload}: {setup.label}")
    if tuned.changed:
        names = ", ".join(NAMES[program] for program in tuned.changed)
        typer.echo(f"changed since, so measure again: {names}")


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
