"""Micro-batches computed without consequences: what fits, what compiles, how long it takes."""

from __future__ import annotations

import statistics
import time

import numpy as np
import torch

from zaohua.data.tokens.rows import Rows
from zaohua.train.devices import Devices
from zaohua.train.objective import Batch, Loss, Objective
from zaohua.train.optimisers import Optimiser

MEASURED = 5
"""Micro-batches that are timed."""


class Trial:
    """Steps with a learning rate of 0, whose traces are removed."""

    def __init__(
        self,
        model: torch.nn.Module,
        objective: Objective,
        rows: Rows,
        devices: Devices,
        precision: torch.dtype,
    ) -> None:
        self.model, self.objective, self.rows = model, objective, rows
        self.devices, self.dtype = devices, precision
        model.to(devices.device).train()

    def batch(self, rows: int, turn: int = 0) -> Batch:
        """``rows`` rows from all over the data, other ones each turn.

        Neighbours can be alike: packed rows lie in order of what they hold.
        """
        numbers = [
            (index * len(self.rows) // rows + turn) % len(self.rows) for index in range(rows)
        ]
        chosen = [self.rows[number] for number in numbers]
        return self.devices.place(self.objective.batch(chosen, np.random.default_rng(0)))

    def forward(self, batch: Batch) -> Loss:
        """The loss, in the precision of the run."""
        with self.devices.computing(self.dtype):
            return self.objective.loss(self.model, batch)

    def attempt(self, rows: int, turn: int = 0) -> None:
        """Forward and backward pass of a micro-batch."""
        self.forward(self.batch(rows, turn)).total.backward()  # type: ignore[no-untyped-call]
        self.model.zero_grad(set_to_none=True)

    def seconds(self, rows: int) -> float:
        """Of a micro-batch, after one that is not counted (it compiles and allocates)."""
        self.attempt(rows)
        return statistics.mean(self._timed(rows, turn) for turn in range(1, MEASURED + 1))

    def update_seconds(self, optimiser: Optimiser) -> float:
        """Of an optimiser's step; what it gathered is forgotten."""
        self.forward(self.batch(1)).total.backward()  # type: ignore[no-untyped-call]
        optimiser.rate(0.0)
        times = [self._update(optimiser) for _ in range(MEASURED)]
        optimiser.clear()
        optimiser.forget()
        return statistics.median(times)

    def _timed(self, rows: int, turn: int) -> float:
        begun = time.perf_counter()
        self.attempt(rows, turn)
        self._finished()
        return time.perf_counter() - begun

    def _update(self, optimiser: Optimiser) -> float:
        begun = time.perf_counter()
        optimiser.clip(1.0)
        optimiser.step()
        self._finished()
        return time.perf_counter() - begun

    def _finished(self) -> None:
        if self.devices.device.type == "cuda":
            torch.cuda.synchronize()
