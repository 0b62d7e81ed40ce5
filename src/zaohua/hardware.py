"""What this machine, or the container around this process, has, and how its cores are shared."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

CGROUP = Path("/sys/fs/cgroup")
CPUINFO = Path("/proc/cpuinfo")
SPINS = "1000"
"""How often a computing thread looks whether the others are done before it sleeps.

With libgomp's own 300,000 a machine that has anything else to do decodes at a tenth and less of
its speed. Measured on two cores, tokens per second at rest and with other work: libgomp's own 134
and 4, this 134 and 25, sleeping at once (``OMP_WAIT_POLICY=passive``) 86 and 25.
"""


@dataclass(frozen=True, slots=True)
class Hardware:
    """Memory in bytes, and the cores this process may use."""

    total: int
    free: int
    cores: int


def hardware() -> Hardware:
    """Read anew at every call: others take and give back memory."""
    memory = psutil.virtual_memory()
    total, free = memory.total, memory.available
    for limit, used in (*_cgroup_memory(CGROUP), *_address_space()):
        total, free = min(total, limit), min(free, max(limit - used, 0))
    return Hardware(total, free, _cores(CGROUP))


@dataclass(frozen=True, slots=True)
class Processor:
    """Its name and its instruction sets; empty where the system does not tell."""

    name: str
    flags: frozenset[str]


def processor(cpuinfo: Path = CPUINFO) -> Processor:
    """The first one of this machine: they are all alike."""
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Processor("", frozenset())
    told = {
        key.strip(): value.strip()
        for key, _, value in (line.partition(":") for line in reversed(text.splitlines()))
    }
    return Processor(told.get("model name", ""), frozenset(told.get("flags", "").split()))


def sharing_cores(environment: Mapping[str, str]) -> dict[str, str]:
    """``environment`` with `SPINS`, unless it says itself how threads are to wait."""
    if "OMP_WAIT_POLICY" in environment or "GOMP_SPINCOUNT" in environment:
        return dict(environment)
    return {**environment, "GOMP_SPINCOUNT": SPINS}


def _cgroup_memory(root: Path) -> Iterator[tuple[int, int]]:
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        found = _number(root / limit)
        if found is not None:
            yield found, _number(root / used) or 0


def _address_space() -> Iterator[tuple[int, int]]:
    """The limit of ``ulimit -v``, where there is one."""
    try:
        import resource
    except ImportError:  # Windows
        return
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY:
        yield limit, psutil.Process().memory_info().vms


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _cores(root: Path) -> int:
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    try:
        quota, period = (root / "cpu.max").read_text().split()[:2]
        return max(1, min(cores, -(-int(quota) // int(period))))
    except (OSError, ValueError):
        return cores
