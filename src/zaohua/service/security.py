"""Who may call: keys and cookies become a `Caller`; other sites and foreign hosts are turned away.

Without keys only loopback is served, and there a page of another site must not be able to use the
server through the visitor's browser: hence the checks of Host, Origin and Sec-Fetch-Site.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from zaohua.assistant.ids import LOCAL_OWNER
from zaohua.errors import UsageError
from zaohua.service.cookies import COOKIE
from zaohua.service.errors import ApiError
from zaohua.service.keys import PREFIX, ApiKey, Keyring
from zaohua.settings import Settings

if TYPE_CHECKING:
    from zaohua.service.services import Services

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request. ``owner`` is what their things are stored under: the key's id."""

    owner: str
    name: str
    key_id: str | None = None
    scopes: tuple[str, ...] = ("chat", "inference", "admin")
    key: ApiKey | None = None

    @classmethod
    def of(cls, key: ApiKey) -> Caller:
        """The caller that holds ``key``."""
        return cls(owner=key.id, name=key.name, key_id=key.id, scopes=key.scopes, key=key)

    def may(self, scope: str) -> bool:
        """Whether the caller is allowed ``scope``; without a key everything is."""
        return self.key is None or self.key.may(scope)


LOCAL = Caller(owner=LOCAL_OWNER, name="local")


def is_loopback(host: str) -> bool:
    """Whether a bind address can only be reached from this machine."""
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def key_required(settings: Settings) -> bool:
    """Whether every request needs a key."""
    return settings.require_key or not is_loopback(settings.host)


def check_bind(settings: Settings, keyring: Keyring) -> None:
    """Refuse to serve an address that others can reach before a key exists.

    Raises:
        UsageError: keys are required and there is none.
    """
    if key_required(settings) and not keyring.any_valid():
        raise UsageError(
            "serving this address needs a key, and there is none yet",
            where=settings.host,
            mend="make one with 'zaohua keys create NAME'",
        )


def presented_secret(headers: Headers) -> str:
    """The key a request carries in its headers; empty if it has none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return headers.get("x-api-key", "").strip()


async def identify(connection: HTTPConnection) -> Caller | None:
    """The caller behind key or cookie, `LOCAL` where none is needed, or None.

    Raises:
        ApiError: 401, a key was given and is not valid.
    """
    parts: Services = connection.app.state.services
    required = key_required(parts.settings)
    secret = presented_secret(connection.headers)
    if secret and (required or secret.startswith(PREFIX)):
        key = await parts.keyring.find(secret)
        if key is None:
            raise ApiError(401, "the API key is wrong, expired or revoked", code="invalid_api_key")
        return Caller.of(key)
    cookie = connection.cookies.get(COOKIE)
    if cookie:
        key = await asyncio.to_thread(connection.app.state.sessions.key, cookie)
        if key is not None:
            return Caller.of(key)
    return None if required else LOCAL


async def key_holder(connection: HTTPConnection) -> Caller:
    """The caller, whatever their key may do (for ``Depends``).

    Raises:
        ApiError: 401 without a valid key where one is needed.
    """
    found = await identify(connection)
    if found is None:
        raise ApiError(
            401,
            "this server needs an API key: send 'Authorization: Bearer KEY'",
            code="missing_api_key",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return found


async def caller(connection: HTTPConnection) -> Caller:
    """The caller, allowed to use this path (for ``Depends``): scope ``chat`` for /api.

    Everything else takes the scope ``inference``.

    Raises:
        ApiError: 401 without a valid key where one is needed, 403 if the key lacks the scope.
    """
    path = connection.scope["path"]
    scope = "chat" if path.startswith("/api/") else "inference"
    return allowed(await key_holder(connection), scope)


async def administrator(connection: HTTPConnection) -> Caller:
    """The caller, allowed to change what all share (for ``Depends``).

    Raises:
        ApiError: 401 without a valid key where one is needed, 403 if the key lacks ``admin``.
    """
    return allowed(await key_holder(connection), "admin")


def allowed(who: Caller, scope: str) -> Caller:
    """``who``, if they have ``scope``.

    Raises:
        ApiError: 403, they have not.
    """
    if not who.may(scope):
        raise ApiError(403, f"this key lacks the scope '{scope}'", code="insufficient_scope")
    return who


def host_name(header: str) -> str:
    """The host of a Host header, without port and brackets, in lower case."""
    match = re.fullmatch(r"\[([0-9a-fA-F:.]+)\](?::\d*)?|([^:\[\]/@]+)(?::\d*)?", header.strip())
    return (match.group(1) or match.group(2)).lower() if match else ""


def foreign_host(settings: Settings, headers: Headers) -> bool:
    """Whether the Host header is one that DNS rebinding would bring (loopback without key only)."""
    if key_required(settings):
        return False
    name = host_name(headers.get("host", ""))
    return name not in LOOPBACK_NAMES and name != settings.host.strip("[]").lower()


def cross_site(method: str, headers: Headers) -> bool:
    """Whether a browser says that a page of another origin wants to change something here."""
    if method in _SAFE_METHODS:
        return False
    fetch_site = headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return False
    return origin.partition("://")[2].lower() != headers.get("host", "").lower()
