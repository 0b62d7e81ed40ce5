"""Every failure as the SDKs expect it: one envelope for OpenAI's paths, one for Anthropic's.

`ApiError` is raised by routes on purpose; `as_api_error` turns everything else into one. No text of
an unexpected exception, and no path of this machine, ever reaches a client.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from zaohua.errors import (
    IntegrityError,
    MissingExtraError,
    NotFoundError,
    UnavailableError,
    UsageError,
    ZaohuaError,
)
from zaohua.generate.failures import (
    ContextExceeded,
    EngineBusy,
    EngineFailed,
    ModelNotFound,
    RequestRefused,
)

log = logging.getLogger(__name__)

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    503: "overloaded",
}
_CODES = {405: "method_not_allowed", 413: "request_too_large", 415: "unsupported_media_type"}
_ANTHROPIC_TYPES = {413: "request_too_large", 500: "api_error", 503: "overloaded_error"}
_MAX_MESSAGE = 500
_MAX_PATH = 100


class ErrorBody(BaseModel):
    """What went wrong, in OpenAI's words."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorEnvelope(BaseModel):
    """The body of every response that is not a success."""

    error: ErrorBody


class AnthropicErrorBody(BaseModel):
    """What went wrong, in Anthropic's words."""

    type: str
    message: str


class AnthropicErrorEnvelope(BaseModel):
    """The body of every response under /v1/messages that is not a success."""

    type: str = "error"
    error: AnthropicErrorBody


class ApiError(HTTPException):
    """A refusal with all that its envelope holds.

    ``param`` is the request field to blame; ``retry_after`` is in seconds.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        type: str | None = None,  # noqa: A002
        retry_after: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        extra = dict(headers or {})
        if retry_after is not None:
            extra["Retry-After"] = str(max(1, math.ceil(retry_after)))
        super().__init__(status, message[:_MAX_MESSAGE], extra)
        self.message = message[:_MAX_MESSAGE]
        self.code = code
        self.param = param
        self.type = type or _TYPES.get(
            status, "server_error" if status >= 500 else "invalid_request_error"
        )

    def envelope(self) -> dict[str, Any]:
        """The OpenAI body."""
        return {
            "error": {
                "message": self.message,
                "type": self.type,
                "param": self.param,
                "code": self.code,
            }
        }

    def anthropic_envelope(self) -> dict[str, Any]:
        """The Anthropic body."""
        kind = _ANTHROPIC_TYPES.get(self.status_code, self.type)
        return {
            "type": "error",
            "error": {"type": kind, "message": self.message},
        }


def unsupported(param: str, why: str) -> ApiError:
    """A known field that changes the result and cannot be honoured."""
    return ApiError(400, f"{param}: {why}", param=param, code="unsupported_parameter")


def invalid(param: str, why: str) -> ApiError:
    """A field whose value makes no sense."""
    return ApiError(400, f"{param}: {why}", param=param, code="invalid_value")


def as_api_error(error: BaseException) -> ApiError:
    """The refusal that stands for any exception."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, RequestValidationError):
        return _from_validation(error.errors())
    if isinstance(error, HTTPException):
        code = _CODES.get(error.status_code, "not_found" if error.status_code == 404 else None)
        return ApiError(error.status_code, error.detail, code=code, headers=error.headers)
    if isinstance(error, ZaohuaError):
        return _from_zaohua(error)
    return ApiError(500, "something went wrong in the server; its log says what", code="internal")


def _from_zaohua(error: ZaohuaError) -> ApiError:
    if isinstance(error, ContextExceeded):
        return _too_long(error)
    if isinstance(error, RequestRefused):
        return ApiError(400, error.line(), code="unsupported_value", param=error.param or None)
    if isinstance(error, ModelNotFound):
        return ApiError(404, error.line(), code="model_not_found", param="model")
    if isinstance(error, NotFoundError):
        return ApiError(404, error.line(), code="not_found")
    if isinstance(error, UsageError):
        return ApiError(400, error.line(), code="invalid_value", param=error.where or None)
    return _from_failure(error)


def _too_long(error: ContextExceeded) -> ApiError:
    """In OpenAI's own words, which clients search for to know that they must shorten."""
    message = (
        f"This model's maximum context length is {error.context_length} tokens. However, your"
        f" messages resulted in {error.prompt_tokens} tokens. {error.mend.capitalize()}."
    )
    return ApiError(400, message, code="context_length_exceeded", param=error.param or None)


