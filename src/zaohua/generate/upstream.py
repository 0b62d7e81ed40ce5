"""One OpenAI-compatible server as an address to send requests to: streams events, posts JSON."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, aclosing, nullcontext
from itertools import chain
from time import monotonic
from typing import Any, Final

import orjson

from zaohua.generate.events import Event
from zaohua.generate.failures import EngineFailed
from zaohua.generate.silence import Silence
from zaohua.generate.sse_parser import SseParser
from zaohua.generate.transport import ConnectionLost, Response, Transport, transport_for
from zaohua.generate.upstream_body import Dialect, is_ours, to_json
from zaohua.generate.upstream_errors import error_from_body
from zaohua.generate.upstream_events import EventReader, joined

LOOK_SECONDS: Final = 0.03
"""Between two looks at an answer: what was written meanwhile is taken together. Each look takes
time from the engine, which computes on all cores. Workers of our pipeline tell together by
themselves."""


class Upstream:
    """A server at ``base_url``, which includes ``/v1`` if its paths do.

    Args:
        base_url: address; ``root`` paths of llama.cpp are taken relative to its host.
        key: bearer token, never shown.
        model: name sent with each request and used in errors.
    """

    def __init__(self, base_url: str, key: str, model: str, dialect: Dialect) -> None:
        self.model = model
        self.dialect = dialect
        self._looks = not is_ours(dialect)
        self._transport: Transport = transport_for(base_url, key)
        self._work, self._errands = Silence(), Silence()
        self._ended = ""

    @property
    def silent_seconds(self) -> float:
        """How long nothing has come of what it computes, or of what it is asked beside.

        The second does not end the first: texts are cut into tokens by threads that may go on when
        those that compute do not. Nor does it count whether it answers that it is well.
        """
        return max(self._work.seconds, self._errands.seconds)

    def end(self, why: str) -> None:
        """What it owes will not come: what is said to those who wait when the connection breaks."""
        self._ended = why

    async def stream(
        self, path: str, body: Mapping[str, Any], *, answers: int = 1, top_logprobs: int = 0
    ) -> AsyncGenerator[Event]:
        """The events of one streamed request; closing the generator closes its connection.

        Raises:
            ZaohuaError: what the server said, or that it broke off, as `generate.failures`.
        """
        reader = EventReader(self.model, answers, self.dialect, top_logprobs)
        parser = SseParser()
        try:
            async with AsyncExitStack() as connection:
                with self._work.waiting():
                    response = await connection.enter_async_context(
                        self._transport.send("POST", path, to_json(body))
                    )
                await self._raise_for_status(response)
                told = self._work.before_each(_taken(response, parser))
                async with aclosing(told) as taken:
                    async for objects in taken:
                        seen = monotonic()
                        for event in joined(chain.from_iterable(map(reader.read, objects))):
                            yield event
                        if self._looks and reader.writing and not parser.done:
                            await response.rest(seen + LOOK_SECONDS - monotonic())
        except ConnectionLost as error:
            raise self._gone(error) from None
        for event in reader.end(done=parser.done):
            yield event

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Post ``body`` and read the JSON answer.

        Raises:
            ZaohuaError: as `stream`.
        """
        return await self._json("POST", path, to_json(body))

    async def get(self, path: str) -> Any:
        """Read the JSON at ``path``.

        Raises:
            ZaohuaError: as `stream`.
        """
        return await self._json("GET", path)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._transport.aclose()

    async def _json(self, method: str, path: str, body: bytes = b"") -> Any:
        try:
            with self._waiting(method, path):
                async with self._transport.send(method, path, body) as response:
                    await self._raise_for_status(response)
                    return orjson.loads(await response.read())
        except ConnectionLost as error:
            raise self._gone(error) from None
        except orjson.JSONDecodeError:
            raise EngineFailed("the engine's answer is not JSON", where=self.model) from None

    def _waiting(self, method: str, path: str) -> AbstractContextManager[None]:
        if method == "GET":
            return nullcontext()
        return (self._work if "completion" in path else self._errands).waiting()

    def _gone(self, error: ConnectionLost) -> EngineFailed:
        return EngineFailed(self._ended or f"the engine is gone: {error}", where=self.model)

    async def _raise_for_status(self, response: Response) -> None:
        if response.status != 200:
            body = await response.read()
            raise error_from_body(response.status, body, self.model, response.headers)


async def _taken(response: Response, parser: SseParser) -> AsyncGenerator[Sequence[dict[str, Any]]]:
    """The objects of a stream, those together that had come when it was looked at."""
    async for data in response.body:
        found = list[dict[str, Any]]()
        try:
            for one in parser.feed(data):
                found.append(one)
        except EngineFailed:
            yield found
            raise
        yield found
        if parser.done:
            return
    yield list(parser.finish())
