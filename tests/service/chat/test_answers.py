from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from tests.service.chat.conftest import ask, events, follow
from tests.service.conftest import Server, services_with, serving, until
from zaohua.generate.fake import FakeModels
from zaohua.service.keys import KeyLimits
from zaohua.settings import Settings

MESSAGE_FIELDS = {
    "id", "conversation_id", "parent_id", "role", "content", "reasoning", "status", "model",
    "finish_reason", "error", "usage", "timings", "cost", "context_note", "citations", "claims",
    "trace", "feedback", "has_tokens", "seq", "created_at", "notice",
}  # fmt: skip


async def test_the_stream_of_an_answer(page: httpx.AsyncClient) -> None:
    user, assistant = await ask(page, "[[say 好的😀，开始]][[reason]][[prompt 0.2]]")
    assert set(user) == set(assistant) == MESSAGE_FIELDS
    seen = [e async for e in events(page, f"/api/messages/{assistant['id']}/stream")]
    names = [event.name for event in seen]
    assert names == sorted(names, key=["progress", "delta", "done"].index)
    assert set(seen[0].data) == {"total", "cached", "processed", "seconds"}
    deltas = [event for event in seen if event.name == "delta"]
    assert "".join(event.data["content"] for event in deltas) == "好的😀，开始"
    assert deltas[-1].id == 42 + len("好的😀，开始")
    done = seen[-1].data
    assert set(done["message"]) == MESSAGE_FIELDS
    assert done["message"]["status"] == "complete"
    assert done["message"]["created_at"].endswith("Z")
    whole = (await page.get(f"/api/conversations/{user['conversation_id']}")).json()
    assert whole["messages"][1] == done["message"]
    assert done["conversation"]["leaf_id"] == assistant["id"]


async def test_attaching_again(page: httpx.AsyncClient) -> None:
    _, assistant = await ask(page, "[[say 一二三四五六七八九十]][[slow 0.03]]")
    path = f"/api/messages/{assistant['id']}/stream"
    got = ""
    async for event in events(page, path):
        if event.name == "delta":
            got += event.data["content"]
            if len(got) >= 3:
                break
    header = {"Last-Event-ID": str(len(got))}
    async for event in events(page, path, header):
        if event.name == "delta":
            got += event.data["content"]
    assert got == "一二三四五六七八九十"
    assert (await follow(page, assistant["id"], 8))[0] == "九十"
    text, done = await follow(page, assistant["id"], 99)
    assert (text, done["message"]["status"]) == ("", "complete")


async def test_a_running_answer_is_in_the_conversation(page: httpx.AsyncClient) -> None:
    user, assistant = await ask(page, "[[words 100]][[slow 0.02]]")
    await asyncio.sleep(0.5)
    whole = (await page.get(f"/api/conversations/{user['conversation_id']}")).json()
    assert whole["messages"][1]["status"] == "running"
    so_far = whole["messages"][1]["content"]
    assert so_far
    text, _ = await follow(page, assistant["id"], len(so_far))
    assert len((so_far + text).split()) == 100


@pytest.mark.alone
async def test_leaving_does_not_stop_it_but_stop_does(tmp_path: Path) -> None:
    with serving(services_with(Settings(home=tmp_path), FakeModels())) as server:
        engine = server.models.engines["fake"]
        async with httpx.AsyncClient(base_url=server.url) as page:
            _, assistant = await ask(page, "[[words 2000]][[slow 0.02]]")
            async for event in events(page, f"/api/messages/{assistant['id']}/stream"):
                if event.name == "delta":
                    break
            await asyncio.sleep(0.2)
            assert (engine.open, engine.cancelled) == (1, 0)
            begin = time.monotonic()
            stopped = (await page.post(f"/api/messages/{assistant['id']}/stop")).json()
            assert time.monotonic() - begin < 1
            assert stopped["status"] == "stopped"
            assert stopped["content"]
            await until(lambda: (engine.open, engine.cancelled) == (0, 1))
            text, done = await follow(page, assistant["id"])
            assert text == done["message"]["content"] == stopped["content"]


async def test_regenerate(page: httpx.AsyncClient) -> None:
    user, first = await ask(page, "hello")
    await follow(page, first["id"])
    for name in (user["id"], first["id"]):
        response = await page.post(f"/api/messages/{name}/regenerate")
        assert response.status_code == 201
        again = response.json()["assistant"]
        assert (again["parent_id"], again["role"]) == (user["id"], "assistant")
        assert (await follow(page, again["id"]))[1]["message"]["status"] == "complete"


