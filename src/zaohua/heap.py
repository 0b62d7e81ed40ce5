"""What glibc does with freed memory; other C libraries are left as they are.

Left alone it takes blocks of 128 KiB and more from the system one by one, until the first of them
is freed: then it raises that limit to the block's size, up to 32 MiB. Both are wrong for us.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4  # malloc.h
_SMALL, _LARGE = 128 << 10, 32 << 20
"""Bytes: what glibc begins with, and the most that it comes to by itself."""

_MAPPED = 65536
"""Blocks that glibc takes one by one, at most."""


@contextmanager
def steady_heap() -> Iterator[None]:
    """While inside, blocks of 128 KiB and more come from the system and go back to it.

    For work that must not grow: arrays that come and go would otherwise lie between small objects,
    and preparing data grows by a third over the first 100 MB of input.
    """
    _set({_MMAP_THRESHOLD: _SMALL, _TRIM_THRESHOLD: 2 * _SMALL})
    try:
        yield
    finally:
        _restore()


@contextmanager
def kept_heap() -> Iterator[None]:
    """While inside, freed memory stays with the process, to be used again.

    For arithmetic on tensors, which are all taken anew at each step: fetching them from the system
    is up to a tenth of a step. What is free goes back at the end.
    """
    _set({_MMAP_MAX: 0, _TRIM_THRESHOLD: -1})
    try:
        yield
    finally:
        _restore()
        _call("malloc_trim", 0)


def _restore() -> None:
    """The limits that glibc would have come to by itself."""
    _set({_MMAP_MAX: _MAPPED, _MMAP_THRESHOLD: _LARGE, _TRIM_THRESHOLD: 2 * _LARGE})


def _set(limits: dict[int, int]) -> None:
    for name, value in limits.items():
        _call("mallopt", name, value)


def _call(function: str, *arguments: Any) -> None:
    if sys.platform == "linux" and (found := getattr(ctypes.CDLL(None), function, None)):
        found(*arguments)
