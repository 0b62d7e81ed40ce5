"""`/mcp` with the library's own client, as other programs would use it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.service.conftest import Server, services_with, serving, until
from zaohua.assistant.tools import Toolbox
from zaohua.assistant.tools.mcp.servers import RemoteServers
from zaohua.generate.fake import FakeModels
from zaohua.generate.request import ToolCall
from zaohua.knowledge import Knowledge
from zaohua.service.keys import KeyLimits
from zaohua.settings import Settings

pytest.importorskip("mcp")
LISTED = {
    "search_knowledge", "ask", "list_models", "calculate", "convert_unit", "today", "days_between",
    "add_to_date", "weekday", "weigh",
}  # fmt: skip


@asynccontextmanager
async def client_of(url: str, secret: str = "", **given: Any) -> AsyncIterator[Any]:
    import httpx2
    from mcp.client import Client
    from mcp.client.streamable_http import streamable_http_client

    headers = {"authorization": f"Bearer {secret}"} if secret else {}
    async with httpx2.AsyncClient(headers=headers, timeout=20) as http:
        transport = streamable_http_client(f"{url}/mcp", http_client=http)
        async with Client(transport, read_timeout_seconds=20, **given) as client:
            yield client


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_tools_are_listed_and_called(server: Server, mode: str) -> None:
    async with client_of(server.url, mode=mode) as client:
        listed = await client.list_tools()
        assert {tool.name for tool in listed.tools} == LISTED
        done = await client.call_tool("calculate", {"expression": "12.5 * 8"})
        assert done.content[0].text == "12.5 * 8 = 100"
        assert done.structured_content["result"] == "100"
        wrong = await client.call_tool("calculate", {"expr": "1"})
        assert wrong.is_error
        assert "expression: is missing" in wrong.content[0].text
        unknown = await client.call_tool("open_ticket", {"summary": "x", "reason": "y"})
        assert unknown.is_error


async def test_asking_and_searching(server: Server, tmp_path: Path) -> None:
    (tmp_path / "shop.md").write_text("# 手册\n\n收货后七天内可以退货。\n", "utf-8")
    knowledge = Knowledge(server.services.database, server.services.embedder)
    knowledge.add([tmp_path / "shop.md"], "shop")
    async with client_of(server.url) as client:
        said = await client.call_tool("ask", {"question": "你好吗"})
        assert said.content[0].text == "你说的是：你好吗"
        models = await client.call_tool("list_models")
        assert models.structured_content["default"] == "fake"
        found = await client.call_tool("search_knowledge", {"query": "几天内可以退货"})
        assert found.content[0].text.startswith("[1] 手册")
        failed = await client.call_tool("ask", {"question": "[[fail]]"})
        assert failed.is_error
        assert "the fake engine failed as it was told to" in failed.content[0].text


async def test_our_own_client(server: Server, tmp_path: Path) -> None:
    spec = {"url": f"{server.url}/mcp", "tools": ("calculate",)}
    remote = RemoteServers(Settings(home=tmp_path, mcp={"servers": {"zao": spec}}))
    box = Toolbox(await remote.tools())
    result = await box.call(ToolCall("", "zao_calculate", '{"expression": "2^10"}'))
    assert result.text.endswith("2^10 = 1024")
    await remote.aclose()


async def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    from starlette.applications import Starlette
    from starlette.responses import RedirectResponse
    from starlette.routing import Route

    async def elsewhere(_: object) -> RedirectResponse:
        return RedirectResponse("/secret")

    app = Starlette(routes=[Route("/mcp", elsewhere, methods=["GET", "POST"])])
    async with serving_app(app) as url:
        spec = {"url": f"{url}/mcp"}
        remote = RemoteServers(Settings(home=tmp_path, mcp={"servers": {"x": spec}}))
        assert await remote.tools() == ()
        assert not remote.states()[0].up
        await remote.aclose()


@asynccontextmanager
async def serving_app(app: Any, port: int = 0) -> AsyncIterator[str]:
    import asyncio
    import socket

    import uvicorn

    sock = socket.create_server(("127.0.0.1", port))
    running = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
    task = asyncio.create_task(running.serve(sockets=[sock]))
    while not running.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    running.should_exit = True
    await task
    sock.close()


class TestKeys:
    async def test_a_key_is_needed(self, key_server: Server) -> None:
        keyring = key_server.services.keyring
        _, secret = keyring.create("ann")
        _, chat_only = keyring.create("bob", ["chat"])
        async with httpx.AsyncClient(base_url=key_server.url) as http:
            for headers, status in (
                ({}, 401),
                ({"authorization": "Bearer zao-wrong"}, 401),
                ({"authorization": f"Bearer {chat_only}"}, 403),
            ):
                refused = await http.post("/mcp", json={}, headers=headers)
                assert refused.status_code == status
                assert refused.json()["error"]["message"]
        async with client_of(key_server.url, secret) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == LISTED

    async def test_answers_count_against_the_key(self, key_server: Server) -> None:
        keyring = key_server.services.keyring
        key, secret = keyring.create("ann", limits=KeyLimits(tokens_total=60))
        async with client_of(key_server.url, secret) as client:
            first = await client.call_tool("ask", {"question": "one two three", "max_tokens": 20})
            assert not first.is_error
            assert keyring.usage(key.id).tokens_total > 0
            for _ in range(8):
                last = await client.call_tool("ask", {"question": "[[words 40]] more"})
            assert last.is_error
            assert "tokens" in last.content[0].text


async def test_other_sites_and_hosts_stay_out(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http:
        for headers in ({"host": "evil.example"}, {"origin": "http://evil.example"}):
            refused = await http.post("/mcp", json={}, headers=headers)
            assert refused.status_code == 403
        wrong = await http.post("/mcp", content=b"{", headers={"content-type": "application/json"})
        assert 400 <= wrong.status_code < 500


async def test_leaving_stops_the_answer(server: Server) -> None:
    engine = server.models.engines["fake"]
    before = engine.cancelled
    call = {"name": "ask", "arguments": {"question": "[[slow 0.1]] [[words 500]]"}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    headers = {"accept": "application/json, text/event-stream"}
    async with httpx.AsyncClient(base_url=server.url, timeout=1) as http:
        with pytest.raises(httpx.ReadTimeout):
            await http.post("/mcp", json=body, headers=headers)
    await until(lambda: engine.cancelled == before + 1)


async def test_a_server_that_comes_back(tmp_path: Path) -> None:
    from mcp.server.mcpserver import MCPServer

    def app() -> Any:
        tools = MCPServer("test")
        tools.tool()(echo)
        return tools.streamable_http_app()  # it keeps sessions, and knows none of before

    async with serving_app(app()) as url:
        spec = {"url": f"{url}/mcp"}
        remote = RemoteServers(Settings(home=tmp_path, mcp={"servers": {"x": spec}}))
        box = Toolbox(await remote.tools())
        assert (await box.call(SAY)).text.endswith("\nhi")
    assert not (await box.call(SAY)).ok
    async with serving_app(app(), int(url.rpartition(":")[2])):
        results = [await box.call(SAY) for _ in range(2)]
        assert results[-1].text.endswith("\nhi")
        await remote.aclose()


SAY = ToolCall("", "x_echo", '{"word": "hi"}')


def echo(word: str) -> str:
    """Say a word again."""
    return word


async def test_stopping_with_a_client_connected(tmp_path: Path) -> None:
    with serving(services_with(Settings(home=tmp_path / "home"), FakeModels())) as running:
        async with client_of(running.url) as client:
            await client.list_tools()
