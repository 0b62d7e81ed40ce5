"""Muon: momentum, then the nearest orthogonal matrix as the update (Jordan et al., 2024).

`torch.optim.Muon` (2.13) does the same one matrix at a time and always in bfloat16, which a CPU
without bfloat16 multiplies a hundred times slower; here equal shapes go through one batched
product, in the type that the machine is fast in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of the quintic Newton-Schulz step, as published; they trade convergence for slope at zero."""

STEPS = 5
"""Of Newton-Schulz."""


class Muon(torch.optim.Optimizer):
    """For matrices of hidden layers.

    The update of an m x n matrix is scaled by ``0.2 sqrt(max(m, n))``, so that it has the size of
    AdamW's and takes AdamW's learning rate and decay (Liu et al., 2025, Moonlight, §2.2).

    Args:
        params: matrices, or groups of them.
        momentum: of the moving average of gradients; Nesterov's form.
        dtype: of the orthogonalisation.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        defaults = {"lr": lr, "weight_decay": weight_decay, "momentum": momentum}
        super().__init__(params, defaults)
        self._dtype = dtype

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update the matrices that have a gradient."""
        for group in self.param_groups:
            for alike in _by_shape(group["params"]):
                self._update(alike, group)

    def _update(self, moved: Sequence[tuple[Tensor, Tensor]], group: dict[str, Any]) -> None:
        first, _ = moved[0]
        directions = first.new_empty((len(moved), *first.shape), dtype=self._dtype)
        for direction, pair in zip(directions.unbind(), moved, strict=True):
            direction.copy_(self._direction(*pair, group["momentum"]))
        updates = orthogonal(directions)
        scale = 0.2 * max(updates.shape[1:]) ** 0.5
        for (matrix, _), update in zip(moved, updates.unbind(), strict=True):
            matrix.mul_(1.0 - group["lr"] * group["weight_decay"])
            matrix.add_(update, alpha=-group["lr"] * scale)

    def _direction(self, matrix: Tensor, gradient: Tensor, momentum: float) -> Tensor:
        state = self.state[matrix]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(matrix)
        average: Tensor = state["momentum_buffer"]
        average.lerp_(gradient, 1.0 - momentum)
        return gradient.lerp(average, momentum)


def orthogonal(matrices: Tensor) -> Tensor:
    """Singular values of [batch, m, n] matrices brought to about 1 (0.7 … 1.2)."""
    a, b, c = COEFFICIENTS
    tall = matrices.size(-2) > matrices.size(-1)
    x = matrices.mT if tall else matrices
    x = x / x.norm(dim=(-2, -1), keepdim=True).clamp(min=1e-7)
    for _ in range(STEPS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x


def _by_shape(matrices: Sequence[Tensor]) -> Iterable[list[tuple[Tensor, Tensor]]]:
    """Matrices that have a gradient, with it."""
    shapes: defaultdict[torch.Size, list[tuple[Tensor, Tensor]]] = defaultdict(list)
    for matrix in matrices:
        if matrix.grad is not None:
            shapes[matrix.shape].append((matrix, matrix.grad))
    return shapes.values()
