from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.service.chat.conftest import ask, follow
from tests.service.conftest import asgi_client
from zaohua.service.services import Services

CONVERSATION_FIELDS = {
    "id", "title", "model", "system", "sampling", "overflow", "collections", "memory", "scenario",
    "pinned", "archived",
    "created_at", "updated_at", "leaf_id", "message_count",
}  # fmt: skip


async def make(client: httpx.AsyncClient, **given: Any) -> Any:
    response = await client.post("/api/conversations", json=given)
    assert response.status_code == 201, response.text
    return response.json()


async def test_a_new_conversation(client: httpx.AsyncClient) -> None:
    made = await make(client)
    assert set(made) == CONVERSATION_FIELDS
    assert (made["title"], made["overflow"], made["sampling"]) == ("", "compact", {})
    assert made["message_count"] == 0
    assert made["created_at"].endswith("Z")
    given = {
        "title": "时间",
        "model": "fake-2",
        "system": "Be brief.",
        "sampling": {"temperature": 0.5, "stop": ["END"], "logprobs": True},
        "overflow": "refuse",
    }
    made = await make(client, **given)
    assert {name: made[name] for name in given} == given
    read = (await client.get(f"/api/conversations/{made['id']}")).json()
    assert read == {"conversation": made, "messages": []}


async def test_changes(client: httpx.AsyncClient) -> None:
    made = await make(client, title="a", sampling={"seed": 1})
    path = f"/api/conversations/{made['id']}"
    changed = (await client.patch(path, json={"pinned": True, "sampling": {"top_k": 5}})).json()
    assert changed == {**made, "pinned": True, "sampling": {"top_k": 5}}
    assert (await client.patch(path, json={})).json() == changed
    assert (await client.patch(path, json={"title": None})).status_code == 400


async def test_delete(client: httpx.AsyncClient) -> None:
    made = await make(client)
    path = f"/api/conversations/{made['id']}"
    assert (await client.delete(path)).status_code == 204
    for response in (await client.get(path), await client.delete(path)):
        assert response.status_code == 404
        assert response.json()["error"]["code"] == "not_found"


async def test_deleting_stops_the_answer(client: httpx.AsyncClient, models: Any) -> None:
    user, _ = await ask(client, "[[words 1000]][[slow 0.05]]")
    response = await client.delete(f"/api/conversations/{user['conversation_id']}")
    assert response.status_code == 204
    assert models.engines["fake"].open == 0


