"""`/api/session`: who the page is talking as, signing in with a key, signing out."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from zaohua.service.cookies import COOKIE, LIFETIME, Sessions
from zaohua.service.errors import ApiError, documented
from zaohua.service.security import LOCAL, Caller, identify, key_required
from zaohua.service.services import Services, services
from zaohua.service.version import installed_version

router = APIRouter(prefix="/api/session", tags=["session"])


class SignIn(BaseModel):
    """A key to sign in with."""

    model_config = ConfigDict(extra="ignore")

    key: str = Field(min_length=1, max_length=256)


class Session(BaseModel):
    """What the page must know before anything else."""

    version: str
    key_required: bool
    signed_in: bool
    default_model: str
    name: str | None = None
    database: str | None = None
    admin: bool | None = None


async def _visitor(request: Request) -> Caller | None:
    """The caller, or nobody: a wrong key only means not being signed in."""
    try:
        return await identify(request)
    except ApiError:
        return None


def _session(parts: Services, caller: Caller | None) -> dict[str, object]:
    open_to_all = not key_required(parts.settings)
    known = caller is not None or open_to_all
    return Session(
        version=installed_version(),
        key_required=not open_to_all,
        signed_in=caller is not None and caller.key is not None,
        default_model=parts.models.default,
        name=(caller or LOCAL).name if known else None,
        database=parts.database.kind if known else None,
        admin=(caller or LOCAL).may("admin") if known else None,
    ).model_dump(exclude_none=True)


@router.get("", response_model=Session, summary="Who is signed in")
async def show(request: Request, parts: Annotated[Services, Depends(services)]) -> Response:
    """Open to all; name, database and admin only when signed in or no key is needed."""
    return JSONResponse(_session(parts, await _visitor(request)))


@router.post("", response_model=Session, responses=documented(), summary="Sign in with a key")
async def sign_in(
    body: SignIn, request: Request, parts: Annotated[Services, Depends(services)]
) -> Response:
    """Sets a cookie that lasts thirty days or until the key is revoked."""
    key = await parts.keyring.find(body.key)
    if key is None:
        raise ApiError(401, "the key is wrong, expired or revoked", code="invalid_api_key")
    sessions: Sessions = request.app.state.sessions
    cookie = await asyncio.to_thread(sessions.issue, key)
    response = JSONResponse(_session(parts, Caller.of(key)))
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=LIFETIME,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.delete("", status_code=204, summary="Sign out")
async def sign_out() -> Response:
    """Takes the cookie back."""
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response
