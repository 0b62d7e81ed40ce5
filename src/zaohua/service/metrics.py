"""What Prometheus can ask: requests, times, tokens, streams, refusals. No user and no content."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import accumulate
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zaohua.generate.engine import Models
from zaohua.generate.events import Usage
from zaohua.generate.turnstile import WAIT_BUCKETS
from zaohua.service.errors import documented
from zaohua.service.security import Caller, key_holder

router = APIRouter(tags=["operation"])
_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """The instruments of one app, in a registry of its own; ``models`` tell of their queues."""

    def __init__(self, models: Models) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(Queues(models))
        self.requests = Counter(
            "zaohua_http_requests", "HTTP requests.", ["route", "method", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "zaohua_http_request_seconds", "Time to the end of the response.", ["route"],
            buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self.first_token = Histogram(
            "zaohua_first_token_seconds", "Time from request to first text.", ["model"],
            buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self.tokens = Counter(
            "zaohua_tokens",
            "Tokens of prompts, those of them found in the cache, tokens written, those guessed by "
            "looking up the prompt, and those of them that were right.",
            ["model", "kind"],
            registry=self.registry,
        )
        self.active = Gauge(
            "zaohua_active_answers", "Answers being written now.", ["model"],
            registry=self.registry,
        )  # fmt: skip
        self.failures = Counter(
            "zaohua_answer_failures", "Answers that failed.", ["model", "code"],
            registry=self.registry,
        )  # fmt: skip
        self.limited = Counter(
            "zaohua_rejected_by_limit", "Requests refused by a rate limit or quota.", ["limit"],
            registry=self.registry,
        )  # fmt: skip

    def count_tokens(self, model: str, usage: Usage) -> None:
        """Count those of one request."""
        counts = {
            "prompt": usage.prompt_tokens,
            "cached": usage.cached_tokens,
            "completion": usage.completion_tokens,
            "guessed": usage.guessed_tokens,
            "accepted": usage.accepted_tokens,
        }
        for kind, count in counts.items():
            self.tokens.labels(model, kind).inc(count)


class Queues(Collector):
    """What the queues before the loaded models have kept count of, read when it is asked for."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def collect(self) -> Iterator[Metric]:
        """Length, waiting times and refusals, by model and class; ends of the engines."""
        labels = ["model", "class"]
        length = GaugeMetricFamily("zaohua_queue_length", "Requests that wait.", labels=labels)
        waits = HistogramMetricFamily(
            "zaohua_queue_wait_seconds", "Time until a request may start.", labels=labels
        )
        refused = CounterMetricFamily(
            "zaohua_queue_refused", "Requests refused for a long queue.", labels=labels
        )
        ends = CounterMetricFamily(
            "zaohua_engine_ends", "Engines that ended unasked.", labels=["model", "how"]
        )
        for model, turnstile in self._models.turnstiles().items():
            for batch, name in ((False, "interactive"), (True, "batch")):
                record = turnstile.records[batch]
                length.add_metric([model, name], turnstile.waiting(batch=batch))
                waits.add_metric([model, name], _cumulative(record.waits), record.seconds)
                refused.add_metric([model, name], record.refused)
            for how in ("died", "stalled"):
                ends.add_metric([model, how], turnstile.ends[how])
        yield from (length, waits, refused, ends)


def _cumulative(counts: list[int]) -> list[tuple[str, float]]:
    bounds = [*map(str, WAIT_BUCKETS[:-1]), "+Inf"]
    return list(zip(bounds, accumulate(counts), strict=True))


class MeasureRequests:
    """Counts and times every HTTP request under the path template of its route."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Watch one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path", "unknown")
            method = scope["method"] if route != "unknown" else "any"
            self.metrics.requests.labels(route, method, status).inc()
            self.metrics.seconds.labels(route).observe(time.perf_counter() - started)


@router.get(
    "/metrics",
    summary="Prometheus metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **documented()},
)
async def metrics(request: Request, _: Annotated[Caller, Depends(key_holder)]) -> Response:
    """Counters and histograms in Prometheus' text format; any valid key will do."""
    kept: Metrics = request.app.state.metrics
    return Response(generate_latest(kept.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
