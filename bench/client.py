"""A lean streaming client, the same for every contestant, that notes when each piece came."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson


@dataclass(frozen=True, slots=True)
class Target:
    """A server to measure: ``base_url`` ends in ``/v1``."""

    name: str
    base_url: str
    model: str
    key: str = ""


@dataclass(slots=True)
class Trace:
    """What came of one request. Times are seconds since it was sent."""

    arrivals: list[float] = field(default_factory=list)
    text: str = ""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    total: float = 0.0

    @property
    def first_token(self) -> float:
        """Time to the first piece of text."""
        return self.arrivals[0] if self.arrivals else self.total

    @property
    def decode_rate(self) -> float:
        """Tokens a second after the first one."""
        return (self.completion_tokens - 1) / (self.arrivals[-1] - self.arrivals[0])


class Refused(RuntimeError):
    """A request that got another status than 200; worth trying again after ``retry_after`` s."""

    def __init__(self, name: str, response: httpx.Response, body: str) -> None:
        self.status = response.status_code
        self.retry_after = float(response.headers.get("retry-after") or 1)
        super().__init__(f"{name}: {self.status} {body}")


class Client:
    """Sends chat requests to a `Target` and times what streams back.

    Each request has a connection of its own: llama.cpp drops kept ones after five seconds.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        headers = {"Authorization": f"Bearer {target.key}"} if target.key else {}
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._http = httpx.AsyncClient(headers=headers, timeout=600, limits=limits)

    async def chat(self, messages: Sequence[dict[str, str]], **options: Any) -> Trace:
        """One streamed answer. ``options`` go into the request as they are."""
        body = {
            "model": self.target.model,
            "messages": list(messages),
            "stream": True,
            "stream_options": {"include_usage": True},
            **options,
        }
        trace = Trace()
        start = time.perf_counter()
        url = f"{self.target.base_url}/chat/completions"
        async with self._http.stream("POST", url, json=body) as response:
            if response.status_code != 200:
                raise Refused(self.target.name, response, (await response.aread()).decode())
            async for line in response.aiter_lines():
                if line.startswith("data: {"):
                    _read(trace, orjson.loads(line[6:]), time.perf_counter() - start)
        trace.total = time.perf_counter() - start
        return trace

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _read(trace: Trace, chunk: dict[str, Any], at: float) -> None:
    for choice in chunk["choices"]:
        if text := choice["delta"].get("content"):
            trace.arrivals.append(at)
            trace.text += text
    if usage := chunk.get("usage"):
        trace.prompt_tokens = usage["prompt_tokens"]
        trace.completion_tokens = usage["completion_tokens"]
        trace.cached_tokens = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
