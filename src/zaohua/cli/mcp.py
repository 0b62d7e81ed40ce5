"""``zaohua mcp``: this zaohua as a server of tools, on standard input and output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from zaohua.cli.connecting import Choice


def mcp(
    model: Annotated[str, typer.Option("--model", "-m", help="Model that 'ask' asks.")] = "",
) -> None:
    """Serve tools to a program that speaks MCP.

    It speaks on standard input and output, and the program starts it itself; the same tools are
    at /mcp of 'zaohua serve'.
    """
    import asyncio

    from zaohua.cli import connecting
    from zaohua.settings import load_settings

    choice = connecting.choose(load_settings(model=model or None))
    asyncio.run(_serve(choice))


async def _serve(choice: Choice) -> None:
    import asyncio

    from zaohua.assistant.tools.builtin import shared_toolbox
    from zaohua.assistant.tools.mcp.serving import serve_stdio, serving
    from zaohua.cli.connecting import connect
    from zaohua.generate.e5 import passage_embedder
    from zaohua.knowledge import Knowledge
    from zaohua.service.version import installed_version
    from zaohua.store.database import Database

    database = await asyncio.to_thread(Database, choice.settings.resolved_database_url)
    try:
        await asyncio.to_thread(database.migrate)
        async with connect(choice) as models:
            knowledge = Knowledge(database, passage_embedder(choice.settings.threads))
            box = shared_toolbox(knowledge, models)
            await serve_stdio(serving(lambda _: box, installed_version()))
    finally:
        database.close()
