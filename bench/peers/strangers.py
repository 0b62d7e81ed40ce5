"""How much of the machine others used while a contestant had its turn."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

import psutil

LIMIT = 0.15
"""Of one core: a turn with more is left out."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Seconds of CPU since some start: of the whole machine, of ours."""

    clock: float
    machine: float
    ours: float

    def strangers(self, later: Reading) -> float:
        """Cores that others used between two readings."""
        spent = (later.machine - self.machine) - (later.ours - self.ours)
        return max(0.0, spent / max(later.clock - self.clock, 1e-9))


def read(process: int) -> Reading:
    """Now, with ``process``, its children and this one as ours."""
    times = psutil.cpu_times()
    machine = times.user + times.nice + times.system + times.irq + times.softirq + times.steal
    return Reading(
        time.perf_counter(), machine, _tree(process) + sum(psutil.Process().cpu_times()[:2])
    )


def _tree(process: int) -> float:
    total = 0.0
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(process)
        for one in (root, *root.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += sum(one.cpu_times()[:2])
    return total
