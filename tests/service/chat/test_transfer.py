from __future__ import annotations

import io
import json
import zipfile
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from tests.service.chat.conftest import ask, follow
from zaohua.assistant import imports


def node(
    name: str, parent: str | None, role: str = "user", *parts: Any, kind: str = "text", **more: Any
) -> dict[str, Any]:
    """A node of ChatGPT's mapping; its children are filled in by `chatgpt`."""
    message = {
        "id": name,
        "author": {"role": role},
        "create_time": 1_700_000_000.5 + len(name),
        "content": {"content_type": kind, "parts": list(parts)},
        "metadata": more.pop("metadata", {}),
        "recipient": "all",
        **more,
    }
    return {"id": name, "parent": parent, "children": [], "message": message if role else None}


def chatgpt(title: str, *nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    mapping = {n["id"]: n for n in nodes}
    for n in nodes:
        if n["parent"] in mapping:
            mapping[n["parent"]]["children"].append(n["id"])
    return {
        "title": title,
        "create_time": 1_700_000_000.0,
        "update_time": 1_700_000_900.0,
        "conversation_id": f"id-{title}",
        "current_node": nodes[-1]["id"],
        "mapping": mapping,
        **more,
    }


PICTURE = {"content_type": "image_asset_pointer"}
SAMPLE = chatgpt(
    "周末",
    node("root", None, ""),
    node("sys", "root", "system", "", metadata={"is_visually_hidden_from_conversation": True}),
    node("u1", "sys", "user", "去哪里玩？", PICTURE, kind="multimodal_text"),
    node("a1", "u1", "assistant", "去爬山。", metadata={"model_slug": "gpt-4o"}),
    node("call", "a1", "assistant", "search()", recipient="browser"),
    node("tool", "call", "tool", "result"),
    node("a2", "tool", "assistant", "或者去海边。"),
    node("u2", "a1", "user", "下雨呢？"),
    node("u2b", "a1", "user", "下雪呢？"),
    node("a3", "u2b", "assistant", "滑雪。"),
)  # fmt: skip


async def bring_in(client: httpx.AsyncClient, content: Any, name: str = "x.json") -> Any:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return await client.post("/api/import", files={"file": (name, data)})


def zipped(**files: Any) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in files.items():
            archive.writestr(name.replace("__", "/").replace("_json", ".json"), json.dumps(value))
    return buffer.getvalue()


async def test_chatgpt(client: httpx.AsyncClient) -> None:
    report = (await bring_in(client, [SAMPLE])).json()
    assert (report["imported"], report["skipped"], report["failed"]) == (1, 0, 0)
    [name] = report["conversation_ids"]
    whole = (await client.get(f"/api/conversations/{name}")).json()
    messages = whole["messages"]
    said = {m["content"]: m for m in messages}
    assert list(said) == [
        "去哪里玩？\n\n[image]", "去爬山。", "或者去海边。", "下雨呢？", "下雪呢？", "滑雪。"
    ]  # fmt: skip
    assert said["去爬山。"]["model"] == "gpt-4o"
    first = said["去爬山。"]["id"]
    assert {said[t]["parent_id"] for t in ("或者去海边。", "下雨呢？", "下雪呢？")} == {first}
    assert whole["conversation"]["leaf_id"] == said["滑雪。"]["id"]
    assert whole["conversation"]["title"] == "周末"
    assert whole["conversation"]["created_at"].startswith("2023-11-14T22:13:20")
    found = (await client.get("/api/conversations?q=海边")).json()["items"]
    assert found[0]["message_id"] == said["或者去海边。"]["id"]


async def test_importing_twice_brings_it_once(client: httpx.AsyncClient) -> None:
    await bring_in(client, [SAMPLE])
    report = (await bring_in(client, [SAMPLE, SAMPLE])).json()
    assert (report["imported"], report["skipped"]) == (0, 2)
    assert len((await client.get("/api/conversations")).json()["items"]) == 1


@pytest.mark.parametrize("member", ["conversations_json", "export__conversations-000_json"])
async def test_the_zip_of_an_export(client: httpx.AsyncClient, member: str) -> None:
    content = zipped(**{member: [SAMPLE], "user_json": {}})
    assert (await bring_in(client, content, "export.zip")).json()["imported"] == 1


async def test_a_plain_body(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/import", json=[SAMPLE])
    assert response.json()["imported"] == 1


async def test_good_ones_of_a_partly_broken_file(client: httpx.AsyncClient) -> None:
    other = chatgpt("b", node("u", None, "user", "bonjour"))
    broken = [
        None, 5, {}, {"mapping": []}, {"mapping": {"x": None}}, {"format": "zaohua.conversation"},
        {"mapping": {"a": {"message": {"author": "x", "content": 3}, "parent": 7, "children": 1}}},
    ]  # fmt: skip
    report = (await bring_in(client, [SAMPLE, *broken, other])).json()
    assert (report["imported"], report["failed"]) == (2, len(broken))


async def test_strange_but_valid_trees(client: httpx.AsyncClient) -> None:
    deep = [node("n0", None, "user", "start")]
    for number in range(1, 3000):
        role = "assistant" if number % 2 else "user"
        deep.append(node(f"n{number}", f"n{number - 1}", role, f"text {number}"))
    loop = chatgpt("loop", node("a", "b", "user", "x"), node("b", "a", "user", "y"))
    assert (await bring_in(client, [chatgpt("deep", *deep)])).json()["imported"] == 1
    assert (await bring_in(client, [loop])).status_code == 400
    odd = chatgpt("odd", node("a", None, "user", "a\x00b\ud800c"), create_time=1e300)
    [name] = (await bring_in(client, [odd])).json()["conversation_ids"]
    whole = (await client.get(f"/api/conversations/{name}")).json()
    assert whole["messages"][0]["content"] == "a\ufffdb\ufffdc"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"{",
        b"[" * 100_000,
        b'{"a": 1}',
        b"[]",
        b"PK\x03\x04 not a zip",
        b"\xff\xfe\x00",
        zipped(other_json=[]),
        zipped(conversations_json="no"),
        zipped(conversations_json=[SAMPLE])[:-30],
    ],
)
async def test_files_of_no_known_kind(client: httpx.AsyncClient, content: bytes) -> None:
    response = await bring_in(client, content)
    assert response.status_code == 400
    assert response.json()["error"]["message"]


