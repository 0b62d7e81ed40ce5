"""Where a run computes: one process, or many through `accelerate`. Nothing else knows of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import Tensor, nn

from zaohua.train.objective import Batch, Loss, Objective

if TYPE_CHECKING:
    from accelerate import Accelerator

Forward = Callable[[Batch], Loss]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Devices:
    """One process on one device, unless there is an accelerator."""

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    accelerator: Accelerator | None = None

    @property
    def rank(self) -> int:
        """The number of this process."""
        return self.accelerator.process_index if self.accelerator else 0

    @property
    def processes(self) -> int:
        """How many there are."""
        return self.accelerator.num_processes if self.accelerator else 1

    def forward(self, model: nn.Module, objective: Objective) -> tuple[Forward, Any]:
        """How a batch becomes a loss, and the module whose gradients are shared (or ``None``)."""
        model.to(self.device)
        if self.accelerator is None or self.processes == 1:
            return lambda batch: objective.loss(model, batch), None
        shared = self.accelerator.prepare_model(_Forward(model, objective))
        return lambda batch: Loss(*shared(batch)), shared

    def computing(self, precision: torch.dtype) -> AbstractContextManager[object]:
        """Matrix products in a precision; what is kept stays in float32."""
        if precision is torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, precision)

    def sharing(self, shared: Any, last: bool) -> AbstractContextManager[object]:
        """Gradients are exchanged once a step, after the ``last`` micro-batch."""
        return nullcontext() if shared is None or last else shared.no_sync()

    def place(self, batch: Batch) -> Batch:
        """The batch on the device."""
        if self.device.type == "cpu":
            return batch
        inputs = {name: self._move(value) for name, value in batch.inputs.items()}
        return replace(batch, inputs=inputs, targets=self._move(batch.targets))

    def total(self, values: Sequence[float]) -> list[float]:
        """Each value summed over all processes."""
        if self.accelerator is None or self.processes == 1:
            return list(values)
        mine = torch.tensor(values, dtype=torch.float64, device=self.device)
        summed: list[float] = self.accelerator.reduce(mine, "sum").tolist()
        return summed

    def same(self, value: T) -> T:
        """The first process's value, in all of them."""
        if self.processes == 1:
            return value
        from accelerate.utils import broadcast_object_list

        shared: list[T] = broadcast_object_list([value])
        return shared[0]

    def wait(self) -> None:
        """Until all processes are here."""
        if self.accelerator is not None:
            self.accelerator.wait_for_everyone()

    def _move(self, value: Tensor) -> Tensor:
        return value.to(self.device, non_blocking=True)


def this_device() -> Devices:
    """All the processes that a launcher started (``accelerate launch``, ``torchrun``), else the GPU
    of this machine, else its processor.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        from accelerate import Accelerator

        accelerator = Accelerator(cpu=not torch.cuda.is_available())
        return Devices(accelerator.device, accelerator)
    return Devices(torch.device("cuda" if torch.cuda.is_available() else "cpu"))


class _Forward(nn.Module):
    """The objective as a module, because gradients are shared by what wraps a module's call."""

    def __init__(self, model: nn.Module, objective: Objective) -> None:
        super().__init__()
        self.model = model
        self._objective = objective

    def forward(self, batch: Batch) -> tuple[Tensor, Mapping[str, Tensor]]:
        loss = self._objective.loss(self.model, batch)
        return loss.total, loss.sums
