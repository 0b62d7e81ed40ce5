"""What is trained for: an objective maps (model, batch) to a loss and sums to report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from torch import Tensor, nn

from zaohua.data.tokens.rows import Row


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows as tensors.

    Attributes:
        inputs: keyword arguments of the model (``input_ids`` [rows, length], ``position_ids``,
            ``segments`` when a row holds more than one document, …).
        targets: int64, what to learn; `zaohua.data.tokens.rows.IGNORE` where nothing.
        weight: how many targets there are. 0 is legal: the batch then teaches nothing.
    """

    inputs: Mapping[str, Tensor]
    targets: Tensor
    weight: int


@dataclass(frozen=True, slots=True)
class Loss:
    """The outcome of one forward pass.

    Attributes:
        total: scalar with gradient, the **sum** over the targets. The loop divides by the weight
            of the whole step, so that accumulation over micro-batches equals one large batch.
        sums: further scalars without gradient to be summed over batches (``correct``, ``nll`` …).
    """

    total: Tensor
    sums: Mapping[str, Tensor] = field(default_factory=dict)


class Objective(Protocol):
    """Causal or masked language modelling, chat, classification; later preference, reward …"""

    name: str

    def batch(self, rows: Sequence[Row], draw: np.random.Generator) -> Batch:
        """Rows as tensors; ``draw`` is the only source of chance (masking)."""
        ...

    def loss(self, model: nn.Module, batch: Batch) -> Loss:
        """Forward pass and loss; works with and without gradient, in training and evaluation."""
        ...

    def summary(self, sums: Mapping[str, float], weight: int) -> dict[str, float]:
        """From summed `Loss.sums` and total to figures: ``loss``, ``bits_per_byte`` …"""
        ...
