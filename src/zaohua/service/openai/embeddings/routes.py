"""`POST /v1/embeddings`."""

from __future__ import annotations

import base64
import math
import struct
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from zaohua.generate.failures import ModelNotFound
from zaohua.service.body import JsonRoute, json_response
from zaohua.service.errors import documented, invalid
from zaohua.service.limits import Limits
from zaohua.service.openai.embeddings.shapes import MAX_INPUTS, EmbeddingList, EmbeddingRequest
from zaohua.service.security import Caller, caller
from zaohua.service.services import Services, services
from zaohua.service.sse import unless_gone

router = APIRouter(prefix="/v1/embeddings", tags=["openai"], route_class=JsonRoute)


@router.post(
    "",
    response_model=EmbeddingList,
    responses=documented(404, 429, 503),
    summary="Turn texts into vectors",
)
async def create(
    body: EmbeddingRequest,
    request: Request,
    who: Annotated[Caller, Depends(caller)],
    parts: Annotated[Services, Depends(services)],
) -> Response:
    """Unit vectors; `dimensions` keeps the first ones and makes them unit length again."""
    embedder = parts.embedder
    if body.model not in (None, "", embedder.model):
        raise ModelNotFound(str(body.model)[:200], (embedder.model,))
    if body.dimensions is not None and body.dimensions > embedder.dimensions:
        raise invalid("dimensions", f"'{embedder.model}' has {embedder.dimensions}")
    return await unless_gone(request, _embedded(body, request, who, parts))


async def _embedded(
    body: EmbeddingRequest, request: Request, who: Caller, parts: Services
) -> Response:
    texts = await _texts(body.input, parts)
    tokens = sum([await parts.embedder.count_tokens(text) for text in texts])
    limits: Limits = request.app.state.limits
    grant = await limits.admit(who.key, tokens)
    try:
        vectors = await parts.embedder.embed(texts, query=body.input_type == "query")
    finally:
        grant.settle(tokens, 0)
    data = [
        {"object": "embedding", "index": i, "embedding": encoded(vector, body)}
        for i, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    answer = {"object": "list", "data": data, "model": parts.embedder.model, "usage": usage}
    return json_response(answer, grant.headers)


async def _texts(given: Any, parts: Services) -> list[str]:
    whole = isinstance(given, str) or bool(given and isinstance(given[0], int))
    inputs = [given] if whole else given
    if not 0 < len(inputs) <= MAX_INPUTS or not all(inputs):
        raise invalid("input", f"give 1 to {MAX_INPUTS} texts, none of them empty")
    if all(isinstance(one, str) for one in inputs):
        return list(inputs)
    async with parts.models.use() as engine:
        return [await engine.detokenize(tokens) for tokens in inputs]


def encoded(vector: list[float], body: EmbeddingRequest) -> list[float] | str:
    """The vector as asked for: shortened, as numbers or as base64."""
    if body.dimensions is not None:
        short = vector[: body.dimensions]
        length = math.hypot(*short) or 1.0
        vector = [x / length for x in short]
    if body.encoding_format == "base64":
        return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
    return vector