async def test_a_zip_that_unpacks_to_too_much(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "MAX_UNPACKED", 10_000)
    content = zipped(conversations_json=["0" * 100_000])
    response = await bring_in(client, content, "bomb.zip")
    assert response.status_code == 400
    assert "unpacks to more than" in response.json()["error"]["message"]


async def test_a_form_without_a_file(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/import", data={"file": "text"}, files={"other": b"x"})
    assert response.status_code == 400
    broken = await client.post(
        "/api/import", content=b"--x\r\n", headers={"Content-Type": "multipart/form-data"}
    )
    assert broken.status_code == 400


async def test_our_own_export_comes_back_whole(client: httpx.AsyncClient) -> None:
    made = await client.post(
        "/api/conversations",
        json={"title": "时间", "system": "Be brief.", "sampling": {"seed": 7, "logprobs": True}},
    )
    name = made.json()["id"]
    user, first = await ask(client, "[[say 一]][[reason]]", name)
    await follow(client, first["id"])
    again = (await client.post(f"/api/messages/{user['id']}/regenerate")).json()["assistant"]
    await follow(client, again["id"])
    _, failed = await ask(client, "[[fail]]", name, first["id"])
    await follow(client, failed["id"])
    judged = {"rating": "down", "reasons": ["wrong"], "comment": "不"}
    await client.put(f"/api/messages/{first['id']}/feedback", json=judged)
    before = (await client.get(f"/api/conversations/{name}")).json()
    exported = await client.get(f"/api/conversations/{name}/export?format=json")
    assert exported.headers["content-type"] == "application/json"
    assert (await bring_in(client, exported.content)).json()["skipped"] == 1

    await client.delete(f"/api/conversations/{name}")
    [new] = (await bring_in(client, exported.content)).json()["conversation_ids"]
    after = (await client.get(f"/api/conversations/{new}")).json()
    assert _shape(after) == _shape(before)
    assert after["messages"][1]["feedback"] == judged
    assert after["messages"][1]["has_tokens"]
    once_more = await client.get(f"/api/conversations/{new}/export?format=json")
    assert (await bring_in(client, once_more.content)).json()["skipped"] == 1


def _shape(whole: Any) -> Any:
    """A conversation with its ids replaced by the place of their message."""
    places = {m["id"]: n for n, m in enumerate(whole["messages"])}
    head = {**whole["conversation"], "id": None}
    head["leaf_id"] = places[head["leaf_id"]]
    messages = [
        {**m, "id": None, "conversation_id": None, "parent_id": places.get(m["parent_id"])}
        for m in whole["messages"]
    ]
    return head, messages


async def test_a_newer_export_is_refused(client: httpx.AsyncClient) -> None:
    newer = {"format": "zaohua.conversation", "version": 2, "conversation": {}, "messages": []}
    assert (await bring_in(client, newer)).status_code == 400


async def test_markdown(client: httpx.AsyncClient) -> None:
    [name] = (await bring_in(client, [SAMPLE])).json()["conversation_ids"]
    await client.patch(f"/api/conversations/{name}", json={"system": "简短。\n友好。"})
    exported = await client.get(f"/api/conversations/{name}/export")
    assert exported.headers["content-type"] == "text/markdown; charset=utf-8"
    text = exported.text
    assert text.startswith(
        "# 周末\n\n*2023-11-14 22:13 UTC · gpt-4o*\n\n> **系统提示**\n>\n> 简短。"
    )
    assert "## 我\n\n下雪呢？\n\n## 助手\n\n滑雪。\n" in text
    assert "下雨" not in text


@pytest.mark.parametrize(
    ("title", "plain", "full"),
    [
        ("Plan", "Plan.md", "Plan.md"),
        ("时间管理", "conversation.md", "时间管理.md"),
        ('../a"b\\c:\r\nd', "a b c d.md", "a b c d.md"),
        ("...", "conversation.md", "conversation.md"),
        ("长" * 200, "conversation.md", "长" * 26 + ".md"),
    ],
)
async def test_file_names(client: httpx.AsyncClient, title: str, plain: str, full: str) -> None:
    made = (await client.post("/api/conversations", json={"title": title})).json()
    exported = await client.get(f"/api/conversations/{made['id']}/export")
    disposition = exported.headers["content-disposition"]
    assert f'filename="{plain}"' in disposition
    assert unquote(disposition.partition("filename*=UTF-8''")[2]) == full
    assert disposition.isascii()


async def test_export_of_an_unknown_kind(client: httpx.AsyncClient) -> None:
    made = (await client.post("/api/conversations", json={})).json()
    response = await client.get(f"/api/conversations/{made['id']}/export?format=docx")
    assert response.status_code == 400
