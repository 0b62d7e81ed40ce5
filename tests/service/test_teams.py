"""Teams over HTTP, with the real app and the fake engine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from zaohua.service.services import Services

from .conftest import asgi_client

Make = Callable[..., tuple[FastAPI, Services]]
PAIR = """\
title: {zh: 两人, en: Two}
inputs: {task: {about: {zh: 任务, en: the task}}, more: {required: false}}
roles:
  author: {does: write, reads: task, writes: text}
  boss: {does: judge, judges: text, person: true}
steps: [{repeat: [author, boss], until: boss}]
"""
SLOW = """\
inputs: {task: {}}
roles: {author: {does: "[[words 400]] [[slow 0.01]]", reads: task}}
steps: [author]
"""


@pytest.fixture
async def teams(make_app: Make) -> AsyncIterator[httpx.AsyncClient]:
    app, services = make_app()
    own: Path = services.settings.home / "teams"
    own.mkdir(parents=True)
    for name, text in {"pair": PAIR, "slow": SLOW, "bad": "roles: {}\n"}.items():
        (own / f"{name}.yaml").write_text(text, "utf-8")
    async with app.router.lifespan_context(app), asgi_client(app) as client:
        yield client


async def until(client: httpx.AsyncClient, run: int, state: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while True:
            told = (await client.get(f"/api/teams/runs/{run}")).json()
            if told["state"] == state:
                return told
            await asyncio.sleep(0.02)


async def events_of(client: httpx.AsyncClient, path: str) -> list[tuple[str, dict[str, Any]]]:
    found, name = [], ""
    async with client.stream("GET", path) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                found.append((name, json.loads(line[6:])))
    return found


async def test_list_and_show(teams: httpx.AsyncClient):
    items = {one["name"]: one for one in (await teams.get("/api/teams")).json()["items"]}
    assert set(items) == {"bad", "debate", "lesson", "newsroom", "pair", "slow"}
    assert items["bad"]["problem"]
    shown = (await teams.get("/api/teams/pair")).json()
    assert [one["by"] for one in shown["roles"]] == ["model", "person"]
    assert shown["inputs"][0] == {
        "name": "task", "about": {"zh": "任务", "en": "the task"}, "required": True,
    }  # fmt: skip
    assert shown["limits"]["turns"] == 20
    answer = await teams.get("/api/teams/bad")
    assert answer.status_code == 400
    assert "/" not in answer.json()["error"]["message"].replace("and/or", "")
    assert (await teams.get("/api/teams/pairr")).status_code == 404


async def test_a_run_waits_for_a_person_and_is_followed(teams: httpx.AsyncClient):
    begun = await teams.post("/api/teams/pair/runs", json={"inputs": {"task": "say hello"}})
    assert begun.status_code == 201, begun.text
    run = begun.json()["id"]
    told = await until(teams, run, "waiting")
    assert told["waiting_for"] == "boss"
    assert [one["role"] for one in told["messages"]] == ["you", "author"]
    assert told["given"] == "say hello"
    assert [one["writes"] for one in told["design"]["roles"]] == ["text", "boss"]
    following = asyncio.create_task(events_of(teams, f"/api/teams/runs/{run}/stream?after=1"))
    await asyncio.sleep(0.1)
    wrong = await teams.post(f"/api/teams/runs/{run}/say", json={"role": "author", "content": "x"})
    assert wrong.status_code == 400
    said = await teams.post(f"/api/teams/runs/{run}/say", json={"role": "boss", "content": "ok"})
    assert said.status_code == 200, said.text
    told = await until(teams, run, "complete")
    assert told["messages"][-1]["by"] == "person"
    events = await asyncio.wait_for(following, 10)
    assert events[0][0] == "run"
    assert events[0][1]["state"] == "waiting"
    assert [one[1]["seq"] for one in events if one[0] == "message"] == [2, 3]
    assert events[-1][0] == "done"
    assert events[-1][1]["result"]["text"] == told["result"]["text"]
    assert (await teams.get("/api/teams/runs")).json()["items"][0]["id"] == run
    assert (await teams.delete(f"/api/teams/runs/{run}")).status_code == 204
    assert (await teams.get(f"/api/teams/runs/{run}")).status_code == 404


async def test_stop_and_go_on(teams: httpx.AsyncClient):
    begun = await teams.post("/api/teams/slow/runs", json={"inputs": {"task": "x"}})
    run = begun.json()["id"]
    busy = await teams.post(f"/api/teams/runs/{run}/resume", json={})
    assert busy.status_code == 400
    await asyncio.sleep(0.3)
    stopped = await teams.post(f"/api/teams/runs/{run}/stop")
    assert stopped.json()["state"] == "stopped"
    told = await until(teams, run, "stopped")
    assert told["messages"][-1]["state"] == "stopped"
    assert told["result"]["text"]
    on = await teams.post(f"/api/teams/runs/{run}/resume", json={"limits": {"tokens": 160}})
    assert on.json()["limits"]["tokens"] == 160
    assert (await until(teams, run, "limited"))["reason"]


async def test_deltas_come_as_it_is_written(teams: httpx.AsyncClient):
    body = {"inputs": {"task": "x"}, "limits": {"tokens": 160}}
    run = (await teams.post("/api/teams/slow/runs", json=body)).json()["id"]
    events = await events_of(teams, f"/api/teams/runs/{run}/stream")
    deltas = "".join(told["text"] for name, told in events if name == "delta")
    [kept] = [told for name, told in events if name == "message" and told["role"] == "author"]
    assert deltas.strip() == kept["content"]
    assert next(told["text"] for name, told in events if name == "delta") == ""
    states = [told["state"] for name, told in events if name == "run"]
    assert states[-1] == "limited"


async def test_a_role_is_taken(teams: httpx.AsyncClient):
    body = {"inputs": {"task": "x"}, "persons": ["author"]}
    run = (await teams.post("/api/teams/pair/runs", json=body)).json()["id"]
    assert (await until(teams, run, "waiting"))["waiting_for"] == "author"
    back = await teams.put(f"/api/teams/runs/{run}/roles/author", json={"person": False})
    assert back.json()["persons"] == []
    assert (await teams.post(f"/api/teams/runs/{run}/resume", json={})).status_code == 200
    assert (await until(teams, run, "waiting"))["waiting_for"] == "boss"
    no = await teams.put(f"/api/teams/runs/{run}/roles/nobody", json={"person": True})
    assert no.status_code == 400


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("pairr/runs", {"inputs": {"task": "x"}}, 404),
        ("pair/runs", {"inputs": {}}, 400),
        ("pair/runs", {"inputs": {"tsk": "x"}}, 400),
        ("pair/runs", {"inputs": {"task": "x"}, "persons": ["x"]}, 400),
        ("pair/runs", {"inputs": {"task": "x"}, "limits": {"turns": 0}}, 400),
        ("pair/runs", {"inputs": {"task": 3}}, 400),
        ("bad/runs", {"inputs": {"task": "x"}}, 400),
        ("runs/99/say", {"role": "boss", "content": ""}, 404),
        ("runs/99/stop", {}, 404),
    ],
)
async def test_what_is_wrong(teams: httpx.AsyncClient, path: str, body: dict, status: int):
    answer = await teams.post(f"/api/teams/{path}", json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["message"]


def written(name: str, source: str) -> dict[str, str]:
    return {"name": name, "source": source}


async def test_a_team_is_copied_changed_and_deleted(teams: httpx.AsyncClient):
    shipped = (await teams.get("/api/teams/debate/source")).json()
    assert not shipped["own"]
    made = await teams.post("/api/teams", json=written("mine", shipped["source"]))
    assert made.status_code == 201, made.text
    assert made.json()["own"]
    assert made.json()["steps"] == (await teams.get("/api/teams/debate")).json()["steps"]
    changed = PAIR.replace("en: Two", "en: Both")
    now = {"source": changed, "before": shipped["source"]}
    put = await teams.put("/api/teams/mine", json=now)
    assert put.json()["title"] == {"zh": "两人", "en": "Both"}
    late = await teams.put("/api/teams/mine", json=now | {"source": PAIR})
    assert late.status_code == 409
    assert (await teams.get("/api/teams/mine/source")).json()["source"] == changed
    run = (await teams.post("/api/teams/mine/runs", json={"inputs": {"task": "x"}})).json()["id"]
    assert (await teams.delete("/api/teams/mine")).status_code == 204
    assert (await teams.get("/api/teams/mine")).status_code == 404
    assert (await until(teams, run, "waiting"))["design"]["title"]["en"] == "Both"


async def test_what_is_wrong_in_a_text_is_told_by_line(teams: httpx.AsyncClient):
    async def faults(source: str) -> list[dict[str, Any]]:
        told = (await teams.post("/api/teams/check", json={"source": source})).json()
        assert (told["team"] is None) == bool(told["faults"])
        return told["faults"]

    assert await faults(PAIR) == []
    bad = PAIR.replace("judges", "judge").replace("does: write", "doess: write")
    assert [one["line"] for one in await faults(bad)] == [4, 5]
    [twice] = await faults(PAIR + "inputs: {}\n")
    assert twice == {"line": 7, "what": "the key 'inputs' stands twice in one table"}
    [broken] = await faults("inputs: {task: {}}\nroles: [\n")
    assert broken["line"] == 3
    assert (await faults("- 1"))[0]["line"] == 1
    mended = (await teams.get("/api/teams/bad/source")).json()["source"]
    assert mended == "roles: {}\n"
    assert (await teams.put("/api/teams/bad", json={"source": PAIR})).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "", written("debate", PAIR), 409),
        ("POST", "", written("pair", PAIR), 409),
        ("POST", "", written("runs", PAIR), 400),
        ("POST", "", written("../x", PAIR), 400),
        ("POST", "", written("new", "roles: {}"), 400),
        ("POST", "", written("new", "#" * 300_000), 400),
        ("PUT", "/debate", {"source": PAIR}, 409),
        ("PUT", "/pair", {"source": "a: ["}, 400),
        ("PUT", "/new", {"source": PAIR}, 404),
        ("DELETE", "/debate", None, 409),
        ("DELETE", "/new", None, 404),
        ("GET", "/new/source", None, 404),
    ],
)
async def test_what_cannot_be_kept(
    teams: httpx.AsyncClient, method: str, path: str, body: dict | None, status: int
):
    answer = await teams.request(method, f"/api/teams{path}", json=body)
    assert answer.status_code == status, answer.text
    assert "/home" not in answer.text
    items = (await teams.get("/api/teams")).json()["items"]
    assert {one["name"] for one in items if one["own"]} == {"bad", "pair", "slow"}
    assert [one["problem"] for one in items if one["name"] == "pair"] == [""]


async def test_teams_are_changed_by_administrators(make_app: Make):
    app, services = make_app(require_key=True)
    secrets = {
        name: services.keyring.create(name, scopes=scopes)[1]
        for name, scopes in (("plain", ("chat", "inference")), ("head", ("admin",)))
    }
    async with app.router.lifespan_context(app), asgi_client(app) as client:
        for name, secret in secrets.items():
            key = {"Authorization": f"Bearer {secret}"}
            may = name == "head"
            assert (await client.get("/api/session", headers=key)).json()["admin"] is may
            body = written("mine", PAIR)
            made = await client.post("/api/teams", json=body, headers=key)
            assert made.status_code == (201 if may else 403)
            read = await client.get("/api/teams/debate/source", headers=key)
            assert read.status_code == (200 if may else 403)
            checked = await client.post("/api/teams/check", json=body, headers=key)
            assert checked.status_code == (200 if may else 403)
            gone = await client.delete("/api/teams/mine", headers=key)
            assert gone.status_code == (204 if may else 403)
            assert (await client.get("/api/teams/debate", headers=key)).status_code == 200


async def test_runs_belong_to_their_key(make_app: Make):
    app, services = make_app(require_key=True)
    one = services.keyring.create("one")[1]
    two = services.keyring.create("two")[1]
    async with app.router.lifespan_context(app), asgi_client(app) as client:
        assert (await client.get("/api/teams")).status_code == 401
        mine = {"Authorization": f"Bearer {one}"}
        body = {"inputs": {"facts": "x"}, "persons": ["planner"]}
        run = (await client.post("/api/teams/newsroom/runs", json=body, headers=mine)).json()["id"]
        assert (await client.get(f"/api/teams/runs/{run}", headers=mine)).status_code == 200
        theirs = {"Authorization": f"Bearer {two}"}
        assert (await client.get(f"/api/teams/runs/{run}", headers=theirs)).status_code == 404
        assert (await client.get("/api/teams/runs", headers=theirs)).json() == {"items": []}
