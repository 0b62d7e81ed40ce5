"""Which models a verb talks to: those of the running server, or its own."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zaohua.cli import running

if TYPE_CHECKING:
    from zaohua.generate.engine import Models
    from zaohua.generate.request import Grammar
    from zaohua.settings import Settings


@dataclass(frozen=True, slots=True)
class Choice:
    """Where answers come from: a server with its key, or this process when ``server`` is None."""

    settings: Settings
    server: running.Running | None = None
    key: str = ""

    @property
    def place(self) -> str:
        """For people: the address, or ``this process``."""
        return self.server.url if self.server else "this process"


def choose(settings: Settings, *grammars: Grammar | None) -> Choice:
    """The server of this home if it is up and may be used, else this process.

    A server that demands a key is used only when ``ZAOHUA_API_KEY`` holds one. Grammars that
    OpenAI's API has no field for are followed by an engine of this process.
    """
    if any(grammar and grammar.kind in ("gbnf", "regex") for grammar in grammars):
        return Choice(settings)
    server = running.find(settings)
    if server is None or server.engine != settings.engine:
        return Choice(settings)
    key = os.environ.get("ZAOHUA_API_KEY", "")
    session = running.ask(server, "/api/session") or {"key_required": True}
    if session.get("key_required") and not key:
        return Choice(settings)
    return Choice(settings, server, key)


def prepare(choice: Choice, model: str) -> str:
    """Download ``model`` (default: the configured one) with a bar if it is missing,
    and write its weights as it is run with them.

    Gives the name to ask for; empty for the default of a running server.

    Raises:
        NotFoundError: there is no such model.
        UnavailableError: it cannot be downloaded now, or its weights cannot be written.
    """
    from zaohua.cli.bars import RichProgress
    from zaohua.session import ensure_ready

    if choice.server is not None and not model:
        return ""
    with RichProgress() as progress:
        return ensure_ready(choice.settings, model, progress)


@asynccontextmanager
async def connect(choice: Choice) -> AsyncIterator[Models]:
    """The models of ``choice``, closed at the end."""
    if choice.server is None:
        from zaohua.generate.pool import open_models

        models = open_models(choice.settings)
    else:
        from zaohua.cli.remote import ServerModels

        models = ServerModels(choice.server, choice.key)
    try:
        yield models
    finally:
        await models.aclose()
