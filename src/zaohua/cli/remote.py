"""The models of a running zaohua server, used as if they were this process's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from zaohua.cli import running
from zaohua.generate.engine import Engine, EngineInfo, ServedModel
from zaohua.generate.failures import ModelNotFound
from zaohua.generate.http_engine import HttpEngine
from zaohua.generate.turnstile import Turnstile


class ServerModels:
    """Speaks to a server of this machine through its OpenAI API.

    Args:
        server: where it is.
        key: sent with every request, where the server demands one.
    """

    def __init__(self, server: running.Running, key: str = "") -> None:
        self._server = server
        self._key = key
        self._engines: dict[str, HttpEngine] = {}

    @property
    def default(self) -> str:
        """The model that the server uses when none is named."""
        return next((m.name for m in self.list()), self._server.model)

    def list(self) -> list[ServedModel]:
        """What the server can answer with, its default first."""
        found = running.ask(self._server, "/api/models", key=self._key) or {}
        rows = sorted(found.get("items", []), key=lambda row: not row.get("default"))
        return [_served(row) for row in rows]

    def turnstiles(self) -> Mapping[str, Turnstile]:
        """None: the server keeps its queues."""
        return {}

    def use(self, name: str = "") -> AbstractAsyncContextManager[Engine]:
        """Lend model ``name``.

        Raises:
            ModelNotFound: the server has no such model.
        """
        return self._use(name or self.default)

    @asynccontextmanager
    async def _use(self, name: str) -> AsyncIterator[Engine]:
        if name not in self._engines:
            served = {m.name: m for m in self.list()}
            if served and name not in served:
                raise ModelNotFound(name, tuple(served))
            found = served.get(name) or ServedModel(name, "available", "server")
            info = EngineInfo(name, found.context_length, found.slots, "server")
            self._engines[name] = HttpEngine(
                f"{self._server.url}/v1", info, key=self._key, dialect="zaohua"
            )
        yield self._engines[name]

    async def aclose(self) -> None:
        """Close the connections; the server goes on."""
        for engine in self._engines.values():
            await engine.aclose()


def _served(row: dict[str, Any]) -> ServedModel:
    return ServedModel(
        str(row["name"]),
        row.get("state", "available"),
        str(row.get("kind", "")),
        int(row.get("context_length") or 0),
        slots=int(row.get("slots") or 0),
    )
