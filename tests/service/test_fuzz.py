"""schemathesis over the whole description: no 5xx, every error in its envelope, types as said.

A few hundred cases in the normal suite, 2,000 with ``-m slow``.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from zaohua.generate.fake import FakeModels
from zaohua.settings import Settings

from .conftest import Server, services_with, serving

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ENVELOPE = {"message", "type", "param", "code"}


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("fuzzed")
    with serving(services_with(Settings(home=home), FakeModels())) as running:
        yield running


def check_envelope(case: Case, response: Response) -> None:
    """Errors are JSON in the envelope of their path."""
    if response.status_code < 400:
        return
    assert response.headers["content-type"][0].startswith("application/json"), response.text
    body = response.json()
    if case.path.startswith("/v1/messages"):
        assert set(body) == {"type", "error"}
        assert set(body["error"]) == {"type", "message"}
    else:
        assert set(body) == {"error"}
        assert set(body["error"]) == ENVELOPE
        assert body["error"]["code"] is None or isinstance(body["error"]["code"], str)
    assert "Traceback" not in response.text
    assert "/zaohua/" not in response.text


def fuzz(server: Server, cases: int) -> Counter[int]:
    """Send ``cases`` requests, spread evenly over all operations, half of them wrong on purpose
    where anything can be wrong."""
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    operations = [result.ok() for result in schema.get_all_operations()]
    each = max(1, round(cases / (2 * len(operations))))
    seen: Counter[int] = Counter()
    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            with suppress(*([Unsatisfiable] if mode == GenerationMode.NEGATIVE else [])):
                _fuzz_operation(operation, mode, each, seen, _things(server))
    return seen


def _things(server: Server) -> dict[str, str]:
    """Ids of things that are there, by the names of the parameters that ask for them."""
    with httpx.Client(base_url=server.url) as client:
        conversation = client.post("/api/conversations", json={}).json()["id"]
        asked = client.post(
            f"/api/conversations/{conversation}/messages", json={"content": "hi", "parent_id": None}
        ).json()
        response = client.post("/v1/responses", json={"input": "hi"}).json()
    return {
        "conversation_id": conversation,
        "message_id": asked["assistant"]["id"],
        "response_id": response["id"],
        "model": "fake",
    }


def _use(case: Case, things: dict[str, str]) -> None:
    """Half of the cases ask for things that are there: the others end at a 404."""
    if zlib.crc32(repr((case.body, case.query)).encode("utf-8", "replace")) % 2:
        for name in set(case.path_parameters or ()) & set(things):
            case.path_parameters[name] = things[name]
        if isinstance(case.body, dict) and isinstance(case.body.get("model"), str):
            embeds = case.path == "/v1/embeddings"
            case.body["model"] = "hash-embedder" if embeds else things["model"]
        if isinstance(case.body, dict) and "previous_response_id" in case.body:
            case.body["previous_response_id"] = things["response_id"]


def _fuzz_operation(
    operation: Any, mode: GenerationMode, cases: int, seen: Counter[int], things: dict[str, str]
) -> None:
    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Case) -> None:
        _use(case, things)
        response = case.call(timeout=20)
        seen[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)
        check_envelope(case, response)

    send()


def test_a_few_hundred_cases(fuzzed: Server) -> None:
    seen = fuzz(fuzzed, 360)
    assert seen.total() >= 200
    assert seen[200] > 30
    assert seen[400] > 20


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_thousand_cases(fuzzed: Server) -> None:
    assert fuzz(fuzzed, 3200).total() >= 2000
