"""A heap that stays flat while segments come and go."""

from __future__ import annotations

import ctypes
import sys

_M_MMAP_THRESHOLD = -3  # malloc.h
_LARGE = 128 << 10  # bytes; what the C library starts with


def steady_heap() -> None:
    """Have glibc take blocks of 128 KiB and more from the system and give them back, for good.

    Left alone it raises that limit with every large block that is freed, to 32 MiB; the arrays of
    segments then lie between small objects, and the process grows by a third over the first 100 MB
    of input. Other C libraries are left as they are.
    """
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
