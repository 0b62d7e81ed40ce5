"""`/mcp`: the tools of this zaohua for programs that speak MCP, behind the same keys.

Every request stands alone: there are no sessions to keep or to lose. The protocol's library is
loaded by the first request; without it (extra ``mcp``) the path answers 501.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.requests import HTTPConnection, Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from zaohua.errors import MissingExtraError
from zaohua.knowledge import Knowledge
from zaohua.service.errors import ApiError
from zaohua.service.inference import collected
from zaohua.service.security import Caller, caller
from zaohua.service.services import Services
from zaohua.service.version import installed_version

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from zaohua.assistant.tools import Toolbox
    from zaohua.generate.collect import Collected
    from zaohua.generate.request import ChatRequest

PATH = "/mcp"
_CALLER = "zaohua.caller"
_CLOSE_SECONDS = 5.0


class McpEndpoint:
    """Lets callers in and hands their requests to the library; an ASGI app."""

    def __init__(self, parts: Services) -> None:
        self._parts = parts
        self._turn = asyncio.Lock()
        self._closing = asyncio.Event()
        self._manager: StreamableHTTPSessionManager | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            ApiError: the caller may not use this, or the library is not installed.
        """
        scope[_CALLER] = await caller(HTTPConnection(scope))
        await (await self._running()).handle_request(scope, receive, send)

    async def aclose(self) -> None:
        """Break off what runs."""
        self._closing.set()
        if self._keeper is not None:
            await asyncio.wait({self._keeper}, timeout=_CLOSE_SECONDS)

    async def _running(self) -> StreamableHTTPSessionManager:
        async with self._turn:
            if self._manager is None:
                made = await asyncio.to_thread(_manager, self._parts)
                started = asyncio.Event()
                self._keeper = asyncio.create_task(self._keep(made, started))
                await started.wait()
                self._manager = made
            return self._manager

    async def _keep(self, manager: StreamableHTTPSessionManager, started: asyncio.Event) -> None:
        """Hold the library's tasks together, in one task as it wants it."""
        async with manager.run():
            started.set()
            await self._closing.wait()


def mount(app: FastAPI, parts: Services) -> McpEndpoint:
    """Serve `PATH`; what is given must be closed with the app."""
    endpoint = McpEndpoint(parts)
    app.router.routes.append(Route(PATH, endpoint, methods=["GET", "POST", "DELETE"]))
    return endpoint


def _manager(parts: Services) -> StreamableHTTPSessionManager:
    from zaohua.assistant.tools.builtin import shared_toolbox
    from zaohua.assistant.tools.mcp.serving import serving

    knowledge = Knowledge(parts.database, parts.embedder)

    def toolbox_for(request: Request) -> Toolbox:
        async def ask(asked: ChatRequest) -> Collected:
            who: Caller = request.scope[_CALLER]
            return (await collected(request, who, "", asked))[1]

        return shared_toolbox(knowledge, parts.models, ask)

    try:
        server: Any = serving(toolbox_for, installed_version())
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    except MissingExtraError as error:
        raise ApiError(501, error.line(), code="not_installed") from None
    return StreamableHTTPSessionManager(
        server,
        json_response=True,
        stateless=True,
        max_request_body_size=parts.settings.max_body_bytes,
    )
