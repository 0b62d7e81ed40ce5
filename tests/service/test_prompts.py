"""The prompt library over HTTP, with the real app and the fake engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from zaohua.service.services import Services

from .conftest import asgi_client

NOVEL = "".join(f"第{n}章\n\n" + f"老人在第{n}天走着山路。\n\n" * 60 for n in range(1, 21))
Make = Callable[..., tuple[FastAPI, Services]]


async def test_the_list_and_its_search(client: httpx.AsyncClient):
    items = (await client.get("/api/prompts")).json()["items"]
    assert len(items) >= 28
    assert {"name", "language", "title", "about", "version", "own", "problem"} == set(items[0])
    found = (await client.get("/api/prompts", params={"q": "情感"})).json()["items"]
    assert [(one["name"], one["language"]) for one in found] == [("sentiment", "zh")]


async def test_one_tells_all_that_a_form_needs(client: httpx.AsyncClient):
    told = (await client.get("/api/prompts/summary", params={"language": "zh"})).json()
    assert (told["language"], told["languages"], told["main"]) == ("zh", ["en", "zh"], "text")
    words = next(one for one in told["inputs"] if one["name"] == "words")
    assert (words["type"], words["default"], words["required"]) == ("number", 120, False)
    assert told["long"] == "map-reduce"
    assert set(told["says"]) == {"system", "user", "part", "combine", "refine"}
    assert told["examples"]


async def test_render_asks_nobody(client: httpx.AsyncClient):
    body = {"inputs": {"text": "{{ 7 * 7 }} 你好"}, "language": "en"}
    told = (await client.post("/api/prompts/sentiment/render", json=body)).json()
    assert told["messages"][-1]["content"].endswith("{{ 7 * 7 }} 你好")
    assert told["schema"] == {"type": "string", "enum": ["positive", "negative", "neutral"]}


async def test_run(client: httpx.AsyncClient):
    body = {"inputs": {"text": "好天气 [[say 晴]]"}}
    told = (await client.post("/api/prompts/title/run", json=body)).json()
    assert (told["text"], told["language"], told["parts"], told["answers"]) == ("晴", "zh", 0, 1)
    body = {"inputs": {"text": "a", "fields": ["名", "b"]}, "votes": 3}
    told = (await client.post("/api/prompts/extract/run", json=body)).json()
    assert told["value"] == {"名": None, "b": None}
    assert (told["answers"], told["agreement"]) == (3, 1.0)


async def test_a_long_text_is_gone_through_in_parts(client: httpx.AsyncClient, app: FastAPI):
    body = {"inputs": {"text": NOVEL}}
    told = (await client.post("/api/prompts/summary/run", json=body)).json()
    assert told["parts"] > 5
    assert told["answers"] > told["parts"]
    home: Path = app.state.services.settings.home
    assert list((home / "work" / "long").iterdir()) == []


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("sumary/run", {}, 404, "did you mean 'summary'"),
        ("summary/run", {}, 400, "text is missing"),
        ("summary/render", {"inputs": {"text": "x", "words": "y"}}, 400, "must be a number"),
        ("summary/run", {"inputs": {"text": "x"}, "language": "fr"}, 400, "there are en, zh"),
        ("summary/run", {"inputs": {"text": "x"}, "votes": 2, "best": 2}, 400, "only one"),
        ("summary/run", {"inputs": {"text": "x"}, "long": "maybe"}, 400, "long"),
        ("summary/run", {"inputs": {"text": "x"}, "model": "none"}, 404, "none"),
        ("summary/run", {"inputs": {"text": NOVEL}, "long": "off"}, 400, "context"),
        ("summary/run", {"inputs": {"text": "[[fail]]"}}, 503, "failed"),
        ("..%2Fx/run", {}, 404, ""),
    ],
)
async def test_what_is_wrong(
    client: httpx.AsyncClient, path: str, body: dict, status: int, told: str
):
    answer = await client.post(f"/api/prompts/{path}", json=body)
    assert answer.status_code == status, answer.text
    assert told in answer.json()["error"]["message"]


async def test_an_answer_that_is_not_what_was_promised_is_a_502(make_app: Make):
    app, services = make_app()
    own = services.settings.home / "prompts"
    own.mkdir(parents=True)
    schema = "{type: array, minItems: 3, items: {type: string}}"
    head = f"sampling: {{max_tokens: 2}}\noutput: {{json: {schema}}}"
    (own / "list.md").write_text(f"---\n{head}\n---\nhello", "utf-8")
    async with app.router.lifespan_context(app), asgi_client(app) as client:
        answer = await client.post("/api/prompts/list/run", json={})
    assert answer.status_code == 502
    assert answer.json()["error"]["code"] == "answer_broken"


async def test_a_broken_file_is_told_without_its_path(make_app: Make):
    app, services = make_app()
    own = services.settings.home / "prompts"
    own.mkdir(parents=True)
    (own / "bad.md").write_text("{{ x }}", "utf-8")
    async with app.router.lifespan_context(app), asgi_client(app) as client:
        answer = await client.get("/api/prompts/bad")
        listed = await client.get("/api/prompts", params={"q": "bad"})
    assert answer.status_code == 400
    assert "line 1: user: 'x' is no input" in answer.text
    assert str(own) not in answer.text + listed.text
    assert listed.json()["items"][0]["problem"]


async def test_a_key_is_needed_where_keys_are(make_app: Make):
    app, _ = make_app(require_key=True)
    async with app.router.lifespan_context(app), asgi_client(app) as client:
        assert (await client.get("/api/prompts")).status_code == 401
        assert (await client.post("/api/prompts/title/run", json={})).status_code == 401


async def test_the_parts_of_a_long_text_are_told_as_they_come(client: httpx.AsyncClient):
    body = {"inputs": {"text": NOVEL}, "stream": True}
    told = (await client.post("/api/prompts/summary/run", json=body)).text
    events = [part.split("\n") for part in told.strip().split("\n\n")]
    parts = [json.loads(data.removeprefix("data: ")) for name, data in events if "part" in name]
    assert [one["number"] for one in parts] == list(range(1, parts[0]["of"] + 1))
    assert parts[-1]["heading"] == "第20章"
    name, data = events[-1]
    assert name == "event: done"
    assert json.loads(data.removeprefix("data: "))["parts"] == len(parts)


async def test_what_goes_wrong_in_a_stream(client: httpx.AsyncClient):
    run = "/api/prompts/summary/run"
    refused = await client.post(run, json={"inputs": {}, "stream": True})
    assert (refused.status_code, "text is missing" in refused.text) == (400, True)
    body = {"inputs": {"text": "[[fail]]"}, "stream": True}
    told = (await client.post(run, json=body)).text
    assert told.startswith("event: error\n")
    assert "failed" in told
