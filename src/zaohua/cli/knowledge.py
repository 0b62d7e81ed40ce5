"""``zaohua knowledge``: documents that answers may rest on, and searching them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zaohua.cli import asking, graph, rules
from zaohua.cli.printing import print_json, print_table
from zaohua.cli.stages import Json

if TYPE_CHECKING:
    from zaohua.knowledge import Added, Collection, Document, File, Found, Knowledge, Limits
    from zaohua.progress import Progress

app = typer.Typer(
    help="Add documents and search them by words and by meaning.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
app.add_typer(graph.app, name="graph")
app.add_typer(rules.app, name="rules")
MAIN = "main"
MEGABYTES = 200
LONGEST_SHOWN = 240
MOST_PROBLEMS = 20

Paths = Annotated[
    list[str], typer.Argument(metavar="PATH...", help="Files, folders (in depth), globs.")
]
Name = Annotated[str, typer.Option("--collection", "-c", help="Name of the collection.")]
Later = Annotated[
    bool, typer.Option("--later", help="Leave the vectors for 'zaohua knowledge embed'.")
]
Largest = Annotated[
    int, typer.Option("--max-mb", min=1, metavar="MB", help="Files larger than this are not read.")
]
Number = Annotated[int, typer.Option("--number", "-n", min=1, help="How many passages.")]
Anywhere = Annotated[
    list[str] | None,
    typer.Option("--collection", "-c", help="Search only this collection; again for more."),
]
Files = Annotated[
    list[str] | None,
    typer.Option("--file", metavar="GLOB", help="Only files like '*.pdf' or '*/2026/*'; again."),
]
Languages = Annotated[
    list[str] | None,
    typer.Option("--language", metavar="CODE", help="Only documents in zh, en ...; again."),
]
Words = Annotated[bool, typer.Option("--words", help="By words alone: the embedder is not loaded.")]
Positional = Annotated[str, typer.Argument(metavar="COLLECTION", help="Name of the collection.")]


@app.command()
def add(
    paths: Paths,
    *,
    collection: Name = MAIN,
    later: Later = False,
    max_mb: Largest = MEGABYTES,
    as_json: Json = False,
) -> None:
    """Add documents; those that are known and unchanged are not read again.

    Leaves with 1 if none of them can be read.
    """
    with _kept() as (library, progress):
        added = library.add(paths, collection, limits=_limits(max_mb), progress=progress)
        embedded = 0 if later else _embed(library, progress)
    _show_added(added, embedded, later=later, as_json=as_json)
    if added.unreadable and not (added.added or added.changed or added.unchanged):
        raise typer.Exit(1)


@app.command()
def sync(
    collection: Positional = MAIN, *, max_mb: Largest = MEGABYTES, as_json: Json = False
) -> None:
    """Read what has changed in the files and folders that were added; drop what is gone."""
    with _kept() as (library, progress):
        added = library.sync(collection, limits=_limits(max_mb), progress=progress)
        embedded = _embed(library, progress)
    _show_added(added, embedded, as_json=as_json)


@app.command()
def embed(as_json: Json = False) -> None:
    """Make the vectors that are missing; stopped, the same command goes on."""
    with _kept() as (library, progress):
        embedded = _embed(library, progress)
    if as_json:
        print_json({"embedded": embedded})
    else:
        typer.echo(f"{embedded:,} passages embedded")


@app.command()
def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="A question or a few words.")],
    *,
    collections: Anywhere = None,
    files: Files = None,
    languages: Languages = None,
    number: Number = 5,
    words: Words = False,
    as_json: Json = False,
) -> None:
    """Find the passages that answer a question best."""
    import asyncio

    from zaohua.knowledge import Filters

    filters = Filters(tuple(collections or ()), tuple(files or ()), tuple(languages or ()))
    with _library() as (library, _):
        if words:
            found = library.search_with(query, None, limit=number, filters=filters)
        else:
            found = asyncio.run(library.search(query, limit=number, filters=filters))
    if as_json:
        print_json([_plain(one) for one in found])
    elif found:
        _print_found(found)
    else:
        typer.echo("nothing was found")


app.command()(asking.ask)


@app.command("list")
def list_collections(as_json: Json = False) -> None:
    """List the collections and how much of them is embedded."""
    from dataclasses import asdict

    with _library() as (library, _):
        found = library.collections()
    if as_json:
        print_json([asdict(one) for one in found])
    elif found:
        _print_collections(found)
    else:
        typer.echo("there are no documents: 'zaohua knowledge add PATH' adds some")


@app.command()
def show(
    collection: Positional = MAIN,
    *,
    document: Annotated[
        int, typer.Option("--document", metavar="ID", help="Show this document's text.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """Show the files of a collection, what could not be read, or the text of a document."""
    from dataclasses import asdict

    with _library() as (library, _):
        if document:
            _show_document(library, document, as_json=as_json)
            return
        files = library.files(collection)
    if as_json:
        print_json([asdict(one) for one in files])
    else:
        _print_files(files)


@app.command()
def remove(
    collection: Positional,
    path: Annotated[
        str | None, typer.Argument(metavar="[PATH]", help="Only this file or folder of it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Remove a collection, or a file or folder of it; files on the disk are not touched."""
    with _library() as (library, _):
        removed = library.remove(collection, path)
    if as_json:
        print_json({"collection": collection, "path": path, "removed": removed})
    else:
        typer.echo(f"{path or collection} is removed: {removed:,} files")


