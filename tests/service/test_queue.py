"""What a client sees of the queue before the engine: who goes first, who is refused, how."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.service.chat.conftest import events
from zaohua.generate import in_turn
from zaohua.generate.fake import FakeEngine, FakeModels
from zaohua.generate.request import CompletionRequest
from zaohua.service.app import create_app
from zaohua.service.services import Services

from .conftest import asgi_client, until

CHAT = "/v1/chat/completions"


@pytest.fixture
def models() -> FakeModels:
    return FakeModels(slots=2)


@pytest.fixture
def engine(models: FakeModels) -> FakeEngine:
    return models.engines["fake"]


@pytest.fixture
def services_of_app(make_app: Callable[..., tuple[FastAPI, Services]]) -> Services:
    return make_app()[1]


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with app.router.lifespan_context(app), asgi_client(app) as made:
        yield made


class Crowd:
    """Takes all slots of an engine until it leaves, and has done so for a long time."""

    def __init__(self, engine: FakeEngine, clock_ahead: float = 0.0) -> None:
        self.gate = engine.turnstile
        self._stack = [self.gate.enter(CompletionRequest("")) for _ in range(2)]
        self._ahead = clock_ahead

    def __enter__(self) -> None:
        for held in self._stack:
            place = held.__enter__()
            place.started -= self._ahead

    def __exit__(self, *raised: Any) -> None:
        for held in self._stack:
            held.__exit__(*raised)


def chat(text: str, **fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], **fields}


async def new_conversation(client: httpx.AsyncClient) -> str:
    return str((await client.post("/api/conversations", json={})).json()["id"])


@pytest.mark.parametrize("stream", [False, True])
async def test_who_would_wait_too_long_is_refused_with_the_predicted_wait(
    client: httpx.AsyncClient, engine: FakeEngine, stream: bool
) -> None:
    with Crowd(engine, clock_ahead=200):
        refused = await client.post(CHAT, json=chat("hi", stream=stream))
        assert refused.status_code == 503
        assert 195 <= int(refused.headers["retry-after"]) <= 205
        error = refused.json()["error"]
        assert (error["type"], error["code"]) == ("overloaded", "engine_busy")
        assert "about 200 s" in error["message"]
        body = {"messages": chat("hi")["messages"], "max_tokens": 5}
        claude = await client.post("/v1/messages", json=body)
        assert claude.status_code == 529
        assert int(claude.headers["retry-after"]) >= 195
    assert (await client.post(CHAT, json=chat("hi", stream=stream))).status_code == 200


async def test_the_page_is_refused_before_anything_is_kept(
    client: httpx.AsyncClient, engine: FakeEngine
) -> None:
    talk = await new_conversation(client)
    question = {"content": "hi", "parent_id": None}
    with Crowd(engine, clock_ahead=200):
        refused = await client.post(f"/api/conversations/{talk}/messages", json=question)
        assert refused.status_code == 503
        assert refused.json()["error"]["code"] == "engine_busy"
        assert int(refused.headers["retry-after"]) >= 195
    assert (await client.get(f"/api/conversations/{talk}")).json()["messages"] == []
    assert engine.turnstile.records[False].refused == 1
    asked = await client.post(f"/api/conversations/{talk}/messages", json=question)
    assert asked.status_code == 201
    message = asked.json()["assistant"]["id"]
    _ = [e async for e in events(client, f"/api/messages/{message}/stream")]
    with Crowd(engine, clock_ahead=200):
        again = await client.post(f"/api/messages/{message}/regenerate")
        assert again.status_code == 503


async def test_batch_work_waits_and_people_pass_it(
    client: httpx.AsyncClient, engine: FakeEngine
) -> None:
    ended: list[str] = []
    slow = "[[words 3]] [[slow 0.05]]"

    async def ask(name: str, path: str = CHAT, **fields: Any) -> None:
        body = chat(slow) if path == CHAT else {}
        answer = await client.post(path, json={**body, **fields})
        assert answer.status_code == 200, answer.text
        ended.append(name)

    gate = engine.turnstile
    with Crowd(engine, clock_ahead=50):
        batch = [
            asyncio.create_task(ask("chat", service_tier="flex")),
            asyncio.create_task(ask("responses", "/v1/responses", input=slow, service_tier="flex")),
            asyncio.create_task(ask("prompts", "/v1/completions", prompt=[slow, slow])),
        ]
        await until(lambda: gate.waiting(batch=True) == 4)
        text = (await client.get("/metrics")).text
        assert 'zaohua_queue_length{class="batch",model="fake"} 4.0' in text
        person = asyncio.create_task(ask("person", **chat("[[say ok]]", service_tier="default")))
        await until(lambda: gate.waiting(batch=False) == 1)
    await asyncio.gather(person, *batch)
    assert ended[0] == "person"
    assert len(ended) == 4
    text = (await client.get("/metrics")).text
    assert 'zaohua_queue_wait_seconds_count{class="batch",model="fake"} 4.0' in text
    assert 'zaohua_queue_wait_seconds_bucket{class="batch",le="+Inf",model="fake"} 4.0' in text
    assert 'zaohua_queue_refused_total{class="interactive",model="fake"} 0.0' in text
    assert 'zaohua_engine_ends_total{how="stalled",model="fake"} 0.0' in text


async def test_an_unknown_tier_is_refused(client: httpx.AsyncClient) -> None:
    refused = await client.post(CHAT, json=chat("hi", service_tier="soon"))
    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == "service_tier"


async def test_keys_take_turns_and_so_do_conversations_of_the_page(
    services_of_app: Services, engine: FakeEngine
) -> None:
    app = create_app(services_of_app)
    secrets = {name: services_of_app.keyring.create(name)[1] for name in ("ann", "bob")}
    order: list[str] = []
    async with app.router.lifespan_context(app), asgi_client(app) as client:

        async def ask(name: str) -> None:
            headers = {"authorization": f"Bearer {secrets[name]}"}
            body = chat("[[words 2]]", user="whoever")
            assert (await client.post(CHAT, json=body, headers=headers)).status_code == 200
            order.append(name)

        with Crowd(engine):
            tasks = []
            for n, name in enumerate(("ann", "ann", "ann", "ann", "bob"), 1):
                tasks.append(asyncio.create_task(ask(name)))
                await until(lambda n=n: engine.turnstile.waiting(batch=False) == n)
            talks = [await new_conversation(client) for _ in range(2)]
            for talk in talks:
                question = {"content": "hi", "parent_id": None}
                await client.post(f"/api/conversations/{talk}/messages", json=question)
            await until(lambda: engine.turnstile.waiting(batch=False) == 7)
            users = list(engine.turnstile._people._users)
            assert len(users) == 4
            assert users[2:] == talks
        await asyncio.gather(*tasks)
        assert order.index("bob") < 3


async def test_who_leaves_while_waiting_leaves_the_queue(
    client: httpx.AsyncClient, engine: FakeEngine
) -> None:
    gate = engine.turnstile
    talk = await new_conversation(client)
    with Crowd(engine):
        left = asyncio.create_task(client.post(CHAT, json=chat("hi", stream=True)))
        question = {"content": "hi", "parent_id": None}
        asked = await client.post(f"/api/conversations/{talk}/messages", json=question)
        await until(lambda: gate.waiting(batch=False) == 2)
        left.cancel()
        message = asked.json()["assistant"]["id"]
        stopped = await client.post(f"/api/messages/{message}/stop")
        assert stopped.json()["status"] == "stopped"
        await until(lambda: gate.waiting(batch=False) == 0)
    assert (gate.running, engine.open) == (0, 0)


async def test_the_page_is_told_how_long_it_will_be(
    client: httpx.AsyncClient, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_turn, "_TELL_SECONDS", 0.02)
    talk = await new_conversation(client)
    names: list[str] = []
    with Crowd(engine, clock_ahead=40):
        question = {"content": "hi", "parent_id": None}
        asked = await client.post(f"/api/conversations/{talk}/messages", json=question)
        path = f"/api/messages/{asked.json()['assistant']['id']}/stream"

        async def follow() -> None:
            async for event in events(client, path):
                names.append(event.name)
                if event.name == "waiting":
                    assert 39 < event.data["seconds"] < 42

        reader = asyncio.create_task(follow())
        await asyncio.sleep(0.2)
    await reader
    assert names[-1] == "done"


async def test_a_stream_of_the_api_is_not_told(
    client: httpx.AsyncClient, engine: FakeEngine
) -> None:
    with Crowd(engine, clock_ahead=40):
        body = chat("[[say ok]]", stream=True, return_progress=True)
        task = asyncio.create_task(client.post(CHAT, json=body))
        await until(lambda: engine.turnstile.waiting(batch=False) == 1)
    answer = await task
    assert "waiting" not in answer.text
    assert '"content":"ok"' in answer.text
