"""Predict the next token: pretraining on text, and fine-tuning on chats.

The two are one computation. What differs is which positions have targets: in text all, in chats
the assistant's turns (and the token that ends them). The rows say so (`Row.targets`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from zaohua.data.tokens.rows import IGNORE, Row
from zaohua.train.bits import ByteCount, bits_per_byte
from zaohua.train.objective import Batch, Loss
from zaohua.train.objectives.cross_entropy import TokenLoss, head_loss, logits_loss
from zaohua.train.objectives.hidden import all_logits, hidden_states, plain_head
from zaohua.train.objectives.stacking import (
    positions_of,
    segments_of,
    targets_of,
    tokens_of,
)


class Causal:
    """Cross-entropy of the next token.

    Positions without a target never reach the output head: in chats, where the assistant says a
    third of the words, two thirds of the largest matrix product are saved.
    """

    def __init__(
        self,
        byte_lengths: npt.NDArray[np.int32],
        *,
        name: str = "causal",
        label_smoothing: float = 0.0,
    ) -> None:
        self.name = name
        self.label_smoothing = label_smoothing
        self.bytes = ByteCount(byte_lengths)

    def batch(self, rows: Sequence[Row], draw: np.random.Generator) -> Batch:
        """Positions and segments are given only where a row holds more than one document.

        Padding after a single document needs no mask: nothing before it can see it.
        """
        targets, segments = targets_of(rows), segments_of(rows)
        inputs = {"input_ids": tokens_of(rows)}
        if int(segments.max()) > 1:
            inputs |= {"position_ids": positions_of(segments), "segments": segments}
        return Batch(inputs, targets, int((targets != IGNORE).sum()))

    def loss(self, model: nn.Module, batch: Batch) -> Loss:
        """Sum over the targets; `token_sums` says what else is summed."""
        chosen = (batch.targets != IGNORE).flatten().nonzero().squeeze(1)
        targets = batch.targets.flatten()[chosen]
        outcome = self._outcome(model, batch.inputs, chosen, targets)
        return Loss(outcome.total, token_sums(outcome, targets, self.bytes))

    def summary(self, sums: Mapping[str, float], weight: int) -> dict[str, float]:
        """``loss`` (nats a token), ``perplexity``, ``bits_per_byte``, ``accuracy``."""
        return token_summary(sums, weight)

    def _outcome(
        self, model: nn.Module, inputs: Mapping[str, Tensor], chosen: Tensor, targets: Tensor
    ) -> TokenLoss:
        matrix = plain_head(model)
        if matrix is None:
            logits = all_logits(model, inputs).flatten(0, 1)[chosen]
            return logits_loss(logits, targets, self.label_smoothing)
        states = hidden_states(model, inputs).flatten(0, 1)
        # Taking every row costs a copy of the states, and a scatter on the way back.
        picked = states if len(chosen) == len(states) else states[chosen]
        return head_loss(picked, matrix, targets, self.label_smoothing)


def token_sums(outcome: TokenLoss, targets: Tensor, count: ByteCount) -> dict[str, Tensor]:
    """``nll``, ``bytes``, ``byte_nll``; without gradient also ``correct``."""
    sums = {"nll": outcome.nll.sum(), **count.sums(outcome.nll, targets)}
    if not torch.is_grad_enabled() and outcome.correct is not None:
        sums["correct"] = outcome.correct.sum()
    return sums


def token_summary(sums: Mapping[str, float], weight: int) -> dict[str, float]:
    """Figures from `token_sums`; empty if there was nothing to predict."""
    if weight == 0:
        return {}
    loss = sums["nll"] / weight
    figures = {"loss": loss, "perplexity": math.exp(min(loss, 700.0))}
    bits = bits_per_byte(sums)
    if bits is not None:
        figures["bits_per_byte"] = bits
    if "correct" in sums:
        figures["accuracy"] = sums["correct"] / weight
    return figures
