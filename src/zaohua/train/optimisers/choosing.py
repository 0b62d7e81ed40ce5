"""Which optimiser, where the recipe leaves it open."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor

from zaohua.train.optimisers.muon import STEPS
from zaohua.train.spec import OptimiserSpec

BEARABLE = 0.25
"""Work of Muon's orthogonalisation at most, as a share of a step's; it saves more than that."""


def chosen(
    spec: OptimiserSpec, matrices: Iterable[Tensor], *, step_flops: float, alien: bool
) -> OptimiserSpec:
    """With a name in place of ``auto``.

    Muon, unless its orthogonalisation, which does not shrink with the batch, would take too much of
    a step; and AdamW for models that others trained, mostly with AdamW: going on from those Muon
    gains nothing (Liu et al., 2025, Moonlight, §3.5).

    Args:
        spec: kept if it has a name.
        matrices: of hidden layers, that train.
        step_flops: floating point operations of a step, forward and backward.
        alien: whether the run goes on from a model that was not trained here.
    """
    if spec.name != "auto":
        return spec
    dear = sum(orthogonal_flops(*matrix.shape) for matrix in matrices) > BEARABLE * step_flops
    return spec.model_copy(update={"name": "adamw" if alien or dear else "muon"})


def orthogonal_flops(rows: int, columns: int) -> int:
    """Operations of `zaohua.train.optimisers.muon.orthogonal` for one matrix."""
    short, long = sorted((rows, columns))
    return STEPS * (4 * short**2 * long + 2 * short**3)
