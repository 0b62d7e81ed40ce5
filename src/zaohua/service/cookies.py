"""Signing in from the page: a key is exchanged for a cookie that scripts cannot read.

The cookie holds the key's id, an expiry and a signature over both, made with a secret of this
server and the key's stored hash: revoking the key ends all its sessions.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

from zaohua.service.keys import ApiKey, Keyring

COOKIE = "zaohua_session"
LIFETIME = 30 * 86400


class Sessions:
    """Makes and checks session cookies."""

    def __init__(self, secret: bytes, keyring: Keyring) -> None:
        self._secret = secret
        self._keyring = keyring

    def issue(self, key: ApiKey) -> str:
        """A cookie value for ``key`` (blocking)."""
        stamp = f"{key.id}.{int(time.time()) + LIFETIME}"
        return f"{stamp}.{self._sign(stamp, self._keyring.secret_digest(key.id))}"

    def key(self, cookie: str) -> ApiKey | None:
        """The valid key a cookie stands for (blocking)."""
        stamp, _, signature = cookie.rpartition(".")
        key_id, _, until = stamp.partition(".")
        if not until.isascii() or not until.isdigit() or int(until[:12]) < time.time():
            return None
        known = self._keyring.secret_digest(key_id)
        good = hmac.compare_digest(self._sign(stamp, known).encode(), signature.encode())
        return self._keyring.get(key_id) if good and known else None

    def _sign(self, stamp: str, digest: str) -> str:
        return hmac.new(self._secret + digest.encode(), stamp.encode(), hashlib.sha256).hexdigest()


def session_secret(home: Path) -> bytes:
    """The secret of this server, made at first use, readable by its user only."""
    path = home / "session.secret"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        draft = home / f".session.{secrets.token_hex(8)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_bytes()
