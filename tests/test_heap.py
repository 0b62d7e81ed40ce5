"""What is done with freed memory."""

from __future__ import annotations

import resource
import sys

import numpy as np
import psutil
import pytest

from zaohua.heap import kept_heap, steady_heap

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="glibc")


def faults(size: int = 8 << 20) -> int:
    """Pages fetched while a block of ``size`` bytes is taken and given back 50 times.

    At least four for 8 MB each time: a page is 4 KiB, or 2 MiB where numpy may ask for huge ones.
    """
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        np.ones(size // 8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def test_large_blocks_go_back_to_the_system_only_while_data_is_prepared() -> None:
    with steady_heap():
        inside = faults()
    faults()  # the heap grows once
    assert inside >= 50 * 4
    assert faults() < inside / 10


def test_the_largest_blocks_stay_while_a_model_learns_and_go_back_afterwards() -> None:
    size = 64 << 20  # more than glibc ever keeps by itself
    outside = faults(size)
    with kept_heap():
        faults(size)
        assert faults(size) < outside / 10
        kept = psutil.Process().memory_info().rss
    assert psutil.Process().memory_info().rss < kept - size / 2
