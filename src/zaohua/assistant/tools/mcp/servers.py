"""All configured servers of tools together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from zaohua.assistant.tools.mcp.server import RemoteServer, ServerState
from zaohua.assistant.tools.values import BoundTool
from zaohua.settings import Settings


class RemoteServers:
    """The servers of ``settings.mcp``. Start nothing until their tools are asked for."""

    def __init__(self, settings: Settings) -> None:
        self._servers = [
            RemoteServer(name, spec, settings.home) for name, spec in settings.mcp.servers.items()
        ]

    async def tools(self) -> tuple[BoundTool, ...]:
        """The tools of all that answer; the others are tried again later."""
        found = await asyncio.gather(*(server.tools() for server in self._servers))
        return tuple(tool for tools in found for tool in tools)

    def states(self) -> list[ServerState]:
        """How each is now."""
        return [server.state() for server in self._servers]

    async def aclose(self) -> None:
        """Let go of all; never hangs."""
        await asyncio.gather(*(server.aclose() for server in self._servers))


@asynccontextmanager
async def remote_servers(settings: Settings) -> AsyncIterator[RemoteServers]:
    """The servers, closed at the end."""
    servers = RemoteServers(settings)
    try:
        yield servers
    finally:
        await servers.aclose()
