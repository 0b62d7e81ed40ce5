"""What the routes work with: made once by the app, handed to each request."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from zaohua.assistant.answers import Answers
from zaohua.generate.engine import Embedder, Models
from zaohua.knowledge import Knowledge
from zaohua.service.keys import Keyring
from zaohua.settings import Settings
from zaohua.store.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """The parts behind the HTTP service."""

    settings: Settings
    models: Models
    embedder: Embedder
    database: Database
    answers: Answers
    knowledge: Knowledge
    keyring: Keyring


def services(connection: HTTPConnection) -> Services:
    """The `Services` of the app that got this request (for ``Depends``)."""
    found: Services = connection.app.state.services
    return found
