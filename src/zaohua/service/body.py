"""Reading request bodies: never more than allowed, never a surprise from hostile JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import orjson
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zaohua.service.errors import ApiError, as_api_error, error_response

MAX_DEPTH = 100

B = TypeVar("B", bound=BaseModel)


class Body(BaseModel):
    """Base of all request shapes: fields we do not know are ignored, at every level."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False, protected_namespaces=())


def checked(shape: type[B], body: Any) -> B:
    """A body that did not come by HTTP.

    Raises:
        ApiError: 400, as HTTP would have it.
    """
    try:
        return shape.model_validate(body)
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        raise as_api_error(RequestValidationError(found)) from None


class JsonRequest(Request):
    """A request whose JSON is read by orjson: no NaN, no invalid UTF-8, bounded nesting."""

    async def json(self) -> Any:
        """The parsed body.

        Raises:
            ApiError: 400, it is not JSON or nested too deeply.
        """
        raw = await self.body()
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise ApiError(
                400, f"the body is not valid JSON: {_reason(error)}", code="invalid_json"
            ) from None
        if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _too_deep(value):
            raise ApiError(400, f"JSON nested deeper than {MAX_DEPTH} levels", code="invalid_json")
        return value


def _reason(error: orjson.JSONDecodeError) -> str:
    return f"{error.msg} at position {error.pos}".encode("ascii", "replace").decode()


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


class JsonRoute(APIRoute):
    """A route that reads its body as a `JsonRequest`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The usual handler, given a `JsonRequest`."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await handler(JsonRequest(request.scope, request.receive))

        return handle


def json_response(value: Any, headers: dict[str, str] | None = None) -> Response:
    """``value`` as JSON, without another look at it."""
    return Response(orjson.dumps(value), headers=headers, media_type="application/json")


class BodyLimit:
    """Refuses bodies over ``max_bytes`` (413) as soon as that is known, chunked ones too.

    Paths that match ``uploads`` have ``max_upload_bytes`` instead.
    """

    def __init__(
        self, app: ASGIApp, max_bytes: int, uploads: re.Pattern[str], max_upload_bytes: int
    ) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.uploads = uploads
        self.max_upload_bytes = max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what is received."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        uploads = self.uploads.fullmatch(scope["path"])
        most = self.max_upload_bytes if uploads else self.max_bytes
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared[:20]) > most:
            response = error_response(scope["path"], _refusal(most))
            return await response(scope, receive, send)
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise _refusal(most)
            return message

        return await self.app(scope, counted, send)


def _refusal(most: int) -> ApiError:
    return ApiError(
        413,
        f"the body is larger than {most} bytes",
        code="request_too_large",
        headers={"Connection": "close"},
    )
