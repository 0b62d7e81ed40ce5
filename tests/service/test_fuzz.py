"""schemathesis over the whole description: no 5xx, every error in its envelope, types as said.

A few hundred cases in the normal suite, 2,000 with ``-m slow``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

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
    each = max(1, cases // (2 * len(operations)))
    seen: Counter[int] = Counter()
    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            with suppress(*([Unsatisfiable] if mode == GenerationMode.NEGATIVE else [])):
                _fuzz_operation(operation, mode, each, seen)
    return seen


def _fuzz_operation(operation: Any, mode: GenerationMode, cases: int, seen: Counter[int]) -> None:
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
        response = case.call(timeout=20)
        seen[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)
        check_envelope(case, response)

    send()


def test_a_few_hundred_cases(fuzzed: Server) -> None:
    seen = fuzz(fuzzed, 300)
    assert seen.total() >= 200
    assert seen[200] > 20
    assert seen[400] > 20


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_thousand_cases(fuzzed: Server) -> None:
    assert fuzz(fuzzed, 2600).total() >= 2000