async def test_feedback(page: httpx.AsyncClient) -> None:
    user, assistant = await ask(page, "hello")
    await follow(page, assistant["id"])
    path = f"/api/messages/{assistant['id']}/feedback"
    given = {"rating": "down", "reasons": ["wrong", "太长"], "comment": "不对"}
    assert (await page.put(path, json=given)).json()["feedback"] == given
    short = (await page.put(path, json={"rating": "up"})).json()["feedback"]
    assert short == {"rating": "up", "reasons": [], "comment": ""}
    assert (await page.delete(path)).json()["feedback"] is None
    assert (await page.put(path, json={"rating": "meh"})).status_code == 400
    wrong = await page.put(f"/api/messages/{user['id']}/feedback", json={"rating": "up"})
    assert wrong.status_code == 400


async def test_tokens_are_scored_or_stored(page: httpx.AsyncClient) -> None:
    user, assistant = await ask(page, "你好")
    await follow(page, assistant["id"])
    scored = [e async for e in events(page, f"/api/messages/{assistant['id']}/tokens")]
    assert [e.name for e in scored[-2:]] == ["token", "done"]
    text = "".join(e.data["token"] for e in scored[:-1])
    assert text == "你说的是：你好"
    assert len(scored[0].data["top"]) == 5
    assert set(scored[0].data["top"][0]) == {"token", "logprob"}

    conversation = f"/api/conversations/{user['conversation_id']}"
    await page.patch(conversation, json={"sampling": {"logprobs": True}})
    _, kept = await ask(page, "你好", user["conversation_id"])
    _, done = await follow(page, kept["id"])
    assert done["message"]["has_tokens"]
    stored = [e async for e in events(page, f"/api/messages/{kept['id']}/tokens")]
    assert [e.data for e in stored] == [e.data for e in scored]
    listed = (await page.get(conversation)).json()["messages"]
    assert [m["has_tokens"] for m in listed] == [False, False, False, True]
    assert (await page.get(f"/api/messages/{user['id']}/tokens")).status_code == 400


async def test_scoring_that_fails_is_told(page: httpx.AsyncClient, server: Server) -> None:
    _, assistant = await ask(page, "hello")
    await follow(page, assistant["id"])
    engine = server.models.engines.pop("fake")
    try:
        told = [e async for e in events(page, f"/api/messages/{assistant['id']}/tokens")]
    finally:
        server.models.engines["fake"] = engine
        server.models.engines["fake-2"] = server.models.engines.pop("fake-2")
    assert told[-1].name == "error"
    assert "there is no model" in told[-1].data["error"]["message"]


async def test_pings_while_nothing_happens(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, ping_seconds=0.1)
    with serving(services_with(settings, FakeModels())) as server:
        async with httpx.AsyncClient(base_url=server.url) as page:
            _, assistant = await ask(page, "[[silent 0.6]]x")
            async with page.stream("GET", f"/api/messages/{assistant['id']}/stream") as stream:
                lines = [line async for line in stream.aiter_lines()]
    assert sum(line == ": ping" for line in lines) >= 3


async def test_quotas_stop_the_page_too(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, require_key=True)
    with serving(services_with(settings, FakeModels())) as server:
        key, secret = server.services.keyring.create("k", limits=KeyLimits(tokens_total=60))
        headers = {"Authorization": f"Bearer {secret}"}
        async with httpx.AsyncClient(base_url=server.url, headers=headers) as page:
            _, assistant = await ask(page, "[[words 500]]")
            _, done = await follow(page, assistant["id"])
            assert done["message"]["finish_reason"] == "length"
            assert len(done["message"]["content"].split()) <= 60
            await until(lambda: server.services.keyring.usage(key.id).tokens_total >= 60)
            refused = await page.post(
                f"/api/conversations/{assistant['conversation_id']}/messages",
                json={"content": "more"},
            )
            assert refused.status_code == 429


@pytest.mark.parametrize("path", ["stream", "stop", "tokens", "regenerate", "feedback"])
async def test_messages_that_are_not_there(page: httpx.AsyncClient, path: str) -> None:
    method = {"stream": "GET", "tokens": "GET", "feedback": "DELETE"}.get(path, "POST")
    response = await page.request(method, f"/api/messages/missing/{path}")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("after", ["-1", "x", "99999999999999999999"])
async def test_bad_positions(page: httpx.AsyncClient, after: str) -> None:
    response = await page.get(f"/api/messages/missing/stream?after={after}")
    assert response.status_code == 400
