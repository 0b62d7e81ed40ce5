"""One running session with a server of tools."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zaohua.assistant.tools.mcp.streams import Looked, watched
from zaohua.assistant.tools.values import ToolFailed
from zaohua.errors import MissingExtraError, UnavailableError

if TYPE_CHECKING:
    from mcp.client import Client
    from mcp_types import CallToolResult

    from zaohua.settings import McpServer

CLOSE_SECONDS = 8.0
"""The library gives a server some six seconds to end before it kills it."""
MOST_PAGES = 20


class Connection:
    """A session with a server, from `open` until it is closed or the server ends.

    A task of its own opens and closes it: the library wants both in one.

    Args:
        spec: where the server is.
        log: what a server started here writes to stderr goes there.
        look: gives the sound ones of the tools that the server lists.
    """

    def __init__(self, spec: McpServer, log: Path, look: Looked) -> None:
        self._spec = spec
        self._log = log
        self._look = look
        self._ended = asyncio.Event()
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._client: Client | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """Whether calls can be made."""
        return self._client is not None and not self._ended.is_set()

    async def open(self) -> None:
        """Start or reach the server and list its tools, which `look` is given.

        Raises:
            UnavailableError: it does not start, or does not answer in time.
            MissingExtraError: the library is not installed.
        """
        self._keeper = asyncio.create_task(self._keep())
        done, _ = await asyncio.wait({self._ready}, timeout=self._spec.start_seconds)
        if not done:
            await self.aclose()
            raise UnavailableError(f"it did not answer within {self._spec.start_seconds:g} s")
        try:
            self._ready.result()
        except (ToolFailed, UnavailableError, MissingExtraError):
            raise
        except BaseException as error:
            raise UnavailableError(f"it did not start: {reason_of(error)}") from None

    async def call(self, name: str, arguments: dict[str, Any]) -> CallToolResult:
        """Call a tool.

        Raises:
            ToolFailed: the server ended, refused, or did not keep to the protocol.
        """
        if self._client is None or not self.alive:
            raise ToolFailed("the server has ended")
        try:
            return await self._client.call_tool(name, arguments)
        except Exception as error:
            ended = "the server ended during the call; " if self._ended.is_set() else ""
            raise ToolFailed(f"{ended}{reason_of(error)}") from None

    def end(self) -> None:
        """Give the session up; it is closed in the background."""
        self._ended.set()

    async def aclose(self) -> None:
        """End the session, and the server if it was started here. Never hangs."""
        self.end()
        keeper = self._keeper
        if keeper is None:
            return
        if self._client is None:
            keeper.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await asyncio.wait({keeper}, timeout=CLOSE_SECONDS)
        keeper.cancel()

    async def _keep(self) -> None:
        try:
            async with AsyncExitStack() as stack:
                client = await stack.enter_async_context(await self._open_client(stack))
                await _list_all(client)
                self._client = client
                self._settle(None)
                await self._ended.wait()
        except asyncio.CancelledError:
            self._settle(UnavailableError("it was stopped"))
            raise
        except BaseException as error:
            self._settle(error)
        finally:
            self._ended.set()

    async def _open_client(self, stack: AsyncExitStack) -> Client:
        try:
            from mcp.client import Client
        except ModuleNotFoundError:
            raise MissingExtraError("mcp", "a server of tools") from None
        # The library logs a traceback for each line that is no message.
        logging.getLogger("mcp").setLevel(logging.CRITICAL)
        transport = self._http(stack) if self._spec.url else self._stdio(stack)
        return Client(
            watched(await transport, self._look, self._ended.set),
            read_timeout_seconds=self._spec.call_seconds,
            cache=None,
        )

    async def _stdio(self, stack: AsyncExitStack) -> AbstractAsyncContextManager[Any]:
        from mcp.client.stdio import StdioServerParameters, stdio_client

        log = await asyncio.to_thread(_opened, self._log)
        stack.callback(log.close)
        server = StdioServerParameters(
            command=self._spec.command,
            args=list(self._spec.args),
            env=dict(self._spec.env),
            cwd=self._spec.folder or None,
            encoding_error_handler="replace",
        )
        return stdio_client(server, errlog=log)

    async def _http(self, stack: AsyncExitStack) -> AbstractAsyncContextManager[Any]:
        import httpx2
        from mcp.client.streamable_http import streamable_http_client

        # A redirect would lead elsewhere than where the operator wants to go.
        client = httpx2.AsyncClient(
            headers=dict(self._spec.headers),
            follow_redirects=False,
            timeout=httpx2.Timeout(self._spec.start_seconds, read=self._spec.call_seconds + 5),
        )
        await stack.enter_async_context(client)
        return streamable_http_client(self._spec.url, http_client=client)

    def _settle(self, error: BaseException | None) -> None:
        if self._ready.done():
            return
        if error is None:
            self._ready.set_result(None)
        else:
            self._ready.set_exception(error)
            self._ready.exception()  # `open` may have given up waiting for it


def _opened(path: Path) -> Any:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("w", encoding="utf-8", errors="replace")


async def _list_all(client: Client) -> None:
    """Ask for the list of tools; the stream gives it to `look` as it comes, page by page."""
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        cursor = page.next_cursor
        if not cursor:
            return


def reason_of(error: BaseException) -> str:
    """Why the library failed, in one clause."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    named: dict[str, Callable[[], str]] = {
        "ValidationError": lambda: "its answer does not keep to the protocol",
        "FileNotFoundError": lambda: f"there is no program '{getattr(error, 'filename', '')}'",
    }
    said = named.get(type(error).__name__, lambda: str(error) or type(error).__name__)()
    return " ".join(said.split())[:200]
