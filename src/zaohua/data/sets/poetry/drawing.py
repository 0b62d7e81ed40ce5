"""What is left to chance, drawn by hash: the same for the same poem in every run."""

from __future__ import annotations

from hashlib import blake2b

_SPLIT_KEYS = 4096


def drawn(key: str, share: float, purpose: bytes) -> bool:
    """Whether a key is in a share of all keys, drawn for one purpose."""
    if share in (0, 1):
        return bool(share)
    return _mark(key, purpose) < share * 2**64


def split_group(key: str) -> str:
    """The group of poems, of some 4,000, that one side of a split takes whole."""
    return f"poems {_mark(key, b'split') % _SPLIT_KEYS}"


def _mark(key: str, purpose: bytes) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8, person=purpose).digest())
