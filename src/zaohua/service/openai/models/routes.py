"""`GET /v1/models` and `GET /v1/models/{id}`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.responses import Response

from zaohua.generate.failures import ModelNotFound
from zaohua.service.body import json_response
from zaohua.service.errors import documented
from zaohua.service.security import Caller, caller
from zaohua.service.services import Services, services

router = APIRouter(prefix="/v1/models", tags=["openai"])


class ModelShape(BaseModel):
    """A model that can be asked for. ``max_model_len`` is its context in tokens, where known."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    max_model_len: int | None = None
    meta: dict[str, Any] | None = None


class ModelList(BaseModel):
    """All models, the default one first."""

    object: Literal["list"]
    data: list[ModelShape]


@router.get("", response_model=ModelList, responses=documented(), summary="List models")
async def every(
    _: Annotated[Caller, Depends(caller)], parts: Annotated[Services, Depends(services)]
) -> Response:
    """Every model, loaded or not: one is loaded when first asked for."""
    return json_response({"object": "list", "data": _models(parts)})


@router.get(
    "/{model:path}", response_model=ModelShape, responses=documented(404), summary="Show a model"
)
async def one(
    model: str,
    _: Annotated[Caller, Depends(caller)],
    parts: Annotated[Services, Depends(services)],
) -> Response:
    """One model by its id, which may hold slashes and colons."""
    found = _models(parts)
    for shape in found:
        if shape["id"] == model:
            return json_response(shape)
    raise ModelNotFound(model[:200], tuple(shape["id"] for shape in found))


def _models(parts: Services) -> list[dict[str, Any]]:
    shapes = []
    for served in parts.models.list():
        shape: dict[str, Any] = {
            "id": served.name,
            "object": "model",
            "created": served.created,
            "owned_by": "zaohua",
        }
        if served.context_length:
            shape["max_model_len"] = served.context_length
            shape["meta"] = {"n_ctx_train": served.context_length}
        shapes.append(shape)
    embedder = {"id": parts.embedder.model, "object": "model", "created": 0, "owned_by": "zaohua"}
    return [*shapes, embedder]
