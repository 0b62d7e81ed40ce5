"""What is left to chance, drawn by hash: the same for the same text in every run."""

from __future__ import annotations

from hashlib import blake2b


def drawn(key: str, share: float, purpose: bytes) -> bool:
    """Whether a key is in a share of all keys, drawn for one purpose."""
    if share in (0, 1):
        return bool(share)
    return mark(key, purpose) < share * 2**64


def mark(key: str, purpose: bytes) -> int:
    """A number of 64 bits, evenly spread over keys."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8, person=purpose).digest())
