"""``zaohua lineage``: where a model, a data set or a report came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from zaohua.cli.printing import console, print_json, print_table
from zaohua.cli.stages import Json, figures

if TYPE_CHECKING:
    from rich.tree import Tree

    from zaohua.store.lineage import Origin
    from zaohua.store.manifest import Manifest

NOTES = {"gone": "gone", "above": "see above", "outside": "", "here": ""}


def lineage(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="NAME, NAME@VERSION or KIND/NAME; all there is when left out."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a model or a data set was made from."""
    from zaohua.settings import load_settings
    from zaohua.store.lineage import everything
    from zaohua.store.lineage import lineage as trace

    settings = load_settings()
    if name is None:
        _show_all(everything(settings), as_json)
        return
    origin = trace(name, settings)
    if as_json:
        print_json(origin.as_json())
    else:
        console().print(_tree(origin), soft_wrap=True)


def _tree(origin: Origin) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    tree = Tree(Text(_line(origin)))
    for source in origin.sources:
        tree.add(_tree(source))
    return tree


def _line(origin: Origin) -> str:
    import re

    shortened = re.sub(r"([0-9a-f]{12})[0-9a-f]{52}", r"\1…", origin.reference)
    parts = [shortened, NOTES[origin.state]]
    if origin.manifest:
        created = f"{origin.manifest.created.astimezone():%Y-%m-%d %H:%M}"
        parts += [created, origin.manifest.licence, figures(origin.manifest.numbers)]
    return " · ".join(part for part in parts if part)


def _show_all(manifests: list[Manifest], as_json: bool) -> None:
    from zaohua.store.lineage import reference_of

    rows = [
        {
            "reference": reference_of(manifest),
            "created": manifest.created,
            "licence": manifest.licence,
            "metrics": manifest.metrics,
        }
        for manifest in manifests
    ]
    if as_json:
        print_json(rows)
    elif rows:
        cells = [
            (
                reference_of(one),
                f"{one.created.astimezone():%Y-%m-%d %H:%M}",
                one.licence,
                figures(one.numbers),
            )
            for one in manifests
        ]
        print_table(("REFERENCE", "MADE", "LICENCE", "FIGURES"), cells, folded=("FIGURES",))
    else:
        typer.echo("nothing is made yet: 'zaohua run --list' shows what can be")
