"""What must never get through, and never make a 500."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from zaohua.service.services import Services

from .conftest import Server, asgi_client, until

CHAT = "/v1/chat/completions"
JSON = {"content-type": "application/json"}


def error_of(response: httpx.Response) -> dict[str, Any]:
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"message", "type", "param", "code"}
    found: dict[str, Any] = body["error"]
    return found


def hi(**fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "hi"}], **fields}


@pytest.mark.parametrize("path", [CHAT, "/v1/completions", "/v1/responses", "/v1/embeddings"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"messages": [{"role": "user", "content": "h',
        b"\x00\x01\x02garbage\xff",
        b'{"messages": "\xff\xfe"}',
        b'{"messages": NaN}',
        b'{"temperature": Infinity}',
        b'{"temperature": 1e999}',
        b'{"messages": "\\ud800"}',
        b"[" * 100_000,
        b"[" * 200 + b"]" * 200,
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b"null",
        b"[]",
        b'"text"',
        b"12",
    ],
    ids=lambda body: repr(body[:16]),
)
async def test_bodies(client: httpx.AsyncClient, path: str, body: bytes) -> None:
    response = await client.post(path, content=body, headers=JSON)
    assert response.status_code == 400
    assert error_of(response)["type"] == "invalid_request_error"


async def test_nested_schema_is_refused_not_crashed(client: httpx.AsyncClient) -> None:
    schema: dict[str, Any] = {}
    for _ in range(150):
        schema = {"properties": {"a": schema}}
    response = await client.post(
        CHAT,
        json=hi(response_format={"type": "json_schema", "json_schema": {"schema": schema}}),
    )
    assert response.status_code == 400
    assert error_of(response)["code"] == "invalid_json"


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
    [
        ("POST", "/chat/completions", 404, "did you mean /v1/chat/completions?"),
        ("POST", "/v1/v1/chat/completions", 404, "did you mean /v1/chat/completions?"),
        ("POST", "/v1/chat/completion", 404, "did you mean /v1/chat/completions?"),
        ("GET", "/elsewhere", 404, "/openapi.json"),
        ("GET", "/v1/" + "x" * 5000, 404, "/openapi.json"),
        ("GET", CHAT, 405, "use POST"),
    ],
)
async def test_a_wrong_way_is_told_where_it_goes_on(
    client: httpx.AsyncClient, method: str, path: str, status: int, told: str
) -> None:
    response = await client.request(method, path)
    assert response.status_code == status
    assert told in error_of(response)["message"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_content_types(client: httpx.AsyncClient, kind: str) -> None:
    response = await client.post(
        CHAT, content=json.dumps(hi()), headers={"content-type": kind} if kind else {}
    )
    assert response.status_code == 400
    error_of(response)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_tokens", -1),
        ("max_tokens", 0),
        ("max_tokens", 10**30),
        ("max_completion_tokens", 2**31),
        ("n", 0),
        ("n", 10**9),
        ("temperature", -0.1),
        ("temperature", 1e300),
        ("temperature", "hot"),
        ("top_p", 1.01),
        ("top_k", -2),
        ("min_p", -1),
        ("repeat_penalty", 0),
        ("presence_penalty", 3),
        ("frequency_penalty", -3),
        ("seed", 2**70),
        ("seed", 1.5),
        ("top_logprobs", 21),
        ("logit_bias", {"x": 1}),
        ("logit_bias", {"1": 101}),
        ("logit_bias", {"9" * 50: 1}),
        ("stop", ["x"] * 17),
        ("stop", 3),
        ("messages", []),
        ("messages", "hi"),
        ("tool_choice", "sometimes"),
        ("tool_choice", {"type": "function", "function": {"name": "unknown"}}),
        ("tool_choice", "required"),
        ("tools", [{"type": "function"}]),
        ("response_format", {"type": "xml"}),
        ("response_format", {"type": "json_schema"}),
        ("stream", "maybe"),
        ("web_search_options", {}),
    ],
)
async def test_values(client: httpx.AsyncClient, field: str, value: Any) -> None:
    response = await client.post(CHAT, json=hi(**{field: value}))
    assert response.status_code == 400, response.text
    assert str(error_of(response)["param"]).startswith(field)


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        ([{"role": "robot", "content": "x"}], "messages[0].role"),
        ([{"content": "x"}], "messages[0].role"),
        ([{"role": "user", "content": 5}], "messages[0].content"),
        ([{"role": "user", "content": [{"text": "x"}]}], "messages[0].content[0].type"),
        ([{"role": "user", "content": [{"type": "file"}]}], "messages[0].content[0].type"),
        (
            [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}],
            "messages",
        ),
    ],
)
async def test_messages(client: httpx.AsyncClient, messages: Any, param: str) -> None:
    response = await client.post(CHAT, json={"messages": messages})
    assert response.status_code == 400
    assert error_of(response)["param"] == param


async def test_a_null_tool_call_id_is_no_fault(client: httpx.AsyncClient) -> None:
    turns = [
        {"role": "user", "content": "weather?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": None, "function": {"name": "f", "arguments": {"a": 1}}}],
        },
        {"role": "tool", "tool_call_id": None, "content": "sunny"},
    ]
    assert (await client.post(CHAT, json={"messages": turns})).status_code == 200


async def test_ten_megabytes_of_prompt(client: httpx.AsyncClient) -> None:
    body = {"messages": [{"role": "user", "content": "word " * 2_000_000}]}
    response = await client.post(CHAT, json=body)
    assert response.status_code == 400
    assert error_of(response)["code"] == "context_length_exceeded"


@pytest.fixture
async def small(make_app: Callable[..., tuple[FastAPI, Services]]) -> Any:
    app, _ = make_app(max_body_bytes=2048)
    async with app.router.lifespan_context(app), asgi_client(app) as client:
        yield client


async def test_too_large_by_its_length(small: httpx.AsyncClient) -> None:
    response = await small.post(CHAT, json=hi(user="x" * 3000))
    assert response.status_code == 413
    assert error_of(response)["code"] == "request_too_large"
    answer = await small.post("/v1/messages", json=hi(user="x" * 3000))
    assert answer.json()["error"]["type"] == "request_too_large"


async def test_too_large_in_chunks(small: httpx.AsyncClient) -> None:
    sent = 0

    async def chunks() -> Any:
        nonlocal sent
        for _ in range(1000):
            sent += 1
            yield b"x" * 500

    response = await small.post(CHAT, content=chunks(), headers=JSON)
    assert response.status_code == 413
    error_of(response)
    assert sent < 20


async def test_unknown_paths_and_methods(client: httpx.AsyncClient) -> None:
    for path in ("/v1/nope", "/v2", "/v1/chat/completions/", "/%2e%2e/%2e%2e/etc/passwd"):
        response = await client.get(path)
        assert response.status_code == 404, path
        assert error_of(response)["code"] == "not_found"
    response = await client.get(CHAT)
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert error_of(response)["code"] == "method_not_allowed"
    response = await client.get("/v1/messages")
    assert response.json()["error"]["type"] == "invalid_request_error"


async def test_an_unexpected_exception_tells_nothing(
    make_app: Callable[..., tuple[FastAPI, Services]], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, services = make_app()

    def explode(name: str = "") -> Any:
        raise KeyError("/secret/path")

    monkeypatch.setattr(services.models, "use", explode)
    async with asgi_client(app) as client:
        response = await client.post(CHAT, json=hi())
    assert response.status_code == 500
    assert error_of(response)["type"] == "server_error"
    assert "secret" not in response.text


@pytest.fixture
def raw(server: Server) -> Iterator[Callable[[bytes], Any]]:
    """Opens a connection and sends bytes as they are."""
    host, port = server.url.removeprefix("http://").split(":")

    async def send(data: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(data)
        await writer.drain()
        return reader, writer

    yield send


def request(path: str, body: dict[str, Any]) -> bytes:
    data = json.dumps(body).encode()
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(data)}\r\n\r\n"
    ).encode() + data


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (CHAT, {"stream": True}),
        (CHAT, {"stream": False}),
        ("/v1/messages", {"stream": True, "max_tokens": 400}),
        ("/v1/messages", {"max_tokens": 400}),
        ("/v1/responses", {"stream": True}),
        ("/v1/responses", {}),
        ("/v1/completions", {"stream": True, "max_tokens": 400}),
        ("/v1/completions", {"max_tokens": 400}),
    ],
)
@pytest.mark.parametrize("words", ["[[words 400]] [[slow 0.05]]", "[[prompt 30]]", "[[silent 30]]"])
async def test_leaving_frees_the_engine(
    server: Server, raw: Callable[[bytes], Any], path: str, fields: Any, words: str
) -> None:
    engine = server.models.engines["fake"]
    before = engine.cancelled
    said: dict[str, dict[str, Any]] = {
        "/v1/responses": {"input": words},
        "/v1/completions": {"prompt": words},
    }
    body = said.get(path, {"messages": [{"role": "user", "content": words}]})
    _, writer = await raw(request(path, {**body, **fields}))
    await until(lambda: engine.open == 1)
    await asyncio.sleep(0.05)
    writer.close()
    await writer.wait_closed()
    await until(lambda: engine.open == 0, seconds=1)
    assert engine.cancelled == before + 1


async def test_pings_while_silent(
    make_app: Callable[..., tuple[FastAPI, Services]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zaohua.service.inference.FIRST_EVENT_SECONDS", 0.05)
    app, _ = make_app(ping_seconds=0.1)
    async with asgi_client(app) as client:
        response = await client.post(
            CHAT,
            json={"messages": [{"role": "user", "content": "[[silent 0.5]] hi"}], "stream": True},
        )
        assert response.text.count(": ping\n\n") >= 2
        assert response.text.endswith("data: [DONE]\n\n")
        late = await client.post(
            "/v1/messages",
            json={
                "messages": [{"role": "user", "content": "[[silent 0.5]] hi"}],
                "stream": True,
                "max_tokens": 9,
            },
        )
        assert late.text.count("event: ping") >= 2
