"""The graph over HTTP: looked for by name, gone around in, by those who may read it."""

from __future__ import annotations

import asyncio

import httpx
from fastapi import FastAPI

from tests.service.knowledge.test_knowledge_api import ROOT, form, upload
from zaohua.service.services import Services

COMPANY = "# 青禾科技\n\n青禾科技由林远于2015年创立。公司位于石泉镇。\n"
PERSON = "# 林远\n\n林远的妻子是陈晓。\n"
AROUND = "/api/graph/neighbourhood"


async def built(client: httpx.AsyncClient, app: FastAPI) -> None:
    await client.post(f"{ROOT}/collections", json={"name": "desk"})
    await upload(client, form(a__md=COMPANY, b__md=PERSON))
    await asyncio.to_thread(app.state.knowledge.graph.build)


async def test_what_lies_around_a_thing(client: httpx.AsyncClient, app: FastAPI) -> None:
    await built(client, app)
    told = (await client.get(AROUND, params={"name": "林远", "collection": "desk"})).json()
    assert (told["name"], told["cut"]) == ("林远", False)
    first = told["entities"][0]
    assert (first["names"], first["value"], first["relations"]) == (["林远"], False, 2)
    wife = next(one for one in told["relations"] if one["relation"] == "妻子")
    assert (wife["subject"], wife["object"]) == ("林远", "陈晓")
    assert 0.25 < wife["confidence"] <= 1
    place = {"start": wife["start"], "length": wife["end"] - wife["start"]}
    opened = (await client.get(f"{ROOT}/documents/{wife['document']}", params=place)).json()
    assert wife["passage"] in [one["id"] for one in opened["passages"]]
    further = (await client.get(AROUND, params={"name": "陈晓", "depth": 2})).json()
    assert "青禾科技" in {one["name"] for one in further["entities"]}


async def test_things_are_found_by_a_part_of_their_name(
    client: httpx.AsyncClient, app: FastAPI
) -> None:
    empty = (await client.get("/api/graph/names")).json()
    assert empty == {"items": []}
    await built(client, app)

    async def names(**parameters: str) -> list[str]:
        items = (await client.get("/api/graph/names", params=parameters)).json()["items"]
        return [one["name"] for one in items]

    assert (await names(collection="desk"))[0] in ("青禾科技", "林远")
    assert "2015年" not in await names()
    assert await names(q="禾科") == ["青禾科技"]
    assert await names(q="100%") == []
    one = (await client.get("/api/graph/names", params={"q": "陈晓"})).json()["items"]
    assert one[0]["relations"] == 1


async def test_what_is_wrong(client: httpx.AsyncClient) -> None:
    for parameters, status in (
        ({"name": "谁"}, 404),
        ({"name": "谁", "collection": "none"}, 404),
        ({"name": ""}, 400),
        ({"name": "a\0"}, 400),
        ({"name": "谁", "depth": 9}, 400),
    ):
        answer = await client.get(AROUND, params=parameters)
        assert answer.status_code == status, (parameters, answer.text)


async def test_what_may_not_be_read_is_not_there(make_app) -> None:
    app, services = make_app(require_key=True)
    assert isinstance(services, Services)
    secrets = {name: services.keyring.create(name)[1] for name in ("anna", "bert")}
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app):
        for name, seen in (("anna", 200), ("bert", 404)):
            head = {"Authorization": f"Bearer {secrets[name]}"}
            async with httpx.AsyncClient(
                transport=transport, base_url="http://localhost", headers=head
            ) as client:
                if name == "anna":
                    await built(client, app)
                assert (await client.get(AROUND, params={"name": "林远"})).status_code == seen
                items = (await client.get("/api/graph/names")).json()["items"]
                assert bool(items) is (name == "anna")
