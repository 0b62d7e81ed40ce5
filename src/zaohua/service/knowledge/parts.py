"""What the routes of knowledge work with: made once by the app, handed to each request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from zaohua.generate.engine import Models
from zaohua.knowledge import Knowledge
from zaohua.knowledge.arrivals import Arrivals
from zaohua.knowledge.graph import Graph
from zaohua.knowledge.indexing import Indexing
from zaohua.knowledge.shelves import Shelves
from zaohua.knowledge.values import Limits
from zaohua.service.knowledge.uploads import Uploads
from zaohua.service.services import Services


@dataclass(frozen=True, slots=True)
class KnowledgeParts:
    """The parts behind the API of knowledge."""

    library: Knowledge
    graph: Graph
    shelves: Shelves
    arrivals: Arrivals
    uploads: Uploads
    indexing: Indexing
    max_upload_bytes: int

    async def start(self) -> None:
        """Go on with what an earlier process left."""
        await asyncio.to_thread(self.uploads.sweep)
        self.indexing.start()


def knowledge_parts(services: Services) -> KnowledgeParts:
    """All of them, for ``services``."""
    database, most = services.database, services.settings.max_upload_bytes
    uploads = Uploads(services.settings.home)
    arrivals = Arrivals(database, uploads.folder)
    limits = Limits(file_bytes=most)
    return KnowledgeParts(
        library=services.knowledge,
        graph=Graph(database),
        shelves=Shelves(database),
        arrivals=arrivals,
        uploads=uploads,
        indexing=Indexing(services.knowledge, arrivals, limits, _is_busy(services.models)),
        max_upload_bytes=most,
    )


def _is_busy(models: Models) -> Callable[[], bool]:
    """Whether a model on this machine is answering."""
    return lambda: any(gate.running for gate in models.turnstiles().values())


def parts(connection: HTTPConnection) -> KnowledgeParts:
    """Those of the app that got this request (for ``Depends``)."""
    found: KnowledgeParts = connection.app.state.knowledge
    return found
