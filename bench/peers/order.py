"""What a driver is told to do: one JSON file, written by the benchmark, read in the contestant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

LONG = 50_000
"""Steps of a run that is stopped when its speed is known."""


@dataclass(frozen=True, slots=True)
class Layers:
    """Widths of a decoder, as far as the contestant lets them be chosen."""

    width: int
    depth: int
    heads: int
    kv_heads: int
    inner: int
    context: int
    vocab: int


@dataclass(frozen=True, slots=True)
class Order:
    """One run of one contestant.

    Attributes:
        peer: which driver.
        materials: folder with the data in every format.
        folder: of the run; checkpoint and logs go there.
        repository: clone of the peer; empty where it is a package.
        rows: a step learns from; each of ``length`` positions.
        precision: of matrix products.
        factor: of the learning rate (of all of them where there are several).
        options: what else differs between settings of the same peer.
        warm: steps before the first turn; 0: do not wait for turns, run to the end.
    """

    peer: str
    materials: str
    folder: str
    layers: Layers
    rows: int
    length: int
    steps: int
    precision: Literal["fp32", "bf16"] = "fp32"
    compiled: bool = False
    default: bool = False
    seed: int = 1
    factor: float = 1.0
    repository: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    warm: int = 0

    def save(self, path: Path) -> None:
        """Write it where `read` finds it."""
        path.write_text(json.dumps(asdict(self), indent=1))

    @staticmethod
    def read(path: Path) -> Order:
        """What `save` wrote."""
        found = json.loads(path.read_text())
        return Order(**{**found, "layers": Layers(**found["layers"])})

    @property
    def warmup(self) -> int:
        """Steps of a rising learning rate, 2 % of the run."""
        return max(1, round(0.02 * self.steps))
