"""Lion: the sign of an interpolated momentum (Chen et al., 2023, algorithm 2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch


class Lion(torch.optim.Optimizer):
    """Half of AdamW's memory; wants a learning rate 3 to 10 times smaller, decay as much larger."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update the parameters that have a gradient."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, parameter.grad, group)

    def _update(
        self, parameter: torch.Tensor, gradient: torch.Tensor, group: dict[str, Any]
    ) -> None:
        beta1, beta2 = group["betas"]
        state = self.state[parameter]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(parameter)
        momentum: torch.Tensor = state["momentum_buffer"]
        parameter.mul_(1.0 - group["lr"] * group["weight_decay"])
        parameter.add_(momentum.lerp(gradient, 1.0 - beta1).sign_(), alpha=-group["lr"])
        momentum.lerp_(gradient, 1.0 - beta2)
