"""A heap that stays flat while segments come and go."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_SMALL, _LARGE = 128 << 10, 32 << 20
"""Bytes: what glibc begins with, and the most that it comes to by itself."""


@contextmanager
def steady_heap() -> Iterator[None]:
    """While inside, glibc takes blocks of 128 KiB and more from the system and gives them back.

    Left alone it raises that limit with every large block that is freed, to 32 MiB; the arrays of
    segments then lie between small objects, and the process grows by a third over the first 100 MB
    of input. Afterwards the limit is what it would have come to: arithmetic on tensors in the same
    process would spend a third of its time on fetching the same memory again and again. Other C
    libraries are left as they are.
    """
    _limit(_SMALL)
    try:
        yield
    finally:
        _limit(_LARGE)


def _limit(size: int) -> None:
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):
        mallopt(_M_MMAP_THRESHOLD, size)
        mallopt(_M_TRIM_THRESHOLD, 2 * size)
