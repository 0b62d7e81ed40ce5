"""Say which class a text belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import nn

from zaohua.data.tokens.rows import Row
from zaohua.train.objective import Batch, Loss
from zaohua.train.objectives.cross_entropy import logits_loss
from zaohua.train.objectives.hidden import all_logits
from zaohua.train.objectives.stacking import segments_of, tokens_of, trimmed


class Classify:
    """Cross-entropy of the class, read by the pooling and head of the model's own layout."""

    name = "classify"

    def __init__(self, *, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = label_smoothing

    def batch(self, rows: Sequence[Row], draw: np.random.Generator) -> Batch:
        """Cut to the longest text of the batch: short texts are not paid as if they were long."""
        length = trimmed(rows)
        segments = segments_of(rows)[:, :length].contiguous()
        inputs = {
            "input_ids": tokens_of(rows)[:, :length].contiguous(),
            "attention_mask": (segments > 0).long(),
            "segments": segments,
        }
        return Batch(inputs, torch.tensor([row.label for row in rows]), len(rows))

    def loss(self, model: nn.Module, batch: Batch) -> Loss:
        """Sum over the texts; sums ``nll`` and ``correct``."""
        logits = all_logits(model, batch.inputs)
        outcome = logits_loss(logits, batch.targets, self.label_smoothing)
        sums = {"nll": outcome.nll.sum()}
        if outcome.correct is not None:
            sums["correct"] = outcome.correct.sum()
        return Loss(outcome.total, sums)

    def summary(self, sums: Mapping[str, float], weight: int) -> dict[str, float]:
        """``loss`` (nats a text) and ``accuracy``."""
        if weight == 0:
            return {}
        return {"loss": sums["nll"] / weight, "accuracy": sums["correct"] / weight}
