"""`/api/scenarios`, and conversations that name one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.assistant.scenarios.conftest import files
from tests.service.conftest import asgi_client


@pytest.fixture(autouse=True)
def museum(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / "scenarios" / "museum"
    for path, text in files().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    (folder.parent / "cellar").mkdir()
    return folder


async def test_the_list_leaves_broken_ones_out(client: httpx.AsyncClient):
    found = {one["name"]: one for one in (await client.get("/api/scenarios")).json()["data"]}
    assert "cellar" not in found
    assert found["museum"]["title"] == {"zh": "博物馆", "en": "Museum"}
    assert found["museum"]["suggestions"]["en"] == ["Are you open on Mondays?"]
    assert found["museum"]["templates"] == ["motto", "summary"]
    assert found["museum"]["yours"] is True


async def test_one_with_its_card(client: httpx.AsyncClient, museum: Path):
    (museum / "card.md").write_text("# Card", "utf-8")
    told = (await client.get("/api/scenarios/museum")).json()
    assert (told["card"]["en"], told["documents"], told["cases"]) == ("# Card", 1, 4)
    assert (await client.get("/api/scenarios/museun")).status_code == 404
    broken = await client.get("/api/scenarios/cellar")
    assert broken.status_code == 400
    assert str(museum.parent) not in broken.text


async def test_its_prompts_are_in_the_library(client: httpx.AsyncClient):
    assert (await client.get("/api/prompts/motto")).json()["title"] == "口号"


async def test_a_conversation_gets_its_settings(client: httpx.AsyncClient):
    made = await client.post("/api/conversations", json={"scenario": "museum"})
    assert made.status_code == 201
    chat = made.json()
    assert (chat["scenario"], chat["memory"]) == ("museum", False)
    assert chat["sampling"] == {"temperature": 0.2, "stop": ["完"]}
    own = {"scenario": "museum", "sampling": {"temperature": 1}, "memory": True}
    chat = (await client.post("/api/conversations", json=own)).json()
    assert (chat["sampling"], chat["memory"]) == ({"temperature": 1}, True)


async def test_it_is_changed_and_taken_back(client: httpx.AsyncClient):
    chat = (await client.post("/api/conversations", json={})).json()
    assert chat["scenario"] is None
    path = f"/api/conversations/{chat['id']}"
    chat = (await client.patch(path, json={"scenario": "museum"})).json()
    assert (chat["scenario"], chat["memory"], chat["sampling"]["temperature"]) == (
        "museum", False, 0.2,
    )  # fmt: skip
    assert (await client.patch(path, json={"title": "t"})).json()["scenario"] == "museum"
    assert (await client.patch(path, json={"scenario": None})).json()["scenario"] is None
    await client.patch(path, json={"scenario": "museum"})
    assert (await client.patch(path, json={"scenario": ""})).json()["scenario"] is None


@pytest.mark.parametrize(("name", "status"), [("museun", 404), ("cellar", 400), ("x" * 65, 400)])
async def test_an_unknown_one(client: httpx.AsyncClient, name: str, status: int):
    answer = await client.post("/api/conversations", json={"scenario": name})
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


async def test_it_goes_with_export_and_import(client: httpx.AsyncClient):
    chat = (await client.post("/api/conversations", json={"scenario": "museum"})).json()
    path = f"/api/conversations/{chat['id']}"
    exported = (await client.get(f"{path}/export", params={"format": "json"})).json()
    assert exported["conversation"]["scenario"] == "museum"
    await client.delete(path)
    done = (await client.post("/api/import", json=exported)).json()
    [name] = done["conversation_ids"]
    whole = (await client.get(f"/api/conversations/{name}")).json()
    assert whole["conversation"]["scenario"] == "museum"


async def test_a_key_for_chat_is_needed(make_app: Callable[..., Any]):
    app, services = make_app(require_key=True)
    _, inference = services.keyring.create("i", ["inference"])
    async with app.router.lifespan_context(app), asgi_client(app) as client:
        assert (await client.get("/api/scenarios")).status_code == 401
        headers = {"Authorization": f"Bearer {inference}"}
        assert (await client.get("/api/scenarios", headers=headers)).status_code == 403
