"""ASGI middleware around everything: foreign hosts and other sites out, security headers on."""

from __future__ import annotations

import secrets

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zaohua.service.errors import ApiError, error_response
from zaohua.service.keys import PREFIX, Keyring
from zaohua.service.security import cross_site, foreign_host, presented_secret
from zaohua.settings import Settings

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Protection:
    """Turns away what a browser was tricked into sending, and marks every response."""

    def __init__(self, app: ASGIApp, settings: Settings, keyring: Keyring) -> None:
        self.app = app
        self.settings = settings
        self.keyring = keyring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        marks = [*_HEADERS, (b"x-request-id", _request_id(headers).encode())]

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *marks]
            await send(message)

        refusal = await self._refusal(scope["method"], headers)
        app = error_response(scope["path"], refusal) if refusal else self.app
        return await app(scope, receive, marked)

    async def _refusal(self, method: str, headers: Headers) -> ApiError | None:
        if foreign_host(self.settings, headers):
            return ApiError(
                403,
                "this Host is not served: use localhost, or serve with keys",
                code="foreign_host",
            )
        if cross_site(method, headers) and not await self._has_key(headers):
            return ApiError(
                403, "requests from pages of other sites need an API key", code="cross_site"
            )
        return None

    async def _has_key(self, headers: Headers) -> bool:
        secret = presented_secret(headers)
        return secret.startswith(PREFIX) and await self.keyring.find(secret) is not None


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    if 0 < len(given) <= 128 and given.isascii() and given.isprintable():
        return given
    return f"req_{secrets.token_hex(12)}"
