"""Turns what an engine's HTTP server says when it fails into `generate.failures`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from zaohua.errors import ZaohuaError
from zaohua.generate.failures import (
    ContextExceeded,
    EngineBusy,
    EngineFailed,
    ModelNotFound,
    RequestRefused,
)

_NUMBERS = re.compile(
    r"maximum context length is (\d+) tokens.*?(\d+) (?:input )?tokens", re.DOTALL
)
_MAX_MESSAGE = 400


def error_from_body(
    status: int, body: bytes, model: str, headers: Mapping[str, str] | None = None
) -> ZaohuaError:
    """The failure that an HTTP response with an error status means."""
    try:
        parsed: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        parsed = {"message": body[:_MAX_MESSAGE].decode("utf-8", "replace")}
    inner = parsed.get("error", parsed) if isinstance(parsed, dict) else parsed
    return error_from_value(inner, model, status=status, retry_after=_retry_after(headers or {}))


def error_from_value(
    error: Any, model: str, *, status: int = 0, retry_after: float = 1.0
) -> ZaohuaError:
    """The failure that an error object (or text) means; ``status`` 0 takes the object's code."""
    fields: Mapping[str, Any] = error if isinstance(error, Mapping) else {"message": str(error)}
    message = _message(fields)
    code = status or _status_of(fields)
    refused = _context_exceeded(fields, message) or _refused(fields, message, code)
    if refused is not None:
        return refused
    if code in {401, 403}:
        return EngineFailed("the engine does not accept its key", where=model)
    if code == 404:
        return ModelNotFound(model)
    if code in {429, 503} or "context size has been exceeded" in message.lower():
        return EngineBusy(f"the engine is busy: {message}", retry_after=retry_after)
    return EngineFailed(f"the engine failed: {message}", where=model)


def _refused(fields: Mapping[str, Any], message: str, code: int) -> RequestRefused | None:
    if "failed to parse grammar" in message:
        return RequestRefused(
            "the engine cannot read this grammar: it must be GBNF and have a rule 'root'",
            param="grammar",
        )
    if code in {400, 413, 422} or "not supported - hint" in message:
        return RequestRefused(message, param=str(fields.get("param") or ""))
    if "Jinja Exception" in message:
        reason = message.rsplit("Jinja Exception", 1)[1].strip(": ")
        return RequestRefused(
            f"the model's chat template does not take this: {reason}", param="messages"
        )
    return None


def _message(fields: Mapping[str, Any]) -> str:
    message = fields.get("message") or fields.get("detail") or "no reason given"
    text = message if isinstance(message, str) else str(message)
    return " ".join(text.split())[:_MAX_MESSAGE].rstrip(".")


def _status_of(fields: Mapping[str, Any]) -> int:
    code = fields.get("code")
    if isinstance(code, int):
        return code
    if isinstance(code, str) and code.isdigit():
        return int(code)
    kinds = {
        "invalid_request_error": 400,
        "not_found_error": 404,
        "unavailable_error": 503,
        "rate_limit_error": 429,
        "BadRequestError": 400,
        "NotFoundError": 404,
    }
    return kinds.get(str(fields.get("type")), 500)


def _context_exceeded(fields: Mapping[str, Any], message: str) -> ContextExceeded | None:
    if fields.get("type") == "exceed_context_size_error":
        return ContextExceeded(int(fields.get("n_prompt_tokens", 0)), int(fields.get("n_ctx", 0)))
    numbers = _NUMBERS.search(message)
    if numbers:
        return ContextExceeded(int(numbers.group(2)), int(numbers.group(1)))
    return ContextExceeded(0, 0) if fields.get("code") == "context_length_exceeded" else None


def _retry_after(headers: Mapping[str, str]) -> float:
    try:
        return max(float(headers.get("retry-after", "1")), 0.0)
    except ValueError:
        return 1.0
