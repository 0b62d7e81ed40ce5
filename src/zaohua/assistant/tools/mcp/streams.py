"""What comes from a server, looked through before the protocol library sees it.

The library refuses a whole list of tools for one that is wrong in it, and reads on for ever when a
server writes something else than messages.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any, Self

MOST_GARBAGE = 100
"""Lines that are no messages, after which a server is given up."""

Looked = Callable[[list[Any]], list[dict[str, Any]]]
"""Tools as they came; those that can be used."""


class Watched:
    """A stream of messages: tools that are unsound are taken out, its end is told.

    Args:
        stream: of the transport.
        look: gives the sound tools of a list.
        ended: called when no more can come.
    """

    def __init__(self, stream: Any, look: Looked, ended: Callable[[], None]) -> None:
        self._stream = stream
        self._look = look
        self._ended = ended
        self._garbage = 0

    @property
    def last_context(self) -> Any:
        """The context of the last message, where the transport keeps one."""
        return getattr(self._stream, "last_context", None)

    async def receive(self) -> Any:
        """The next message."""
        return self._looked(await self._stream.receive())

    def __aiter__(self) -> Self:
        """All messages."""
        return self

    async def __anext__(self) -> Any:
        """The next message."""
        try:
            return self._looked(await anext(self._stream))
        except StopAsyncIteration:
            self._ended()
            raise

    async def aclose(self) -> None:
        """Let go of the stream."""
        await self._stream.aclose()

    async def __aenter__(self) -> Self:
        """The stream, open."""
        await self._stream.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> Any:
        """Close it."""
        return await self._stream.__aexit__(*error)

    def _looked(self, item: Any) -> Any:
        if isinstance(item, Exception):
            self._garbage += 1
            if self._garbage > MOST_GARBAGE:
                raise StopAsyncIteration
            return item
        result = getattr(item.message, "result", None)
        if not isinstance(result, dict) or not isinstance(result.get("tools"), list):
            return item
        sound = {**result, "tools": self._look(result["tools"])}
        return replace(item, message=item.message.model_copy(update={"result": sound}))


@asynccontextmanager
async def watched(
    transport: AbstractAsyncContextManager[Any], look: Looked, ended: Callable[[], None]
) -> AsyncIterator[Any]:
    """``transport`` with its incoming stream `Watched`."""
    async with transport as (incoming, outgoing):
        yield Watched(incoming, look, ended), outgoing
