"""Learning rates from size, batch and objective, where the recipe gives none."""

from __future__ import annotations

from dataclasses import dataclass

from zaohua.train.spec import OptimiserSpec

FRESH = {"adamw": 3e-3, "muon": 7.5e-3, "lion": 5e-4, "sgd": 3e-2, "adafactor": 1e-2}
"""Peak rates of a new model of 5 million matrix parameters at 8,192 tokens a step.

Muon's is swept (nano on poems, 120 steps, one seed; docs/log.md), the others are usual values.
"""

FRESH_EMBEDDINGS = 1.6e-2
"""Of what Muon leaves to AdamW: in the same sweep 0.003, 0.006, 0.012, 0.025 and 0.05 for nano
gave 2.400, 2.313, 2.255, 2.220 and 2.214 bits per byte."""

CONTINUED = 0.1
"""Of the rate of a new model, for one that has learned before."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Peak learning rates: of matrices (or all, without Muon), and of what Muon leaves to AdamW."""

    lr: float
    embedding_lr: float

    def line(self) -> str:
        """For people."""
        tables = f" (embeddings {self.embedding_lr:g})" if self.embedding_lr != self.lr else ""
        return f"lr {self.lr:g}{tables}"


def derived(
    spec: OptimiserSpec, *, objective: str, parameters: int, tokens: int, fresh: bool
) -> Rates:
    """The rates of a run; those the recipe gives are kept.

    Larger models want smaller rates (about the fourth root of their parameters), larger batches
    larger ones (the root of their tokens, Malladi et al., 2022), both within bounds.

    Args:
        spec: its rates are kept where above 0.
        objective: ``causal``, ``masked``, ``chat``, ``classify``.
        parameters: in matrices of hidden layers.
        tokens: learned from in a step.
        fresh: whether the model is new.
    """
    factor = _size(parameters) * _batch(tokens) * (1.0 if fresh else CONTINUED)
    lr = spec.lr or _round(FRESH[spec.name] * factor)
    tables = FRESH_EMBEDDINGS * factor if spec.name == "muon" else lr
    return Rates(lr=lr, embedding_lr=spec.embedding_lr or _round(tables))


def _size(parameters: int) -> float:
    return float(min(max((5e6 / max(parameters, 1)) ** 0.25, 0.2), 2.0))


def _batch(tokens: int) -> float:
    return float(min(max((tokens / 8192) ** 0.5, 0.25), 4.0))


def _round(rate: float) -> float:
    """Two digits: what is printed is what is used."""
    return float(f"{rate:.2g}")
