"""One size under test: who can run in it, and how a run of them is ordered and started."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import bench
from bench.peers import shapes
from bench.peers.contestants import Contestant
from bench.peers.materials import Made
from bench.peers.order import Order
from bench.peers.turns import Runner
from zaohua.model.shapes import Shape

ROOT = Path(bench.__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Setting:
    """A size, its data, and the machine's share that contestants get.

    Attributes:
        python: the interpreter of the peers; zaohua has this one.
        repositories: folders of clones by name.
        rows: of ``length`` positions in a step.
    """

    size: str
    shape: Shape
    made: Made
    materials: Path
    work: Path
    python: Path
    repositories: dict[str, Path]
    rows: int
    length: int
    threads: int

    @property
    def key(self) -> str:
        """Where results of this setting begin."""
        return f"{self.size}/{self.rows}x{self.length}/"

    def architecture(self, contestant: Contestant) -> shapes.Architecture:
        """Its model in this size."""
        return shapes.of(contestant.peer, self.shape)

    def density(self, contestant: Contestant) -> float:
        """Targets learned a position: less than 1 where rows are padded."""
        if contestant.peer != "minimind":
            return 1.0
        return self.made.density if contestant.default else self.made.packed

    def order(
        self,
        contestant: Contestant,
        *,
        steps: int,
        seed: int = 1,
        factor: float = 1.0,
        warm: int = 0,
    ) -> Order:
        """A run in a folder of its own."""
        folder = self.work / "runs" / f"{contestant.name}-{uuid4().hex[:8]}"
        folder.mkdir(parents=True)
        found = self.architecture(contestant)
        own = {"size": self.size, "matrices": found.matrices - self.shape.width * self.shape.vocab}
        return Order(
            peer=contestant.peer,
            materials=str(self.materials.absolute()),
            folder=str(folder.absolute()),
            layers=replace(found.layers, context=self.length),
            rows=self.rows,
            length=self.length,
            steps=steps,
            precision=contestant.precision,
            compiled=contestant.compiled,
            default=contestant.default,
            seed=seed,
            factor=factor,
            repository=str(self.repositories.get(contestant.repository, "")),
            options={**contestant.options, **(own if contestant.peer == "zaohua" else {})},
            warm=warm,
        )

    def start(self, order: Order) -> Runner:
        """Start the contestant of an order."""
        path = Path(order.folder) / "order.json"
        order.save(path)
        python = sys.executable if order.peer in ("zaohua", "peak") else str(self.python)
        module = f"bench.peers.drivers.{order.peer}"
        return self.run([python, "-m", module, str(path)], path.parent, turns=order.warm > 0)

    def evaluate(self, order: Order, result: Path) -> Runner:
        """Start the evaluator on a finished order."""
        path = Path(order.folder) / "order.json"
        command = [str(self.python), "-m", "bench.peers.evaluator", str(path), str(result)]
        return self.run(command, path.parent, turns=False)

    def run(self, command: Sequence[str], folder: Path, *, turns: bool) -> Runner:
        """A process with the threads, caches and silence that all contestants have."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": str(self.threads),
            "TORCHINDUCTOR_CACHE_DIR": str(self.work / "inductor"),
            "HF_HUB_OFFLINE": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
        }
        return Runner(command, folder, environment, turns=turns)


def discard(order: Order) -> None:
    """Remove the folder of a run, and what zaohua made in its home for it."""
    model = Path(order.folder) / "model"
    if order.peer == "zaohua" and model.is_symlink():
        shutil.rmtree(model.resolve().parent, ignore_errors=True)
    shutil.rmtree(order.folder, ignore_errors=True)
