"""What has been measured, in one JSON file written after every measurement."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from zaohua import __version__
from zaohua.store.files import write_atomic

PACKAGES = ("torch", "transformers", "accelerate", "tokenizers", "numpy")
FLAGS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")


class Results:
    """Measurements by key; the same key is not measured again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        found = json.loads(path.read_text()) if path.exists() else {}
        self.about: dict[str, Any] = found.get("about", {})
        self.measured: dict[str, Any] = found.get("measured", {})

    def get(self, key: str) -> Any:
        """What was measured, or ``None``."""
        return self.measured.get(key)

    def put(self, key: str, value: Mapping[str, Any]) -> None:
        """Keep a measurement."""
        self.measured[key] = dict(value)
        self.save()

    def save(self) -> None:
        """Write the file."""
        told = {"about": self.about, "measured": self.measured}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(self.path, json.dumps(told, indent=1, ensure_ascii=False).encode())

    def under(self, prefix: str) -> dict[str, Any]:
        """Measurements whose keys begin so, by the rest of the key."""
        return {k.removeprefix(prefix): v for k, v in self.measured.items() if k.startswith(prefix)}


class Budget:
    """Minutes that may be spent; nothing new is begun after them."""

    def __init__(self, minutes: float) -> None:
        self._end = time.monotonic() + minutes * 60 if minutes else float("inf")

    @property
    def spent(self) -> bool:
        """Whether it is time to stop."""
        return time.monotonic() >= self._end


def machine(threads: int) -> dict[str, Any]:
    """Processor, its instructions, versions."""
    told = _cpuinfo()
    flags = set(told.get("flags", "").split())
    return {
        "processor": told.get("model name", platform.processor() or platform.machine()),
        "threads": threads,
        "flags": [flag for flag in FLAGS if flag in flags],
        "bf16 instructions": bool(flags & {"avx512_bf16", "amx_bf16"}),
        "system": platform.platform(),
        "python": platform.python_version(),
        "zaohua": __version__,
        **{name: version(name) for name in PACKAGES},
    }


def _cpuinfo() -> dict[str, str]:
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return {}
    lines = path.read_text().split("\n\n")[0].splitlines()
    pairs = (line.partition(":") for line in lines)
    return {name.strip(): value.strip() for name, _, value in pairs}
