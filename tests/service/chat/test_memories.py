"""`/api/memories`: seen, changed, forgotten, switched; never another's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.service.conftest import asgi_client

PATH = "/api/memories"


async def add(client: httpx.AsyncClient, text: str, kind: str = "note") -> dict[str, Any]:
    response = await client.post(PATH, json={"text": text, "kind": kind})
    assert response.status_code == 201, response.text
    return dict(response.json())


async def texts(client: httpx.AsyncClient, **query: object) -> list[str]:
    body = (await client.get(PATH, params=query)).json()
    return [item["text"] for item in body["items"]]


async def test_added_seen_changed_forgotten(client: httpx.AsyncClient) -> None:
    made = await add(client, "住在：成都", "city")
    assert made["value"] == "成都"
    assert made["weight"] == 1
    assert made["source_message_id"] is made["conversation_id"] is made["ended_at"] is None
    await add(client, "has a boat")
    assert await texts(client) == ["住在：成都", "has a boat"]
    changed = await client.patch(f"{PATH}/{made['id']}", json={"text": "住在：杭州"})
    assert changed.json()["value"] == "杭州"
    assert (await client.get(f"{PATH}/{made['id']}")).json() == changed.json()
    assert (await client.delete(f"{PATH}/{made['id']}")).status_code == 204
    assert (await client.get(f"{PATH}/{made['id']}")).status_code == 404
    assert (await client.delete(PATH)).json() == {"forgotten": 1}
    assert await texts(client, history=True) == []


async def test_history_and_export(client: httpx.AsyncClient) -> None:
    await add(client, "Lives in: Rome", "city")
    await add(client, "Lives in: Oslo", "city")
    assert await texts(client) == ["Lives in: Oslo"]
    assert await texts(client, history=True) == ["Lives in: Rome", "Lives in: Oslo"]
    whole = (await client.get(f"{PATH}/export")).json()
    assert (whole["owner"], whole["on"], len(whole["memories"])) == ("local", True, 2)
    assert whole["memories"][0]["superseded_by"] == whole["memories"][1]["id"]


async def test_the_switch(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{PATH}/switch")).json() == {"on": True}
    assert (await client.put(f"{PATH}/switch", json={"on": False})).json() == {"on": False}
    assert (await client.get(f"{PATH}/switch")).json() == {"on": False}
    assert (await client.get(PATH)).json() == {"on": False, "items": []}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": "   "},
        {"text": "x" * 501},
        {"text": "a\0b"},
        {"text": "tea", "kind": "nonsense"},
        {"text": "my password is hunter2"},
    ],
)
async def test_what_cannot_be_remembered(client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    response = await client.post(PATH, json=body)
    assert response.status_code == 400
    assert response.json()["error"]["message"]
    made = await add(client, "tea")
    if "text" in body:
        assert (await client.patch(f"{PATH}/{made['id']}", json=body)).status_code == 400
    assert await texts(client) == ["tea"]


@pytest.mark.parametrize("body", [{}, {"on": "yes"}, {"on": None}])
async def test_a_switch_is_on_or_off(client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    assert (await client.put(f"{PATH}/switch", json=body)).status_code == 400


async def test_others_are_never_seen(make_app: Callable[..., tuple[FastAPI, Any]]) -> None:
    app, services = make_app(require_key=True)
    secrets = [services.keyring.create(name, ("chat",))[1] for name in ("ann", "ben")]
    denied = services.keyring.create("api", ("inference",))[1]
    ann, ben, api, nobody = (
        asgi_client(app, headers={"Authorization": f"Bearer {secret}"} if secret else {})
        for secret in (*secrets, denied, "")
    )
    async with app.router.lifespan_context(app):
        made = await add(ann, "has a boat")
        assert await texts(ben) == []
        for call in (ben.get, ben.delete):
            assert (await call(f"{PATH}/{made['id']}")).status_code == 404
        changed = await ben.patch(f"{PATH}/{made['id']}", json={"text": "mine"})
        assert changed.status_code == 404
        assert (await ben.delete(PATH)).json() == {"forgotten": 0}
        await ben.put(f"{PATH}/switch", json={"on": False})
        assert (await ann.get(f"{PATH}/switch")).json() == {"on": True}
        assert (await api.get(PATH)).status_code == 403
        assert (await nobody.get(PATH)).status_code == 401
        assert await texts(ann) == ["has a boat"]
    for client in (ann, ben, api, nobody):
        await client.aclose()
