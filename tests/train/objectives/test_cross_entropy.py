from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from zaohua.train.objectives.cross_entropy import BLOCK, head_loss, logits_loss


def _problem(count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(3)
    hidden = torch.randn(count, 24, generator=draw).requires_grad_()
    weight = torch.randn(97, 24, generator=draw).requires_grad_()
    return hidden, weight, torch.randint(97, (count,), generator=draw)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("count", [1, BLOCK, 2 * BLOCK + 7])
def test_loss_and_gradients_are_those_of_pytorch(count: int, smoothing: float) -> None:
    hidden, weight, targets = _problem(count)
    plain = functional.cross_entropy(
        hidden @ weight.T, targets, reduction="sum", label_smoothing=smoothing
    )
    expected = torch.autograd.grad(plain / 7, [hidden, weight])
    ours = head_loss(hidden, weight, targets, smoothing)
    found = torch.autograd.grad(ours.total / 7, [hidden, weight])
    torch.testing.assert_close(ours.total, plain)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    likelihood = functional.cross_entropy(hidden @ weight.T, targets, reduction="none")
    torch.testing.assert_close(ours.nll, likelihood)
    assert not ours.nll.requires_grad


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_evaluation_gives_the_same_loss_and_what_was_right(smoothing: float) -> None:
    hidden, weight, targets = _problem(BLOCK + 3)
    taught = head_loss(hidden, weight, targets, smoothing)
    with torch.inference_mode():
        seen = head_loss(hidden, weight, targets, smoothing)
    torch.testing.assert_close(seen.total, taught.total.detach())
    torch.testing.assert_close(seen.nll, taught.nll)
    right = (hidden @ weight.T).argmax(-1) == targets
    assert seen.correct is not None
    assert torch.equal(seen.correct, right)
    assert taught.correct is None


def test_a_frozen_head_gets_no_gradient_and_a_frozen_trunk_none() -> None:
    hidden, weight, targets = _problem(9)
    head_loss(hidden, weight.detach(), targets, 0.0).total.backward()
    assert hidden.grad is not None
    hidden, weight, targets = _problem(9)
    head_loss(hidden.detach(), weight, targets, 0.0).total.backward()
    assert weight.grad is not None


def test_nothing_to_learn_is_zero_with_zero_gradients() -> None:
    hidden, weight, _ = _problem(0)
    ours = head_loss(hidden, weight, torch.empty(0, dtype=torch.int64), 0.1)
    ours.total.backward()
    assert ours.total.item() == 0
    assert weight.grad is not None
    assert weight.grad.abs().sum().item() == 0
    with torch.no_grad():
        seen = head_loss(hidden, weight, torch.empty(0, dtype=torch.int64), 0.1)
    assert (seen.total.item(), len(seen.nll)) == (0, 0)


def test_half_precision_computes_the_loss_in_single() -> None:
    hidden, weight, targets = _problem(40)
    with torch.autocast("cpu", torch.bfloat16):
        ours = head_loss(hidden, weight, targets, 0.0)
    assert ours.nll.dtype == torch.float32
    rounded = (hidden.bfloat16() @ weight.bfloat16().T).float()
    expected = functional.cross_entropy(rounded, targets, reduction="sum")
    torch.testing.assert_close(ours.total, expected, rtol=1e-5, atol=1e-4)
    ours.total.backward()
    assert hidden.grad is not None
    assert weight.grad is not None
    assert (hidden.grad.dtype, weight.grad.dtype) == (torch.float32, torch.float32)
    plain = functional.cross_entropy(hidden @ weight.T, targets, reduction="sum")
    exact = torch.autograd.grad(plain, [weight])[0]
    assert (weight.grad - exact).norm() / exact.norm() < 0.02


def test_logits_that_are_there_already_give_the_same() -> None:
    hidden, weight, targets = _problem(30)
    given = logits_loss(hidden @ weight.T, targets, 0.2)
    torch.testing.assert_close(given.total, head_loss(hidden, weight, targets, 0.2).total)
