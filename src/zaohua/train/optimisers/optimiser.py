"""One optimiser for the loop: one or two of torch's, with groups, rates, clipping, named state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from zaohua.train.optimisers.groups import Groups
from zaohua.train.optimisers.lion import Lion
from zaohua.train.optimisers.muon import Muon
from zaohua.train.optimisers.rates import Rates
from zaohua.train.spec import OptimiserSpec

SEPARATOR = "|"
"""Between parameter and quantity in the names of `Optimiser.tensors`."""


class Optimiser:
    """Torch optimisers over disjoint named parameters, stepped as one."""

    def __init__(
        self, parts: Sequence[torch.optim.Optimizer], named: Mapping[str, nn.Parameter]
    ) -> None:
        self.parts = list(parts)
        self.named = dict(named)
        for group in self._groups():
            group["peak"] = group["lr"]
        _require_once(self.parts, self.named.values())

    def rate(self, factor: float) -> None:
        """Set every learning rate to ``factor`` of its peak."""
        for group in self._groups():
            group["lr"] = group["peak"] * factor

    @property
    def lr(self) -> float:
        """The present learning rate of the first group."""
        return float(next(self._groups())["lr"])

    def clip(self, limit: float) -> float:
        """Scale the gradient down to the norm ``limit`` (0: never); its norm before."""
        parameters = list(self.named.values())
        norm = nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])
        if limit > 0:
            nn.utils.clip_grads_with_norm_(parameters, limit, norm)
        return float(norm)

    def step(self) -> None:
        """Update the parameters."""
        for part in self.parts:
            part.step()

    def clear(self) -> None:
        """Forget the gradient."""
        for parameter in self.named.values():
            parameter.grad = None

    def forget(self) -> None:
        """Forget what was gathered in past steps, as if there had been none."""
        for part in self.parts:
            part.state.clear()

    def tensors(self) -> dict[str, Tensor]:
        """What was gathered, as ``parameter|quantity``; `restore` takes it."""
        return {
            f"{name}{SEPARATOR}{quantity}": value
            for name, parameter in self.named.items()
            for part in self.parts
            for quantity, value in part.state.get(parameter, {}).items()
            if value is not None
        }

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take back what `tensors` gave.

        Raises:
            KeyError: it is of other parameters.
        """
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            name, quantity = key.rsplit(SEPARATOR, 1)
            state.setdefault(id(self.named[name]), {})[quantity] = value
        for part in self.parts:
            part.load_state_dict(_packed(part, state))

    def _groups(self) -> Iterator[dict[str, Any]]:
        return (group for part in self.parts for group in part.param_groups)


def make(
    spec: OptimiserSpec, found: Groups, rates: Rates, *, dtype: torch.dtype = torch.float32
) -> Optimiser:
    """The optimiser of a recipe over the parameters that train.

    Args:
        spec: name and constants.
        found: the parameters that train.
        rates: peak learning rates.
        dtype: in which Muon multiplies matrices.
    """
    named = {**found.matrices, **found.tables, **found.vectors}
    rest: dict[str, nn.Parameter] = {**found.tables, **found.vectors}
    if spec.name != "muon":
        return Optimiser([_single(spec, found, rates)], named)
    parts: list[torch.optim.Optimizer] = []
    if found.matrices:
        matrices = list(found.matrices.values())
        parts.append(Muon(matrices, rates.lr, spec.weight_decay, spec.momentum, dtype))
    if rest:
        parts.append(_adamw([_plain(rest, rates.embedding_lr)], spec))
    return Optimiser(parts, named)


def _single(spec: OptimiserSpec, found: Groups, rates: Rates) -> torch.optim.Optimizer:
    decaying = _plain(found.matrices, rates.lr) | {"weight_decay": spec.weight_decay}
    tables, vectors = _plain(found.tables, rates.embedding_lr), _plain(found.vectors, rates.lr)
    parameters = [group for group in (decaying, tables, vectors) if group["params"]]
    match spec.name:
        case "sgd":
            nesterov = spec.momentum > 0
            return torch.optim.SGD(parameters, momentum=spec.momentum, nesterov=nesterov)
        case "adafactor":
            return torch.optim.Adafactor(parameters)
        case "lion":
            return Lion(parameters, rates.lr, betas=(spec.beta1, spec.beta2))
        case "adamw":
            return _adamw(parameters, spec)
        case _:
            raise ValueError(f"{spec.name} is no optimiser; choose one first")


def _adamw(parameters: list[dict[str, Any]], spec: OptimiserSpec) -> torch.optim.Optimizer:
    """Fused: on a CPU five times faster than foreach, which is the slowest there."""
    return torch.optim.AdamW(parameters, betas=(spec.beta1, spec.beta2), fused=True)


def _plain(named: Mapping[str, nn.Parameter], lr: float) -> dict[str, Any]:
    return {"params": list(named.values()), "lr": lr, "weight_decay": 0.0}


def _packed(part: torch.optim.Optimizer, state: Mapping[int, dict[str, Tensor]]) -> dict[str, Any]:
    """The form of `torch.optim.Optimizer.load_state_dict`: parameters by their order."""
    order = [parameter for group in part.param_groups for parameter in group["params"]]
    numbered = {number: state[id(p)] for number, p in enumerate(order) if id(p) in state}
    return {"state": numbered, "param_groups": part.state_dict()["param_groups"]}


def _require_once(
    parts: Sequence[torch.optim.Optimizer], parameters: Iterable[nn.Parameter]
) -> None:
    """Every parameter is in exactly one group: a mistake here trains one twice or not at all."""
    held = [id(p) for part in parts for group in part.param_groups for p in group["params"]]
    if sorted(held) != sorted({id(p) for p in parameters}):
        raise ValueError("a parameter is in two groups or in none")
