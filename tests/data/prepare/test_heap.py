"""What preparing data does to the memory of the process."""

from __future__ import annotations

import resource
import sys

import numpy as np
import pytest

from zaohua.data.prepare.heap import steady_heap

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="glibc")


def faults() -> int:
    """Pages fetched while the same 8 MB are taken and given back 50 times.

    At least four each time: a page is 4 KiB, or 2 MiB where the system gives huge ones unasked.
    """
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        np.ones(1 << 20)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def test_large_blocks_go_back_to_the_system_only_while_data_is_prepared() -> None:
    with steady_heap():
        inside = faults()
    faults()  # the heap grows once
    assert inside >= 50 * 4
    assert faults() < inside / 10
