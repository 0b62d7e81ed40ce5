"""A model behind another server, here another zaohua, served to holders of a key."""

from __future__ import annotations

from pathlib import Path

from zaohua.generate.pool import Pool
from zaohua.service.app import create_app
from zaohua.service.keys import KeyLimits
from zaohua.settings import Settings

from .conftest import Server, asgi_client, services_with


async def test_a_key_counts_on_a_model_that_cannot_count_tokens(
    server: Server, tmp_path: Path
) -> None:
    settings = Settings(
        home=tmp_path / "home",
        model="far",
        engine_urls=f"far={server.url}/v1#fake",  # type: ignore[arg-type]
        require_key=True,
    )
    services = services_with(settings, Pool(settings))
    app = create_app(services)
    _, secret = services.keyring.create("ann", limits=KeyLimits(tokens_per_day=40))
    body = {"model": "far", "messages": [{"role": "user", "content": "[[words 10]]"}]}
    headers = {"Authorization": f"Bearer {secret}"}
    async with app.router.lifespan_context(app), asgi_client(app, headers=headers) as client:
        first = await client.post("/v1/chat/completions", json=body)
        assert first.status_code == 200, first.text
        assert first.json()["usage"]["completion_tokens"] == 10
        codes = {(await client.post("/v1/chat/completions", json=body)).status_code for _ in "1234"}
        assert 429 in codes
