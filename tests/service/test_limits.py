"""Rate limits and quotas: they stop, also for requests at once, and count what leavers used."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from fastapi import FastAPI

from zaohua.generate.fake import FakeModels
from zaohua.service.app import create_app
from zaohua.service.errors import ApiError
from zaohua.service.keys import ApiKey, KeyLimits
from zaohua.service.limits import Grant, Limits, SlidingWindow
from zaohua.service.services import Services

from .conftest import Server, asgi_client, until

CHAT = "/v1/chat/completions"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_sliding_window() -> None:
    clock = Clock()
    window = SlidingWindow(clock)
    window.add(5)
    clock.now += 30
    window.add(5)
    assert window.total() == 10
    assert window.wait_for(1, 10) == pytest.approx(30)
    assert window.wait_for(6, 10) == pytest.approx(60)
    clock.now += 30
    assert window.total() == 5
    assert window.wait_for(5, 10) == 0


@pytest.fixture
def services(make_app: Callable[..., tuple[FastAPI, Services]]) -> Services:
    return make_app()[1]


def key_with(services: Services, **limits: int) -> tuple[ApiKey, str]:
    return services.keyring.create("ann", limits=KeyLimits(**limits))


async def test_requests_a_minute(services: Services) -> None:
    clock = Clock()
    limits = Limits(services.keyring, clock=clock)
    key, _ = key_with(services, requests_per_minute=2)
    await limits.admit(key)
    clock.now += 20
    grant = await limits.admit(key)
    assert grant.headers["x-ratelimit-limit-requests"] == "2"
    assert grant.headers["x-ratelimit-remaining-requests"] == "0"
    with pytest.raises(ApiError) as caught:
        await limits.admit(key)
    assert caught.value.status_code == 429
    assert caught.value.code == "rate_limit_exceeded"
    assert caught.value.headers
    assert caught.value.headers["Retry-After"] == "40"
    clock.now += 41
    await limits.admit(key)


async def test_tokens_a_minute(services: Services) -> None:
    clock = Clock()
    limits = Limits(services.keyring, clock=clock)
    key, _ = key_with(services, tokens_per_minute=100)
    first = await limits.admit(key, 20, 50)
    with pytest.raises(ApiError):
        await limits.admit(key, 20, 50)
    first.settle(20, 10)
    await limits.aclose()
    second = await limits.admit(key, 20, 50)
    second.settle(20, 50)
    await limits.aclose()
    with pytest.raises(ApiError):
        await limits.admit(key, 20, 50)
    clock.now += 61
    await limits.admit(key, 20, 500)


async def test_parallel_requests_cannot_overrun_a_quota(services: Services) -> None:
    limits = Limits(services.keyring)
    key, _ = key_with(services, tokens_total=100)
    grants = await asyncio.gather(
        *(limits.admit(key, 10, 40) for _ in range(10)), return_exceptions=True
    )
    admitted = [grant for grant in grants if isinstance(grant, Grant)]
    assert [grant.max_tokens for grant in admitted] == [40, 40]
    refused = [grant for grant in grants if isinstance(grant, ApiError)]
    assert {error.code for error in refused} == {"insufficient_quota"}
    for grant in admitted:
        grant.settle(10, 40)
    await limits.aclose()
    assert services.keyring.usage(key.id).tokens_total == 100
    with pytest.raises(ApiError):
        await limits.admit(key, 1, 1)


async def test_open_ended_requests_share_what_is_left(services: Services) -> None:
    limits = Limits(services.keyring)
    key, _ = key_with(services, tokens_total=1000)
    first, second = [await limits.admit(key, 10, None) for _ in range(2)]
    spent = 0
    running = [first, second]
    while running:
        for grant in list(running):
            if await grant.spend(1):
                spent += 1
            else:
                running.remove(grant)
    assert spent == 1000 - 20


async def test_what_is_given_back_can_be_used(services: Services) -> None:
    limits = Limits(services.keyring)
    key, _ = key_with(services, tokens_per_day=100)
    grant = await limits.admit(key, 10, 90)
    with pytest.raises(ApiError):
        await limits.admit(key, 10, 10)
    grant.settle(10, 5)
    grant.settle(10, 5)
    await limits.aclose()
    again = await limits.admit(key, 10, 90)
    assert again.max_tokens == 75


async def chat(client: httpx.AsyncClient, secret: str, text: str, **fields: Any) -> httpx.Response:
    return await client.post(
        CHAT,
        json={"messages": [{"role": "user", "content": text}], **fields},
        headers={"authorization": f"Bearer {secret}"},
    )


async def test_an_answer_ends_when_the_quota_does(services: Services) -> None:
    key, secret = key_with(services, tokens_total=60)
    app = create_app(services)
    async with app.router.lifespan_context(app), asgi_client(app) as client:
        answer = (await chat(client, secret, "[[words 500]]")).json()
        assert answer["choices"][0]["finish_reason"] == "length"
        await until(lambda: services.keyring.usage(key.id).tokens_total > 0)
        assert services.keyring.usage(key.id).tokens_total == 60
        refused = await chat(client, secret, "more")
        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "insufficient_quota"
        assert refused.json()["error"]["type"] == "insufficient_quota"
        assert refused.headers["x-should-retry"] == "false"
        text = (await client.get("/metrics")).text
        assert 'zaohua_rejected_by_limit_total{limit="quota"} 1.0' in text


async def test_running_streams_are_cut(services: Services, models: FakeModels) -> None:
    key, secret = key_with(services, tokens_total=700)
    app = create_app(services)
    async with app.router.lifespan_context(app), asgi_client(app) as client:
        answers = await asyncio.gather(
            *(chat(client, secret, "[[words 900]]", stream=True) for _ in range(2))
        )
        for answer in answers:
            assert '"finish_reason":"length"' in answer.text
            assert answer.text.endswith("data: [DONE]\n\n")
        await until(lambda: services.keyring.usage(key.id).requests_total == 2)
        assert 600 < services.keyring.usage(key.id).tokens_total <= 700
        assert models.engines["fake"].open == 0


async def test_rate_limit_headers_and_429(services: Services) -> None:
    _, secret = key_with(services, requests_per_minute=1, tokens_per_minute=1000)
    app = create_app(services)
    async with app.router.lifespan_context(app), asgi_client(app) as client:
        first = await chat(client, secret, "hi", max_tokens=5)
        assert first.headers["x-ratelimit-limit-tokens"] == "1000"
        second = await chat(client, secret, "hi", stream=True)
        assert second.status_code == 429
        assert int(second.headers["retry-after"]) >= 1
        assert second.headers["x-ratelimit-remaining-requests"] == "0"
        other = await client.post(
            "/v1/messages",
            json={"messages": [{"role": "user", "content": "hi"}], "max_tokens": 5},
            headers={"x-api-key": secret},
        )
        assert other.status_code == 429
        assert other.json()["error"]["type"] == "rate_limit_error"


async def test_embeddings_count(services: Services) -> None:
    key, secret = key_with(services, tokens_total=3)
    app = create_app(services)
    headers = {"authorization": f"Bearer {secret}"}
    async with app.router.lifespan_context(app), asgi_client(app) as client:
        body = {"input": "three small words"}
        assert (await client.post("/v1/embeddings", json=body, headers=headers)).status_code == 200
        await until(lambda: services.keyring.usage(key.id).tokens_total == 3)
        assert (await client.post("/v1/embeddings", json=body, headers=headers)).status_code == 429


async def test_leavers_pay_for_what_was_written(key_server: Server) -> None:
    keyring = key_server.services.keyring
    key, secret = keyring.create("ann")
    client = openai.OpenAI(base_url=f"{key_server.url}/v1", api_key=secret)
    with client:
        stream = client.chat.completions.create(
            model="fake",
            messages=[{"role": "user", "content": "[[words 500]] [[slow 0.01]]"}],
            stream=True,
        )
        for _ in range(10):
            next(stream)
        stream.close()
    await until(lambda: keyring.usage(key.id).requests_total == 1)
    assert 10 < keyring.usage(key.id).tokens_total < 200


async def test_the_sdk_raises_rate_limit_error(key_server: Server) -> None:
    _, secret = key_server.services.keyring.create("ann", limits=KeyLimits(requests_per_minute=1))
    with openai.OpenAI(base_url=f"{key_server.url}/v1", api_key=secret, max_retries=0) as client:
        client.responses.create(model="fake", input="hi")
        with pytest.raises(openai.RateLimitError):
            client.responses.create(model="fake", input="hi")


def test_usage_survives_a_restart(services: Services, tmp_path: Path) -> None:
    key, _ = key_with(services, tokens_total=10)
    services.keyring.record(key.id, 4, 6)

    async def refused() -> None:
        with pytest.raises(ApiError):
            await Limits(services.keyring).admit(key, 1, 1)

    asyncio.run(refused())
