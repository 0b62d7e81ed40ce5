"""The service over fake models: in process, and behind a real uvicorn for the real clients."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI

from zaohua.assistant.answers import Answers
from zaohua.assistant.memory import Memory
from zaohua.assistant.turn.turn import Resources
from zaohua.generate.engine import Models
from zaohua.generate.fake import FakeModels
from zaohua.knowledge import Knowledge
from zaohua.knowledge.shelves import Shelves
from zaohua.service.app import create_app
from zaohua.service.keys import Keyring
from zaohua.service.services import Services
from zaohua.settings import Settings
from zaohua.store.database import Database

LOCAL = "http://localhost"


class HashEmbedder:
    """Vectors from a hash of the text: equal texts are equal, others are not."""

    model = "hash-embedder"
    dimensions = 16

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> list[list[float]]:
        return [self._vector(text) for text in texts]

    async def count_tokens(self, text: str) -> int:
        return len(text.split())

    def _vector(self, text: str) -> list[float]:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        vector = np.random.default_rng(seed).normal(size=self.dimensions)
        return [float(x) for x in vector / np.linalg.norm(vector)]


def services_with(settings: Settings, models: Models) -> Services:
    database = Database(settings.resolved_database_url)
    database.migrate()
    embedder = HashEmbedder()
    knowledge = Knowledge(database, embedder)
    resources = Resources(knowledge, Shelves(database), Memory(database, embedder))
    return Services(
        settings=settings,
        models=models,
        embedder=embedder,
        knowledge=knowledge,
        database=database,
        answers=Answers(database, models, resources),
        keyring=Keyring(database, cache_seconds=0.2),
    )


@dataclass(frozen=True)
class Server:
    """A server that runs in a thread."""

    url: str
    services: Services
    app: FastAPI

    @property
    def models(self) -> FakeModels:
        assert isinstance(self.services.models, FakeModels)
        return self.services.models


@contextmanager
def serving(services: Services) -> Iterator[Server]:
    """Serve with uvicorn on a free port of loopback, as the CLI does."""
    app = create_app(services)
    config = uvicorn.Config(
        app, log_level="error", lifespan="on", http="httptools", loop="uvloop", ws="none"
    )
    server = uvicorn.Server(config)
    sock = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
    thread.start()
    while not server.started and thread.is_alive():
        threading.Event().wait(0.01)
    try:
        yield Server(f"http://127.0.0.1:{sock.getsockname()[1]}", services, app)
    finally:
        server.should_exit = True
        thread.join(20)
        sock.close()


@pytest.fixture
def models() -> FakeModels:
    return FakeModels()


@pytest.fixture
def make_app(
    tmp_path: Path, models: FakeModels
) -> Iterator[Callable[..., tuple[FastAPI, Services]]]:
    """Makes an app in process; keyword arguments are settings."""
    made: list[Services] = []

    def make(**given: Any) -> tuple[FastAPI, Services]:
        settings = Settings(home=tmp_path / "home", **given)
        made.append(services_with(settings, models))
        return create_app(made[-1]), made[-1]

    yield make
    for services in made:
        services.database.close()


@pytest.fixture
def app(make_app: Callable[..., tuple[FastAPI, Services]]) -> FastAPI:
    return make_app()[0]


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def asgi_client(app: FastAPI, **given: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=LOCAL, timeout=30, **given)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with app.router.lifespan_context(app), asgi_client(app) as made:
        yield made


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server over fake models for all the clients."""
    home = tmp_path_factory.mktemp("served")
    with serving(services_with(Settings(home=home), FakeModels())) as running:
        yield running


@pytest.fixture
def key_server(tmp_path: Path) -> Iterator[Server]:
    """A server that demands keys."""
    settings = Settings(home=tmp_path / "keyed", require_key=True)
    with serving(services_with(settings, FakeModels())) as running:
        yield running


async def until(condition: Callable[[], bool], seconds: float = 3.0) -> None:
    """Wait for ``condition``, or fail."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def with_settings(services: Services, **changes: Any) -> Services:
    return replace(services, settings=services.settings.model_copy(update=changes))
