"""Names of conversations and messages: sorted by time, and not to be guessed. Names of owners."""

from __future__ import annotations

import secrets
import time

LOCAL_OWNER = "local"
"""Whose all things are where there are no keys; with keys, the owner is the key's id."""

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 26


def new_id() -> str:
    """26 characters (a ULID): 48 bits of milliseconds, then 80 random bits."""
    number = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    return "".join(_DIGITS[number >> shift & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))
