"""Server-sent events: pings when nothing is said, and an end when the reader goes away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import aclosing, suppress
from typing import Any, Protocol, TypeVar

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from zaohua.service.errors import ApiError, as_api_error

log = logging.getLogger(__name__)

PING = b": ping\n\n"
DONE = b"data: [DONE]\n\n"
CLIENT_GONE = 499
EVENT_STREAM: dict[str, Any] = {
    "text/event-stream": {
        "schema": {
            "type": "object",
            "description": "One event of the stream.",
            "properties": {
                "event": {"type": "string"},
                "id": {"type": "string"},
                "data": {"type": "string", "description": "JSON, or [DONE]."},
            },
        }
    }
}
"""How the API's description tells of a response that is a stream of events."""
T = TypeVar("T")


class Closable(Protocol):
    """Something that must be let go of, whatever happens."""

    async def aclose(self) -> None:
        """Let go."""


def data_event(value: Any) -> bytes:
    """An unnamed event with ``value`` as JSON."""
    return b"data: " + orjson.dumps(value) + b"\n\n"


def named_event(name: str, value: Any) -> bytes:
    """The event ``name`` with ``value`` as JSON."""
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(value) + b"\n\n"


def openai_failure(error: ApiError) -> bytes:
    """How OpenAI's streams tell an error: the SDKs raise at it."""
    return data_event(error.envelope())


def named_failure(error: ApiError) -> bytes:
    """How our own streams tell an error: the event ``error``."""
    return named_event("error", error.envelope())


class EventStream(Response):
    """Sends ``events`` as they come.

    ``ping`` (a comment) is sent after ``ping_seconds`` of silence. When the reader goes away, or
    at the end, ``source`` is closed. An exception on the way becomes a last event, which
    ``failure`` makes.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        events: AsyncGenerator[bytes],
        source: Closable,
        *,
        ping_seconds: float,
        failure: Callable[[ApiError], bytes] = openai_failure,
        ping: bytes = PING,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status_code = 200
        self.background = None
        self.body = b""
        self._events = events
        self._source = source
        self._ping_seconds = ping_seconds
        self._failure = failure
        self._ping_event = ping
        self._last = 0.0
        quiet = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        self.init_headers({**quiet, **(headers or {})})
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the end or until the reader is gone."""
        loop = asyncio.get_running_loop()
        self._last = loop.time()
        writer = loop.create_task(self._write(send))
        watcher = loop.create_task(gone(receive))
        pinger = loop.create_task(self._ping(send))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await asyncio.wait({writer, watcher}, return_when=asyncio.FIRST_COMPLETED)
            if writer.done():
                writer.result()
        finally:
            await _end(writer, watcher, pinger)
            await self._source.aclose()

    async def _write(self, send: Send) -> None:
        now = asyncio.get_running_loop().time
        try:
            async with aclosing(self._events) as events:
                async for event in events:
                    self._last = now()
                    await send({"type": "http.response.body", "body": event, "more_body": True})
        except Exception as error:
            if not isinstance(error, ApiError):
                log.warning("a stream broke off: %s", error, exc_info=_unexpected(error))
            body = self._failure(as_api_error(error))
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _ping(self, send: Send) -> None:
        now = asyncio.get_running_loop().time
        while True:
            silent = now() - self._last
            if silent >= self._ping_seconds:
                self._last = now()
                await send(
                    {"type": "http.response.body", "body": self._ping_event, "more_body": True}
                )
            else:
                await asyncio.sleep(self._ping_seconds - silent)


def _unexpected(error: Exception) -> bool:
    return as_api_error(error).code == "internal"


async def gone(receive: Receive) -> None:
    """Returns when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``, which is cancelled at once if the client leaves.

    Raises:
        ApiError: 499, the client left; nobody will read it.
    """
    task = asyncio.ensure_future(work)
    watcher = asyncio.ensure_future(gone(request.receive))
    try:
        await asyncio.wait({task, watcher}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ApiError(CLIENT_GONE, "the client went away", code="client_gone")
    finally:
        await _end(task, watcher)


async def _end(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError, Exception):
            await task
