"""A configured server of tools: started when needed, started again when it has ended."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zaohua.assistant.tools.functions import NAME
from zaohua.assistant.tools.mcp.connection import Connection
from zaohua.assistant.tools.mcp.results import output_of
from zaohua.assistant.tools.mcp.schemas import LONGEST_DESCRIPTION, UnsoundSchema, sound_schema
from zaohua.assistant.tools.values import BoundTool, ToolFailed, ToolOutput, WrongArguments
from zaohua.errors import UnavailableError, ZaohuaError
from zaohua.generate.request import Tool

if TYPE_CHECKING:
    from zaohua.settings import McpServer

_log = logging.getLogger(__name__)

LONGEST_WAIT = 60.0
MOST_TOOLS = 64
GRACE_SECONDS = 2.0
"""The server's own time limit comes before the toolbox's, with a better word for it."""


@dataclass(frozen=True, slots=True)
class ServerState:
    """How a server is now: ``error`` says why it is down, ``left_out`` which tools are not used."""

    name: str
    where: str
    up: bool
    tools: tuple[str, ...]
    left_out: tuple[str, ...]
    error: str


class RemoteServer:
    """A server by its name in the settings.

    Args:
        name: begins the names of its tools.
        spec: where it is and what of it may be used.
        home: its stderr is kept in ``logs`` there.
    """

    def __init__(self, name: str, spec: McpServer, home: Path) -> None:
        self.name = name
        self._spec = spec
        self._log_file = home / "logs" / f"mcp-{name}.log"
        self._turn = asyncio.Lock()
        self._connection: Connection | None = None
        self._tools: dict[str, BoundTool] = {}
        self._left_out: dict[str, str] = {}
        self._failures = 0
        self._failed_at = 0.0
        self._error = ""
        self._closed = False

    def state(self) -> ServerState:
        """How it is now."""
        return ServerState(
            self.name,
            self._spec.url or " ".join((self._spec.command, *self._spec.args)),
            self._connection is not None and self._connection.alive,
            tuple(self._tools),
            tuple(f"{name}: {reason}" for name, reason in self._left_out.items()),
            self._error,
        )

    async def tools(self) -> tuple[BoundTool, ...]:
        """Its tools; none while it is down."""
        try:
            await self._connected()
        except ZaohuaError as error:
            _log.warning("%s", error.line())
        return tuple(self._tools.values())

    async def aclose(self) -> None:
        """Let go of it."""
        self._closed = True
        async with self._turn:
            if self._connection is not None:
                await self._connection.aclose()
                self._connection = None

    async def _connected(self) -> Connection:
        async with self._turn:
            if self._connection is not None and self._connection.alive:
                return self._connection
            self._refuse_for_now()
            if self._connection is not None:
                await self._connection.aclose()
                self._connection = None
            connection = Connection(self._spec, self._log_file, self._look)
            self._tools, self._left_out = {}, {}
            try:
                await connection.open()
            except ZaohuaError as error:
                self._note_failure(error.what if not error.mend else error.line())
                raise self._down(self._error) from None
            except asyncio.CancelledError:
                await connection.aclose()
                raise
            self._failures, self._error = 0, ""
            self._connection = connection
            return connection

    def _refuse_for_now(self) -> None:
        if self._closed:
            raise self._down("it was closed")
        if not self._failures:
            return
        wait = min(2.0 ** (self._failures - 1), LONGEST_WAIT)
        left = self._failed_at + wait - time.monotonic()
        if left > 0:
            raise self._down(f"{self._error}; tried again in {left:.0f} s")

    def _note_failure(self, error: str) -> None:
        self._failures += 1
        self._failed_at = time.monotonic()
        self._error = error

    def _down(self, reason: str) -> UnavailableError:
        return UnavailableError(f"the server of tools '{self.name}' is down", mend=reason)

    def _look(self, listed: list[Any]) -> list[dict[str, Any]]:
        """The tools of a list that can be used; each of the others costs a line in the log."""
        kept = []
        for raw in listed:
            name = raw.get("name") if isinstance(raw, dict) else None
            if self._spec.tools and name not in self._spec.tools:
                continue
            try:
                bound = self._bound(raw)
            except UnsoundSchema as error:
                shown = str(name)[:64]
                self._left_out[shown] = str(error)
                _log.warning("server '%s': tool '%s' is left out: %s", self.name, shown, error)
                continue
            self._tools[bound.name] = bound
            kept.append({"name": raw["name"], "inputSchema": {"type": "object"}})
        return kept

    def _bound(self, raw: Any) -> BoundTool:
        if not isinstance(raw, dict) or not isinstance(raw.get("name"), str):
            raise UnsoundSchema("it has no name")
        called = f"{self.name}_{raw['name']}"
        if not NAME.fullmatch(called):
            raise UnsoundSchema("its name has other characters than letters, digits, _ and -")
        if called in self._tools:
            raise UnsoundSchema("another tool has its name")
        if len(self._tools) >= MOST_TOOLS:
            raise UnsoundSchema(f"a server may have {MOST_TOOLS} tools")
        schema = sound_schema(raw.get("inputSchema"))
        described = raw.get("description")
        description = described[:LONGEST_DESCRIPTION] if isinstance(described, str) else ""
        return BoundTool(
            Tool(called, description, schema),
            partial(_checked, schema),
            partial(self._call, raw["name"]),
            self._spec.call_seconds + self._spec.start_seconds + GRACE_SECONDS,
            trusted=False,
        )

    async def _call(self, name: str, arguments: Mapping[str, Any]) -> ToolOutput:
        connection = await self._connected()
        try:
            result = await connection.call(name, dict(arguments))
        except ToolFailed:
            if not connection.alive:
                self._note_failure("it ended during a call")
            elif self._spec.url:
                connection.end()  # a server that was started again knows nothing of the session
            raise
        return output_of(result)


def _checked(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(schema).iter_errors(dict(arguments)))
    if error is None:
        return arguments
    place = ".".join(str(part) for part in error.absolute_path)
    line = f"{place}: {error.message}" if place else str(error.message)
    raise WrongArguments(line if len(line) < 300 else f"{line[:300]}…")