def _from_failure(error: ZaohuaError) -> ApiError:
    """Failures of this machine: what, but not where, is the client's business."""
    if isinstance(error, MissingExtraError):
        return ApiError(501, error.line(), code="not_installed")
    if isinstance(error, EngineBusy):
        return ApiError(503, error.line(), code="engine_busy", retry_after=error.retry_after)
    if isinstance(error, EngineFailed):
        return ApiError(503, error.what, type="server_error", code="engine_failed", retry_after=2)
    if isinstance(error, UnavailableError):
        return ApiError(503, error.what, code="unavailable", retry_after=5)
    return ApiError(500, error.what, code="internal")


def _from_validation(errors: Sequence[Mapping[str, Any]]) -> ApiError:
    first = max(errors, key=lambda e: len(_path(e["loc"]))) if errors else {"loc": (), "msg": ""}
    where = _path(first["loc"])
    if first.get("type") == "json_invalid":
        return ApiError(400, "the body is not valid JSON", code="invalid_json")
    if not where and first.get("type") == "missing":
        return ApiError(400, "the request needs a JSON body", code="missing_body")
    if not where:
        return ApiError(
            400, "the body must be a JSON object, sent as Content-Type: application/json"
        )
    code = {"missing": "missing_required_parameter"}.get(str(first.get("type")), "invalid_value")
    return ApiError(400, f"{where}: {first['msg']}", param=where, code=code)


def _path(loc: Sequence[str | int]) -> str:
    """``('body', 'messages', 0, 'content')`` as ``messages[0].content``."""
    text = ""
    for part in loc[1:]:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part.isidentifier() and part not in _UNION_TAGS:
            text += f".{part}" if text else part
    return text


_UNION_TAGS = frozenset({"str", "int", "float", "bool", "list", "dict"})


def speaks_anthropic(path: str) -> bool:
    """Whether clients of ``path`` expect Anthropic's envelope."""
    return path == "/v1/messages" or path.startswith("/v1/messages/")


def error_response(path: str, error: BaseException) -> Response:
    """The response that tells a client of ``path`` about ``error``."""
    api = as_api_error(error)
    anthropic = speaks_anthropic(path)
    body = api.anthropic_envelope() if anthropic else api.envelope()
    status = 529 if anthropic and api.status_code == 503 else api.status_code
    return Response(
        orjson.dumps(body), status, dict(api.headers or {}), media_type="application/json"
    )


async def _handle(request: Request, error: Exception) -> Response:
    if isinstance(error, UnavailableError | IntegrityError):
        log.warning("%s %s: %s", request.method, request.url.path, error)
    if isinstance(error, HTTPException) and not isinstance(error, ApiError):
        error = await _pointing(request, error)
    return error_response(request.url.path, error)


async def _pointing(request: Request, error: HTTPException) -> HTTPException:
    """The same error, telling where the way goes on if nothing is at this path or method."""
    path = request.url.path[:_MAX_PATH]
    if error.status_code == 405 and (allowed := (error.headers or {}).get("Allow")):
        why = f"{path} does not take {request.method}: use {allowed}"
    elif error.status_code == 404:
        described = await asyncio.to_thread(request.app.openapi)
        near = get_close_matches(path, described["paths"], 1, cutoff=0.75)
        mend = f"did you mean {near[0]}? " if near else ""
        why = f"there is nothing at {path}: {mend}/openapi.json lists what there is"
    else:
        return error
    return HTTPException(error.status_code, why, error.headers)


def install(app: FastAPI) -> None:
    """Make every failure of ``app`` come out in an envelope."""
    for kind in (HTTPException, RequestValidationError, ZaohuaError, Exception):
        app.add_exception_handler(kind, _handle)


def documented(*statuses: int, anthropic: bool = False) -> dict[int | str, dict[str, Any]]:
    """The ``responses=`` of a route that can fail with ``statuses`` (400, 401, 403, 413 always)."""
    model = AnthropicErrorEnvelope if anthropic else ErrorEnvelope
    every = {400, 401, 403, 413, *statuses}
    return {status: {"model": model, "description": _MEANING[status]} for status in sorted(every)}


_MEANING = {
    400: "The request is wrong; `param` says where.",
    401: "The key is missing or wrong.",
    403: "The key may not do this, or the request comes from another site.",
    404: "There is no such thing.",
    409: "The request does not fit what is there.",
    413: "The body is too large.",
    429: "A rate limit or quota is used up.",
    501: "An optional part is not installed.",
    502: "The model's answer is not what was promised.",
    503: "The engine is loading, busy or broken.",
    529: "The engine is loading, busy or broken.",
}