async def test_pages_stay_in_step_while_conversations_are_added(
    client: httpx.AsyncClient,
) -> None:
    for number in range(7):
        await make(client, title=f"t{number}")
    first = (await client.get("/api/conversations?limit=3")).json()
    await client.patch(f"/api/conversations/{first['items'][2]['id']}", json={"archived": False})
    seen = [item["title"] for item in first["items"]]
    cursor = first["next_cursor"]
    while cursor:
        await make(client, title="late")
        page = (
            await client.get("/api/conversations", params={"limit": 3, "cursor": cursor})
        ).json()
        seen += [item["title"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [f"t{number}" for number in reversed(range(7))]


async def test_pinned_come_first_and_archived_apart(client: httpx.AsyncClient) -> None:
    ids = [(await make(client, title=str(n)))["id"] for n in range(4)]
    await client.patch(f"/api/conversations/{ids[0]}", json={"pinned": True})
    await client.patch(f"/api/conversations/{ids[2]}", json={"archived": True})
    listed = (await client.get("/api/conversations?limit=2")).json()
    rest = await client.get(
        "/api/conversations", params={"limit": 2, "cursor": listed["next_cursor"]}
    )
    order = [item["id"] for item in listed["items"] + rest.json()["items"]]
    assert order == [ids[0], ids[3], ids[1]]
    archived = (await client.get("/api/conversations?archived=true")).json()["items"]
    assert [item["id"] for item in archived] == [ids[2]]


async def test_search(page: httpx.AsyncClient) -> None:
    user, assistant = await ask(page, "请问潮汐锁定是什么？")
    await follow(page, assistant["id"])
    [item] = (await page.get("/api/conversations", params={"q": "锁定"})).json()["items"]
    assert item["id"] == user["conversation_id"]
    assert item["message_id"] == assistant["id"]
    assert "潮汐锁定" in item["snippet"]
    [plain] = [
        i
        for i in (await page.get("/api/conversations")).json()["items"]
        if i["id"] == user["conversation_id"]
    ]
    assert plain["snippet"] is None


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("", {"title": "x" * 201}, "title"),
        ("", {"system": "x" * 100_001}, "system"),
        ("", {"title": "a\x00b"}, "title"),
        ("", {"sampling": {"temperature": -1}}, "sampling.temperature"),
        ("", {"sampling": {"stop": ["a\x00"]}}, "sampling.stop[0]"),
        ("", {"sampling": {"nonsense": 1}}, "sampling.nonsense"),
        ("", {"overflow": "cut"}, "overflow"),
        ("", {"model": "gone"}, "model"),
        ("/{id}", {"leaf_id": "missing"}, "leaf_id"),
        ("/{id}", {"pinned": "perhaps"}, "pinned"),
        ("/{id}/messages", {"content": ""}, "content"),
        ("/{id}/messages", {"content": " \n"}, None),
        ("/{id}/messages", {"content": "a\x00"}, "content"),
        ("/{id}/messages", {}, "content"),
        ("/{id}/messages", {"content": "x", "parent_id": "missing"}, "parent_id"),
    ],
)
async def test_bad_bodies(
    client: httpx.AsyncClient, path: str, body: dict[str, Any], param: str | None
) -> None:
    made = await make(client)
    url = "/api/conversations" + path.format(id=made["id"])
    method = "PATCH" if path == "/{id}" else "POST"
    response = await client.request(method, url, json=body)
    assert response.status_code == (404 if param == "model" else 400), response.text
    assert response.json()["error"]["param"] == param


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b'"x"', b'{"content": "\xff"}', b'{"content": "\\ud800"}', b"NaN"]
)
async def test_broken_bodies(client: httpx.AsyncClient, raw: bytes) -> None:
    made = await make(client)
    response = await client.post(
        f"/api/conversations/{made['id']}/messages",
        content=raw,
        headers={"Content-Type": "application/json"},
    )
    assert response.status_code == 400
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    "query", ["cursor=xx", "cursor=W10", "cursor=%00", "limit=0", "limit=x", "q=" + "x" * 501]
)
async def test_bad_queries(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/api/conversations?{query}")).status_code == 400


async def test_strange_ids(client: httpx.AsyncClient) -> None:
    for name in ("x", "%00", "a%20b", "é", "x" * 100):
        response = await client.get(f"/api/conversations/{name}")
        assert response.status_code in (400, 404)
        assert "error" in response.json()


async def test_leaf(client: httpx.AsyncClient) -> None:
    user, assistant = await ask(client, "hello")
    path = f"/api/conversations/{user['conversation_id']}"
    changed = await client.patch(path, json={"leaf_id": user["id"]})
    assert changed.json()["leaf_id"] == user["id"]
    other, _ = await ask(client, "elsewhere")
    response = await client.patch(path, json={"leaf_id": other["id"]})
    assert response.status_code == 400
    assert (await client.get(path)).json()["conversation"]["leaf_id"] == user["id"]
    assert assistant["parent_id"] == user["id"]


async def test_owners_are_apart(
    make_app: Callable[..., tuple[FastAPI, Services]],
) -> None:
    app, services = make_app(require_key=True)
    _, mine = services.keyring.create("mine")
    _, yours = services.keyring.create("yours")
    async with (
        app.router.lifespan_context(app),
        asgi_client(app, headers={"Authorization": f"Bearer {mine}"}) as me,
        asgi_client(app, headers={"Authorization": f"Bearer {yours}"}) as you,
        asgi_client(app) as nobody,
    ):
        user, assistant = await ask(me, "a secret")
        conversation = f"/api/conversations/{user['conversation_id']}"
        message = f"/api/messages/{assistant['id']}"
        calls: list[tuple[str, str, Any]] = [
            ("GET", conversation, None),
            ("PATCH", conversation, {"title": "x"}),
            ("DELETE", conversation, None),
            ("POST", conversation + "/title", None),
            ("GET", conversation + "/export", None),
            ("POST", conversation + "/messages", {"content": "x"}),
            ("POST", message + "/regenerate", None),
            ("GET", message + "/stream", None),
            ("POST", message + "/stop", None),
            ("GET", message + "/tokens", None),
            ("PUT", message + "/feedback", {"rating": "up"}),
            ("DELETE", message + "/feedback", None),
        ]
        for method, path, body in calls:
            response = await you.request(method, path, json=body)
            assert response.status_code == 404, (method, path)
            assert "secret" not in response.text
            assert (await nobody.request(method, path, json=body)).status_code == 401
        assert (await you.get("/api/conversations?q=secret")).json()["items"] == []
        assert (await you.get("/api/conversations")).json()["items"] == []
        assert len((await me.get("/api/conversations?q=secret")).json()["items"]) == 1


async def test_models(client: httpx.AsyncClient) -> None:
    items = (await client.get("/api/models")).json()["items"]
    assert [(i["name"], i["default"], i["state"]) for i in items] == [
        ("fake", True, "ready"),
        ("fake-2", False, "ready"),
    ]
    assert set(items[0]) == {
        "name", "title", "state", "kind", "context_length", "slots", "size", "licence", "languages",
        "default",
    }  # fmt: skip
