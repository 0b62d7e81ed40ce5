"""Whether the server lives and whether it can answer. Open to all, also where keys are required."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from zaohua.service.errors import ApiError, ErrorEnvelope
from zaohua.service.services import Services, services

router = APIRouter(tags=["operation"])


class Health(BaseModel):
    """A server that answers."""

    status: Literal["ok"] = "ok"


@router.get("/health", response_model=Health, summary="Liveness")
@router.get("/healthz", response_model=Health, summary="Liveness")
async def health() -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


@router.get(
    "/readyz",
    response_model=Health,
    responses={503: {"model": ErrorEnvelope, "description": "The database does not answer."}},
    summary="Readiness",
)
async def ready(parts: Annotated[Services, Depends(services)]) -> Response:
    """Database and models can be used; models are loaded when first asked for."""
    try:
        await asyncio.wait_for(asyncio.to_thread(parts.keyring.any_valid), 5)
    except Exception:
        raise ApiError(503, "the database does not answer", code="not_ready") from None
    if not parts.models.list():
        raise ApiError(503, "there is no model to answer with", code="not_ready")
    return JSONResponse({"status": "ok"})
