"""Who is let in: keys, scopes, cookies, hosts, other sites; headers on everything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from zaohua.errors import UsageError
from zaohua.service.cookies import COOKIE, Sessions, session_secret
from zaohua.service.keys import ApiKey
from zaohua.service.security import check_bind, host_name, is_loopback, key_required
from zaohua.service.services import Services
from zaohua.settings import Settings

from .conftest import asgi_client

MakeApp = Callable[..., tuple[FastAPI, Services]]
ASK = {"messages": [{"role": "user", "content": "hi"}]}
CHAT = "/v1/chat/completions"


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


@pytest.fixture
async def keyed(make_app: MakeApp) -> AsyncIterator[tuple[httpx.AsyncClient, Services]]:
    app, services = make_app(require_key=True)
    async with app.router.lifespan_context(app), asgi_client(app) as client:
        yield client, services


async def test_without_keys_any_string_will_do(client: httpx.AsyncClient) -> None:
    for headers in ({}, bearer("anything"), {"authorization": "Basic x"}, {"x-api-key": "y"}):
        assert (await client.post(CHAT, json=ASK, headers=headers)).status_code == 200
    refused = await client.post(CHAT, json=ASK, headers=bearer("zao-wrong"))
    assert refused.status_code == 401
    assert refused.json()["error"]["type"] == "authentication_error"


async def test_keys_are_demanded(keyed: tuple[httpx.AsyncClient, Services]) -> None:
    client, services = keyed
    _, secret = services.keyring.create("ann")
    for path in ("/v1/models", "/api/conversations", "/api/models", "/metrics"):
        refused = await client.get(path)
        assert refused.status_code == 401, path
        assert refused.json()["error"]["code"] == "missing_api_key"
        assert (await client.get(path, headers=bearer("wrong"))).status_code == 401
        assert (await client.get(path, headers=bearer(secret))).status_code == 200, path
    for path in (CHAT, "/v1/completions", "/v1/responses", "/v1/embeddings", "/tokenize",
                 "/detokenize", "/v1/messages", "/v1/messages/count_tokens"):  # fmt: skip
        assert (await client.post(path, json={})).status_code in (400, 401), path
    assert (await client.post(CHAT, json=ASK)).status_code == 401
    assert (await client.post(CHAT, json=ASK, headers={"x-api-key": secret})).status_code == 200


async def test_open_paths(keyed: tuple[httpx.AsyncClient, Services]) -> None:
    client, _ = keyed
    for path in ("/health", "/healthz", "/readyz", "/api/session", "/openapi.json"):
        assert (await client.get(path)).status_code == 200, path


async def test_scopes(keyed: tuple[httpx.AsyncClient, Services]) -> None:
    client, services = keyed
    _, chat = services.keyring.create("chat", ["chat"])
    _, inference = services.keyring.create("inference", ["inference"])
    _, admin = services.keyring.create("admin", ["admin"])
    for secret, path, status in (
        (chat, "/v1/models", 403),
        (chat, "/api/models", 200),
        (inference, "/v1/models", 200),
        (inference, "/api/models", 403),
        (admin, "/v1/models", 200),
        (admin, "/api/models", 200),
    ):
        assert (await client.get(path, headers=bearer(secret))).status_code == status
    refused = await client.get("/v1/models", headers=bearer(chat))
    assert refused.json()["error"]["type"] == "permission_error"


async def test_revoked_keys_stop(keyed: tuple[httpx.AsyncClient, Services]) -> None:
    client, services = keyed
    key, secret = services.keyring.create("ann")
    assert (await client.get("/v1/models", headers=bearer(secret))).status_code == 200
    services.keyring.revoke(key.id)
    assert (await client.get("/v1/models", headers=bearer(secret))).status_code == 401


async def test_session(keyed: tuple[httpx.AsyncClient, Services]) -> None:
    client, services = keyed
    key, secret = services.keyring.create("ann")
    before = (await client.get("/api/session")).json()
    assert before["key_required"] is True
    assert before["signed_in"] is False
    assert "database" not in before
    assert (await client.post("/api/session", json={"key": "zao-no"})).status_code == 401
    signed = await client.post("/api/session", json={"key": secret})
    assert signed.json()["signed_in"] is True
    cookie = signed.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert secret not in cookie
    after = (await client.get("/api/session")).json()
    assert (after["signed_in"], after["name"]) == (True, "ann")
    assert (await client.get("/api/conversations")).status_code == 200
    assert (await client.post(CHAT, json=ASK)).status_code == 200
    assert (await client.delete("/api/session")).status_code == 204
    assert (await client.get("/api/conversations")).status_code == 401
    await client.post("/api/session", json={"key": secret})
    services.keyring.revoke(key.id)
    assert (await client.get("/api/conversations")).status_code == 401


async def test_session_without_keys(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/session")).json()
    assert found["key_required"] is False
    assert found["database"] == "sqlite"
    assert found["default_model"] == "fake"


def test_forged_cookies(make_app: MakeApp, tmp_path: Path) -> None:
    _, services = make_app(require_key=True)
    key, _ = services.keyring.create("ann")
    sessions = Sessions(session_secret(tmp_path), services.keyring)
    good = sessions.issue(key)
    found = sessions.key(good)
    assert isinstance(found, ApiKey)
    key_id, until, signature = good.split(".")
    for bad in (
        "",
        "..",
        f"{key_id}.{int(until) + 1}.{signature}",
        f"{key_id}.{until}.{'0' * 64}",
        f"{key_id}.1.{signature}",
        f"x.{until}.{signature}",
        f"{key_id}.{until}.é",
        "٣.٣.٣",
        "a" * 10_000,
    ):
        assert sessions.key(bad) is None
    assert Sessions(b"another", services.keyring).key(good) is None
    assert session_secret(tmp_path) == session_secret(tmp_path)
    assert (tmp_path / "session.secret").stat().st_mode & 0o077 == 0


async def test_a_wrong_cookie_is_nobody(keyed: tuple[httpx.AsyncClient, Services]) -> None:
    client, _ = keyed
    client.cookies.set(COOKIE, "forged.99999999999.00")
    assert (await client.get("/api/conversations")).status_code == 401


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8866", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8866", 200),
        ("evil.example", 403),
        ("localhost.evil.example", 403),
        ("127.0.0.1.evil.example:80", 403),
        ("localhost@evil.example", 403),
        ("", 403),
    ],
)
async def test_dns_rebinding(client: httpx.AsyncClient, host: str, status: int) -> None:
    for path in ("/v1/models", "/api/session", "/health"):
        assert (await client.get(path, headers={"host": host})).status_code == status


async def test_with_keys_any_host_is_served(keyed: tuple[httpx.AsyncClient, Services]) -> None:
    client, _ = keyed
    response = await client.get("/health", headers={"host": "chat.example.org"})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost:9999"}, 403),
        ({"origin": "http://["}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://localhost"}, 403),
        ({"origin": "http://localhost"}, 200),
        ({"sec-fetch-site": "same-origin", "origin": "http://localhost"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({}, 200),
    ],
)
async def test_other_sites(client: httpx.AsyncClient, headers: dict[str, str], status: int) -> None:
    response = await client.post(CHAT, json=ASK, headers=headers)
    assert response.status_code == status
    if status == 403:
        assert response.json()["error"]["code"] == "cross_site"
    assert "access-control-allow-origin" not in response.headers


async def test_other_sites_with_a_key(make_app: MakeApp) -> None:
    app, services = make_app()
    _, secret = services.keyring.create("ann")
    async with app.router.lifespan_context(app), asgi_client(app) as client:
        origin = {"origin": "http://app.example"}
        good = await client.post(CHAT, json=ASK, headers={**origin, **bearer(secret)})
        assert good.status_code == 200
        wrong = await client.post(CHAT, json=ASK, headers={**origin, **bearer("zao-x")})
        assert wrong.status_code == 403


async def test_headers(client: httpx.AsyncClient) -> None:
    for path in ("/health", "/nope", "/api/session"):
        headers = (await client.get(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-request-id"].startswith("req_")
    given = await client.get("/health", headers={"x-request-id": "mine-1"})
    assert given.headers["x-request-id"] == "mine-1"
    odd = await client.get("/health", headers={"x-request-id": "x" * 500})
    assert odd.headers["x-request-id"].startswith("req_")


def test_bind(make_app: MakeApp) -> None:
    _, services = make_app()
    for host in ("127.0.0.1", "localhost", "::1", "127.8.8.8"):
        check_bind(Settings(home=services.settings.home, host=host), services.keyring)
    everywhere = Settings(home=services.settings.home, host="0.0.0.0")
    strict = Settings(home=services.settings.home, require_key=True)
    for settings in (everywhere, strict):
        assert key_required(settings)
        with pytest.raises(UsageError, match="zaohua keys create"):
            check_bind(settings, services.keyring)
    services.keyring.create("ann")
    check_bind(everywhere, services.keyring)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("[::1]", True), ("0.0.0.0", False), ("::", False), ("", False),
     ("example.org", False), ("192.168.1.5", False)],
)  # fmt: skip
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_host_names() -> None:
    assert host_name("[::1]:80") == "::1"
    assert host_name("A.b:80") == "a.b"
    assert host_name("a:b:c") == ""


async def test_metrics_hold_no_names(make_app: MakeApp) -> None:
    app, services = make_app()
    _, secret = services.keyring.create("secret-name")
    async with app.router.lifespan_context(app), asgi_client(app) as client:
        said: Any = {"messages": [{"role": "user", "content": "private words"}]}
        await client.post(CHAT, json=said, headers=bearer(secret))
        await client.get("/v1/models/some-unknown")
        await client.get("/wholly/unknown")
        text = (await client.get("/metrics")).text
    for found in (
        'zaohua_http_requests_total{method="POST",route="/v1/chat/completions",status="200"} 1.0',
        'zaohua_tokens_total{kind="completion",model="fake"}',
        'zaohua_active_answers{model="fake"} 0.0',
        "zaohua_first_token_seconds_count",
        'route="unknown"',
    ):
        assert found in text, found
    for hidden in ("secret-name", "private", secret, "some-unknown", "wholly"):
        assert hidden not in text
