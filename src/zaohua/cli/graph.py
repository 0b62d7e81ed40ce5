"""``zaohua knowledge graph``: relations read from documents, imported, shown, followed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zaohua.cli.printing import print_json, print_table
from zaohua.cli.stages import Json

if TYPE_CHECKING:
    from zaohua.knowledge.graph import Built, Fact, Graph, Imported, Neighbourhood
    from zaohua.progress import Progress

app = typer.Typer(
    help="Relations between the things that documents speak of.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
MAIN = "main"

Collections = Annotated[
    list[str] | None,
    typer.Option("--collection", "-c", help="Only this collection; again for more."),
]
Called = Annotated[str, typer.Argument(metavar="NAME", help="Name of a thing, or another one.")]
Hops = Annotated[int, typer.Option("--hops", min=1, max=4, help="How far to go.")]


@app.command()
def build(
    *,
    collections: Collections = None,
    model: Annotated[
        str, typer.Option("--model", metavar="NAME", help="Let this model read them as well.")
    ] = "",
    no_model: Annotated[
        bool, typer.Option("--no-model", help="Read by turns of phrase alone (the default).")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read relations from the passages that are new; stopped, the same command goes on."""
    from zaohua.errors import UsageError

    if model and no_model:
        raise UsageError("--model and --no-model cannot be given together")
    with _graph() as (graph, progress):
        built = graph.build(collections or (), progress)
        if model:
            built = _with_model(graph, model, collections or [], built)
    _show_built(built, as_json=as_json)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, TSV, Turtle or N-Triples.")],
    *,
    collection: Annotated[
        str, typer.Option("--collection", "-c", help="Name of the collection.")
    ] = MAIN,
    subject: Annotated[
        str, typer.Option("--subject", metavar="COLUMN", help="What each row is about.")
    ] = "",
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="What kind of thing that is.")
    ] = "",
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="COLUMN[=RELATION]", help="Only this column; again."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Take in relations (subject, relation, object), names (name, kind, aliases) or any table."""
    from zaohua.errors import UsageError
    from zaohua.knowledge.graph import Columns

    if (kind or column) and not subject:
        raise UsageError("--kind and --column are for --subject")
    pairs = [one.partition("=") for one in column or ()]
    columns = Columns(subject, kind, {name: relation or name for name, _, relation in pairs})
    with _graph() as (graph, _):
        imported = graph.add(file, collection, columns)
    _show_imported(imported, as_json=as_json)


@app.command()
def show(
    name: Called, *, hops: Hops = 1, collections: Collections = None, as_json: Json = False
) -> None:
    """Show what is known of a thing and of what lies around it."""
    from dataclasses import asdict

    with _graph() as (graph, _):
        found = graph.neighbourhood(name, hops, collections or ())
    if as_json:
        print_json(asdict(found))
    else:
        _print_neighbourhood(found)


@app.command()
def path(
    first: Called, last: Called, *, collections: Collections = None, as_json: Json = False
) -> None:
    """Show how two things hang together."""
    with _graph() as (graph, _):
        _show_facts(graph.path(first, last, collections or ()), as_json=as_json)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="A question with names.")],
    *,
    hops: Hops = 2,
    number: Annotated[int, typer.Option("--number", "-n", min=1, help="How many facts.")] = 20,
    collections: Collections = None,
    as_json: Json = False,
) -> None:
    """Show what is known of the things that a question names."""
    with _graph() as (graph, _):
        found = graph.facts(question, collections or (), hops, number)
    _show_facts(found, as_json=as_json)


@contextmanager
def _graph() -> Iterator[tuple[Graph, Progress]]:
    from zaohua.cli.bars import RichProgress
    from zaohua.knowledge.graph import Graph
    from zaohua.settings import load_settings
    from zaohua.store.database import Database

    database = Database(load_settings().resolved_database_url)
    try:
        database.migrate()
        with RichProgress() as progress:
            yield Graph(database), progress
    finally:
        database.close()


def _with_model(graph: Graph, model: str, collections: list[str], before: Built) -> Built:
    import asyncio

    from zaohua.cli import connecting
    from zaohua.cli.bars import RichProgress
    from zaohua.knowledge.graph import Built
    from zaohua.settings import load_settings

    choice = connecting.choose(load_settings())
    name = connecting.prepare(choice, model)

    async def read() -> Built:
        with RichProgress() as progress:
            async with connecting.connect(choice) as models, models.use(name) as engine:
                return await graph.build_with(engine, collections, progress)

    made = asyncio.run(read())
    return Built(
        max(before.passages, made.passages),
        before.entities + made.entities,
        before.relations + made.relations,
        made.refused,
    )


def _show_built(built: Built, *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        print_json(asdict(built))
        return
    counts = f"{built.entities:,} new entities, {built.relations:,} relations"
    typer.echo(f"{built.passages:,} passages read: {counts}")
    if built.refused:
        typer.echo(f"{built.refused:,} of the model's are in no passage and were left out")


def _show_imported(imported: Imported, *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        print_json(asdict(imported))
        return
    for problem in imported.problems:
        typer.echo(f"not taken: {problem}", err=True)
    more = imported.faults - len(imported.problems)
    if more > 0:
        typer.echo(f"not taken: {more:,} more", err=True)
    typer.echo(f"{imported.relations:,} relations, {imported.names:,} names from {imported.path}")


def _print_neighbourhood(found: Neighbourhood) -> None:
    from zaohua.cli.terminal import harmless

    names = {one.id: one.name for one in found.entities}
    centre = found.entities[0]
    also = f" ({', '.join(centre.aliases)})" if centre.aliases else ""
    kind = f", {centre.kind}" if centre.kind else ""
    typer.echo(harmless(f"{centre.name}{also}{kind}: {centre.relations:,} relations"))
    rows = [
        (harmless(names[one.subject]), harmless(one.relation), harmless(names[one.object]),
         f"{one.confidence:.1f}", _since(one.valid_from, one.valid_to))
        for one in sorted(found.relations, key=lambda one: -one.confidence)
    ]  # fmt: skip
    headings = ("SUBJECT", "RELATION", "OBJECT", "SURE", "VALID")
    print_table(headings, rows, right=("SURE",), folded=("SUBJECT", "OBJECT"))
    if found.cut:
        typer.echo("there is more than is shown")


def _since(first: str, last: str) -> str:
    return f"{first} to {last}" if first and last else f"from {first}" if first else last


def _show_facts(facts: list[Fact], *, as_json: bool) -> None:
    from dataclasses import asdict

    from zaohua.cli.terminal import harmless

    if as_json:
        print_json([asdict(one) for one in facts])
        return
    for number, one in enumerate(facts, start=1):
        typer.echo(harmless(f"{number}. {one.text}"))
        typer.echo(harmless(f"   {one.source}" + (f" · {one.quote}" if one.quote else "")))
    if not facts:
        typer.echo("nothing is known")
