"""Output head and cross-entropy in one, a block of positions at a time, in single precision.

Logits of a whole batch are the largest tensor of a small language model: 4,096 positions over
6,400 tokens are 105 MB, written and read several times by softmax, loss and gradient. Here each
block's logits are made, turned into the loss and its gradient while they are in the cache, and
dropped. Nothing is computed twice: the gradient is known as soon as the probabilities are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

BLOCK = 512
"""Positions whose logits exist at once."""


@dataclass(frozen=True, slots=True)
class TokenLoss:
    """Cross-entropy of n positions.

    Attributes:
        total: scalar with gradient: the sum over the positions, smoothed if asked.
        nll: float32[n], no gradient: negative log-likelihood in nats, never smoothed.
        correct: bool[n]: whether the likeliest token is the target; ``None`` while training,
            where finding it would cost a pass over the logits that nothing reads.
    """

    total: Tensor
    nll: Tensor
    correct: Tensor | None


def head_loss(hidden: Tensor, weight: Tensor, targets: Tensor, smoothing: float) -> TokenLoss:
    """Cross-entropy of ``hidden @ weight.T`` against ``targets``.

    Args:
        hidden: [n, width]; n may be 0.
        weight: [vocabulary, width] of a head without bias.
        targets: int64[n].
        smoothing: share of probability spread evenly over the vocabulary, as
            `torch.nn.functional.cross_entropy` defines it (Szegedy et al. 2016, section 7).
    """
    kind = hidden.device.type
    dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else weight.dtype
    with torch.autocast(kind, enabled=False):
        if torch.is_grad_enabled() and (hidden.requires_grad or weight.requires_grad):
            options = (smoothing, dtype)
            total, nll = _HeadLoss.apply(hidden, weight, targets, options)  # type: ignore[no-untyped-call]
            return TokenLoss(total, nll, correct=None)
        return _measured(hidden.to(dtype), weight.to(dtype), targets, smoothing)


def logits_loss(logits: Tensor, targets: Tensor, smoothing: float) -> TokenLoss:
    """The same for logits [n, classes] that are already there."""
    logp = functional.log_softmax(logits.float(), -1)
    nll = functional.nll_loss(logp, targets, reduction="none")
    total = nll.sum()
    if smoothing:
        total = (1 - smoothing) * total - smoothing * logp.mean(-1).sum()
    return TokenLoss(total, nll.detach(), logits.argmax(-1) == targets)


def _measured(states: Tensor, matrix: Tensor, targets: Tensor, smoothing: float) -> TokenLoss:
    parts = [
        logits_loss(states[part] @ matrix.T, targets[part], smoothing)
        for part in _blocks(len(targets))
    ]
    nll = torch.cat([states.new_empty(0, dtype=torch.float32), *(one.nll for one in parts)])
    right = [one.correct for one in parts if one.correct is not None]
    correct = torch.cat([torch.zeros_like(targets[:0], dtype=torch.bool), *right])
    return TokenLoss(sum((one.total for one in parts), nll.new_zeros(())), nll, correct)


class _HeadLoss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        weight: Tensor,
        targets: Tensor,
        options: tuple[float, torch.dtype],
    ) -> tuple[Tensor, Tensor]:
        smoothing, dtype = options
        matrix, states = weight.to(dtype), hidden.to(dtype)
        grad_hidden = torch.empty_like(states) if ctx.needs_input_grad[0] else None
        grad_weight = torch.zeros_like(weight) if ctx.needs_input_grad[1] else None
        nll, spread = hidden.new_empty(len(hidden), dtype=torch.float32), hidden.new_zeros(())
        for part in _blocks(len(targets)):
            goal = targets[part, None]
            logp = functional.log_softmax((states[part] @ matrix.T).float(), -1)
            nll[part] = -logp.gather(1, goal).squeeze(1)
            if smoothing:
                spread = spread - logp.mean(-1).sum()
            slope = _slope(logp, goal, smoothing).to(dtype)
            if grad_hidden is not None:
                torch.mm(slope, matrix, out=grad_hidden[part])
            if grad_weight is not None:
                _add_product(grad_weight, slope.T, states[part])
        ctx.save_for_backward(grad_hidden, grad_weight)
        ctx.hidden_dtype = hidden.dtype
        ctx.mark_non_differentiable(nll)
        return (1 - smoothing) * nll.sum() + smoothing * spread, nll

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        grad_hidden, grad_weight = ctx.saved_tensors
        to_hidden = None if grad_hidden is None else (grad_hidden * grad).to(ctx.hidden_dtype)
        to_weight = None if grad_weight is None else grad_weight * grad
        return to_hidden, to_weight, None, None


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, start + BLOCK) for start in range(0, count, BLOCK))


def _slope(logp: Tensor, goal: Tensor, smoothing: float) -> Tensor:
    """Gradient of the loss with respect to the logits, made in the place of ``logp``."""
    slope = logp.exp_()
    if smoothing:
        slope -= smoothing / slope.shape[1]
    return slope.scatter_add_(1, goal, slope.new_full(goal.shape, smoothing - 1))


def _add_product(total: Tensor, left: Tensor, right: Tensor) -> None:
    if total.dtype == left.dtype:
        total.addmm_(left, right)
    else:
        total += left @ right
