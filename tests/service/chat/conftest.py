"""A page's view of the chat API: one client, and a reader of its event streams."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.service.conftest import Server


@dataclass(frozen=True)
class Event:
    name: str
    id: int
    data: Any


async def events(
    client: httpx.AsyncClient, path: str, headers: dict[str, str] | None = None
) -> AsyncIterator[Event]:
    """The events of a stream, as they come; comments are passed over."""
    async with client.stream("GET", path, headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        async for line in response.aiter_lines():
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields:
                data = json.loads(fields["data"])
                yield Event(fields["event"], int(fields.get("id", -1)), data)
                fields = {}


async def follow(client: httpx.AsyncClient, message_id: str, after: int = 0) -> tuple[str, Any]:
    """Reasoning and content, and the data of the last event."""
    text = ""
    async for event in events(client, f"/api/messages/{message_id}/stream?after={after}"):
        if event.name == "delta":
            text += event.data["reasoning"] + event.data["content"]
            assert event.id == after + len(text)
        if event.name == "done":
            return text, event.data
    raise AssertionError("the stream ended without a last event")


async def ask(
    client: httpx.AsyncClient, content: str, conversation: str = "", parent: str | None = None
) -> tuple[Any, Any]:
    """Ask in a conversation (a new one if none is given): user and assistant message."""
    if not conversation:
        made = await client.post("/api/conversations", json={})
        assert made.status_code == 201
        conversation = made.json()["id"]
    answer = await client.post(
        f"/api/conversations/{conversation}/messages",
        json={"content": content, "parent_id": parent},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["user"], answer.json()["assistant"]


@pytest.fixture
async def page(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server."""
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        yield client
