"""What is done with freed memory, each in a fresh process.

A process that has lived longer has free blocks of its own, which glibc uses before it asks the
system at all.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="glibc")

_FAULTS = """
import resource
import numpy as np
import psutil
from zaohua.heap import kept_heap, steady_heap

def faults(size):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        np.ones(size // 8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def resident():
    return psutil.Process().memory_info().rss

"""
"""``faults(size)``: pages fetched while a block of ``size`` bytes is taken and given back 50 times.

At least four for 8 MiB each time: a page is 4 KiB, or 2 MiB where numpy may ask for huge ones.
"""


def figures(script: str) -> list[int]:
    """What ``script`` prints."""
    ran = subprocess.run(
        [sys.executable, "-c", _FAULTS + script], check=True, capture_output=True, text=True
    )
    return [int(word) for word in ran.stdout.split()]


def test_large_blocks_go_back_to_the_system_only_while_data_is_prepared() -> None:
    inside, after = figures(
        """
size = 8 << 20
with steady_heap():
    inside = faults(size)
faults(size)  # the heap grows once
print(inside, faults(size))
"""
    )
    assert inside >= 50 * 4
    assert after < inside / 10


def test_the_largest_blocks_stay_while_a_model_learns_and_go_back_afterwards() -> None:
    size = 64 << 20  # more than glibc ever keeps by itself
    outside, inside, kept, later = figures(
        f"""
size = {size}
outside = faults(size)
with kept_heap():
    faults(size)
    inside, kept = faults(size), resident()
print(outside, inside, kept, resident())
"""
    )
    assert inside < outside / 10
    assert later < kept - size / 2
