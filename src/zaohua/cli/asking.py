"""``zaohua knowledge ask``: one answer from documents, with its sources."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zaohua.cli.printing import print_json
from zaohua.cli.stages import Json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zaohua.assistant.values import Message
    from zaohua.cli.connecting import Choice
    from zaohua.settings import Settings
    from zaohua.store.database import Database


def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What you want to know.")],
    *,
    collections: Annotated[
        list[str] | None,
        typer.Option("--collection", "-c", help="Ask only this collection; again for more."),
    ] = None,
    model: Annotated[str, typer.Option("--model", "-m", help="Model to ask.")] = "",
    as_json: Json = False,
) -> None:
    """Answer a question from the documents alone, with sources; or say that they do not."""
    import asyncio

    from zaohua.assistant.documents import chosen_collections
    from zaohua.cli import connecting
    from zaohua.errors import UsageError
    from zaohua.knowledge import Shelves
    from zaohua.settings import load_settings

    if not question.strip():
        raise UsageError("there is nothing to answer", mend="give a QUESTION")
    settings = load_settings()
    with _database(settings) as database:
        chosen = chosen_collections(Shelves(database), collections or ())
        choice = connecting.choose(settings)
        name = connecting.prepare(choice, model)
        message = asyncio.run(_answer(choice, name, question, chosen, database))
    if as_json:
        print_json(_plain(question, message))
    else:
        _show(message)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    from zaohua.store.database import Database

    database = Database(settings.resolved_database_url)
    try:
        database.migrate()
        yield database
    finally:
        database.close()


async def _answer(
    choice: Choice, model: str, question: str, collections: Sequence[str], database: Database
) -> Message:
    from zaohua.assistant.documents import ask_documents
    from zaohua.assistant.turn.plan import plain_plans
    from zaohua.cli.connecting import connect
    from zaohua.generate.e5 import passage_embedder
    from zaohua.knowledge import Knowledge

    settings = choice.settings
    async with connect(choice) as models, models.use(model) as engine:
        return await ask_documents(
            question,
            collections,
            models=models,
            model=engine.info.model,
            database=database,
            knowledge=Knowledge(database, passage_embedder(settings.threads)),
            plans=plain_plans(settings),
        )


def _plain(question: str, message: Message) -> dict[str, Any]:
    cited = [one for one in message.citations or () if one["cited"]]
    return {
        "question": question,
        "answer": message.content,
        "answered": bool(cited),
        "citations": cited,
        "model": message.model,
    }


def _show(message: Message) -> None:
    from zaohua.cli.terminal import harmless

    typer.echo(harmless(message.content))
    for one in message.citations or ():
        if one["cited"]:
            where = " › ".join(dict.fromkeys((one["source"], *one["headings"])))
            typer.echo(harmless(f"[{one['number']}] {where}"))