@contextmanager
def _library() -> Iterator[tuple[Knowledge, Progress]]:
    from zaohua.cli.bars import RichProgress
    from zaohua.generate.e5 import passage_embedder
    from zaohua.knowledge import Knowledge
    from zaohua.settings import load_settings
    from zaohua.store.database import Database

    settings = load_settings()
    database = Database(settings.resolved_database_url)
    try:
        database.migrate()
        with RichProgress() as progress:
            yield Knowledge(database, passage_embedder(settings.threads)), progress
    finally:
        database.close()


@contextmanager
def _kept() -> Iterator[tuple[Knowledge, Progress]]:
    """As `_library`, for work whose parts stay when it is stopped, which is then said."""
    with _library() as (library, progress):
        try:
            yield library, progress
        except KeyboardInterrupt:
            progress.note("stopped: what is done is kept, and the same command goes on from there")
            raise


def _embed(library: Knowledge, progress: Progress) -> int:
    import asyncio

    return asyncio.run(library.embed(progress))


def _limits(megabytes: int) -> Limits:
    from zaohua.knowledge import Limits

    return Limits(file_bytes=megabytes << 20)


def _show_added(added: Added, embedded: int, *, later: bool = False, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        print_json({**asdict(added), "embedded": embedded})
        return
    for problem in added.problems[:MOST_PROBLEMS]:
        typer.echo(
            f"not read: {_place(problem.source, problem.position)}: {problem.reason}", err=True
        )
    more = added.faults - min(len(added.problems), MOST_PROBLEMS)
    if more > 0:
        typer.echo(f"not read: {more:,} more", err=True)
    counts = ("added", "changed", "unchanged", "removed", "unreadable")
    told = [f"{getattr(added, name):,} {name}" for name in counts if getattr(added, name)]
    typer.echo(f"{added.collection}: {', '.join(told) or 'no files'}")
    known = added.passages - embedded
    rest = f", {known:,} known from before" if known > 0 and not later else ""
    typer.echo(f"{added.passages:,} new passages, {embedded:,} embedded{rest}")


def _place(source: str, position: int | None) -> str:
    return source if position is None else f"{source} (record {position})"


def _plain(one: Found) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(one)


def _print_found(found: list[Found]) -> None:
    from zaohua.cli.terminal import harmless

    for number, one in enumerate(found, start=1):
        passage = one.passage
        where = [passage.source, " › ".join(passage.headings)]
        where += [f"page {passage.page}"] if passage.page else []
        where += [f"record {passage.row}"] if passage.row is not None else []
        typer.echo(harmless(f"{number}. {' · '.join(filter(None, where))}"))
        text = " ".join(passage.text.split())
        typer.echo(harmless(f"   {text[:LONGEST_SHOWN]}{'…' if len(text) > LONGEST_SHOWN else ''}"))
        typer.echo(f"   {_ranks(one)}")


def _ranks(one: Found) -> str:
    words = f"words {one.word_rank}" if one.word_rank else ""
    meaning = f"meaning {one.meaning_rank} ({one.similarity:.3f})" if one.meaning_rank else ""
    return f"document {one.passage.document} · " + ", ".join(filter(None, (words, meaning)))


def _print_collections(found: list[Collection]) -> None:
    headings = ("NAME", "FILES", "UNREADABLE", "DOCUMENTS", "PASSAGES", "EMBEDDED", "FROM")
    rows = [
        (
            one.name,
            *(
                f"{n:,}"
                for n in (one.files, one.unreadable, one.documents, one.passages, one.embedded)
            ),
            ", ".join(one.roots),
        )
        for one in found
    ]
    print_table(headings, rows, right=headings[1:6], folded=("FROM",))


def _print_files(files: list[File]) -> None:
    headings = ("DOCUMENT", "SOURCE", "LANGUAGE", "PASSAGES", "TITLE OR PROBLEM")
    rows: list[tuple[str, ...]] = []
    dimmed: list[bool] = []
    for file in files:
        for one in file.documents:
            rows.append(_document_cells(one))
            dimmed.append(False)
        for problem in file.problems:
            rows.append(("", _place(problem.source, problem.position), "", "", problem.reason))
            dimmed.append(True)
    folded = ("SOURCE", "TITLE OR PROBLEM")
    print_table(headings, rows, right=("DOCUMENT", "PASSAGES"), folded=folded, dimmed=dimmed)


def _document_cells(one: Document) -> tuple[str, ...]:
    return str(one.id), one.source, one.language, f"{one.passages:,}", one.title


def _show_document(library: Knowledge, document: int, *, as_json: bool) -> None:
    from dataclasses import asdict

    from zaohua.cli.terminal import harmless

    if as_json:
        print_json([asdict(one) for one in library.passages(document)])
    else:
        typer.echo(harmless(library.text(document)))
