"""How requests reach an engine's HTTP server: lean on plain HTTP, ``httpx`` where TLS is needed.

On plain HTTP each request has a connection of its own, parsed by ``httptools``: that costs the
gateway a quarter of the CPU per chunk of a general client, and no kept connection can be stale.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import urlsplit

import httptools

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 10.0
_READ_BYTES = 65536
_MAX_HEAD = 65536


class ConnectionLost(Exception):
    """The server could not be reached, or went away before the response was whole."""


@dataclass(frozen=True, slots=True)
class Response:
    """A response whose head has come; ``body`` gives its bytes as they arrive.

    ``body`` raises `ConnectionLost` if the connection breaks before the response is whole.
    ``connection`` is where it comes from, if that can be left unread.
    """

    status: int
    headers: dict[str, str]
    body: AsyncGenerator[bytes]
    connection: asyncio.ReadTransport | None = None

    async def rest(self, seconds: float) -> None:
        """Take nothing for so long; what comes meanwhile waits, and wakes nobody."""
        if seconds <= 0:
            return
        if (open_ := self._open()) is not None:
            open_.pause_reading()
        try:
            await asyncio.sleep(seconds)
        finally:
            if (open_ := self._open()) is not None:
                open_.resume_reading()

    def _open(self) -> asyncio.ReadTransport | None:
        closed = self.connection is None or self.connection.is_closing()
        return None if closed else self.connection

    async def read(self, limit: int = 64 * 2**20) -> bytes:
        """The whole body.

        Raises:
            ConnectionLost: the connection broke, or the body is longer than ``limit`` bytes.
        """
        parts, size = [], 0
        async for part in self.body:
            size += len(part)
            if size > limit:
                raise ConnectionLost("the response is too long")
            parts.append(part)
        return b"".join(parts)


class Transport(Protocol):
    """Sends one request; leaving the context closes its connection."""

    def send(
        self, method: str, path: str, body: bytes = b""
    ) -> AbstractAsyncContextManager[Response]:
        """Send a request and wait for the head of its response.

        Raises:
            ConnectionLost: no server there, or it went away.
        """

    async def aclose(self) -> None:
        """Close all connections."""


def transport_for(base_url: str, key: str = "") -> Transport:
    """The transport for ``base_url``: `PlainTransport` for ``http``, `HttpxTransport` otherwise."""
    if urlsplit(base_url).scheme == "http":
        return PlainTransport(base_url, key)
    return HttpxTransport(base_url, key)


def _headers(key: str) -> dict[str, str]:
    headers = {
        "accept": "text/event-stream, application/json",
        "content-type": "application/json",
        "user-agent": "zaohua",
    }
    return {**headers, "authorization": f"Bearer {key}"} if key else headers


class _Parser:
    """What ``httptools`` calls while it reads a response."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.parts: list[bytes] = []
        self.head_done = False
        self.done = False
        self._http = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        try:
            self._http.feed_data(data)
        except httptools.HttpParserError as error:
            raise ConnectionLost(f"not HTTP: {error}") from None

    @property
    def status(self) -> int:
        return int(self._http.get_status_code())

    def ends_with_connection(self) -> bool:
        """Whether the end of the connection ends the body (no length was told)."""
        chunked = "chunked" in self.headers.get("transfer-encoding", "")
        return self.head_done and not chunked and "content-length" not in self.headers

    def take(self) -> bytes:
        data = self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)
        self.parts.clear()
        return data

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self.head_done = self.status >= 200

    def on_body(self, body: bytes) -> None:
        self.parts.append(body)

    def on_message_complete(self) -> None:
        self.done = self.head_done


class PlainTransport:
    """Plain HTTP/1.1, one connection a request."""

    def __init__(self, base_url: str, key: str = "") -> None:
        parts = urlsplit(base_url)
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port or 80
        self._base = parts.path.rstrip("/")
        host = f"[{self._host}]" if ":" in self._host else self._host
        lines = {"host": f"{host}:{self._port}", **_headers(key), "connection": "close"}
        self._head = "".join(f"{k}: {v}\r\n" for k, v in lines.items())

    def send(
        self, method: str, path: str, body: bytes = b""
    ) -> AbstractAsyncContextManager[Response]:
        """See `Transport.send`."""
        return self._send(method, path, body)

    @asynccontextmanager
    async def _send(self, method: str, path: str, body: bytes) -> AsyncIterator[Response]:
        reader, writer = await self._connect()
        try:
            head = f"{method} {self._base}{path} HTTP/1.1\r\n{self._head}"
            writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode("latin-1") + body)
            parser = _Parser()
            size = 0
            while not parser.head_done:
                data = await _read(reader)
                size += len(data)
                if not data or size > _MAX_HEAD + _READ_BYTES:
                    raise ConnectionLost("the server closed the connection without an answer")
                parser.feed(data)
            connection = cast("asyncio.ReadTransport", writer.transport)
            async with aclosing(_body(reader, parser)) as chunks:
                yield Response(parser.status, parser.headers, chunks, connection)
        finally:
            writer.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await asyncio.open_connection(self._host, self._port, limit=2**20)
        except (OSError, TimeoutError) as error:
            where = f"{self._host}:{self._port}"
            raise ConnectionLost(f"cannot connect to {where}: {error or 'timed out'}") from None

    async def aclose(self) -> None:
        """Nothing is kept open."""


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(_READ_BYTES)
    except OSError as error:
        raise ConnectionLost(str(error)) from None


async def _body(reader: asyncio.StreamReader, parser: _Parser) -> AsyncGenerator[bytes]:
    while True:
        if parser.parts:
            yield parser.take()
        if parser.done:
            return
        data = await _read(reader)
        if data:
            parser.feed(data)
        elif parser.ends_with_connection():
            return
        else:
            raise ConnectionLost("the connection broke in the middle of the response")


class HttpxTransport:
    """HTTPS (and proxies from the environment) through ``httpx``, with kept connections."""

    def __init__(self, base_url: str, key: str = "") -> None:
        import httpx

        self._base = base_url.rstrip("/")
        self._failure = httpx.HTTPError
        self._client = httpx.AsyncClient(
            headers=_headers(key),
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=64),
        )

    def send(
        self, method: str, path: str, body: bytes = b""
    ) -> AbstractAsyncContextManager[Response]:
        """See `Transport.send`."""
        return self._send(method, path, body)

    @asynccontextmanager
    async def _send(self, method: str, path: str, body: bytes) -> AsyncIterator[Response]:
        request = self._client.build_request(method, self._base + path, content=body)
        try:
            response = await self._client.send(request, stream=True)
        except self._failure as error:
            raise ConnectionLost(f"cannot reach {self._base}: {error}") from None
        try:
            async with aclosing(self._body(response)) as chunks:
                yield Response(response.status_code, dict(response.headers), chunks)
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        """Close kept connections."""
        await self._client.aclose()

    async def _body(self, response: httpx.Response) -> AsyncGenerator[bytes]:
        try:
            async for part in response.aiter_bytes():
                yield part
        except self._failure as error:
            raise ConnectionLost(str(error) or type(error).__name__) from None
