"""Predict hidden tokens from both sides (Devlin et al. 2019, BERT, section 3.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from zaohua.data.tokens.rows import IGNORE, Row
from zaohua.train.bits import ByteCount
from zaohua.train.objective import Batch, Loss
from zaohua.train.objectives.causal import token_summary, token_sums
from zaohua.train.objectives.cross_entropy import logits_loss
from zaohua.train.objectives.hidden import all_logits, hidden_states, masked_head
from zaohua.train.objectives.stacking import positions_of, segments_of, tokens_of

Integers = npt.NDArray[np.int64]


class Masked:
    """Of a share of the tokens, 80 % are replaced by the mask token, 10 % by any other, 10 % kept.

    The share is met in every row as nearly as whole tokens allow, so that batches weigh the same;
    special tokens are never chosen, and every row that has text has at least one chosen token.
    """

    name = "masked"

    def __init__(
        self,
        byte_lengths: npt.NDArray[np.int32],
        *,
        mask_id: int,
        share: float,
        label_smoothing: float = 0.0,
    ) -> None:
        self.mask_id = mask_id
        self.share = share
        self.label_smoothing = label_smoothing
        self.ordinary = np.flatnonzero(np.asarray(byte_lengths) > 0)
        self.hideable = np.asarray(byte_lengths) > 0
        self.bytes = ByteCount(byte_lengths)

    def batch(self, rows: Sequence[Row], draw: np.random.Generator) -> Batch:
        """Masks the rows one after another; the same ``draw`` gives the same batch."""
        tokens, targets = tokens_of(rows), torch.full((len(rows), len(rows[0].tokens)), IGNORE)
        for number, row in enumerate(rows):
            hidden = self._hidden(row, draw)
            targets[number, hidden] = tokens[number, hidden]
            tokens[number, hidden] = torch.from_numpy(self._replaced(row.tokens[hidden], draw))
        segments = segments_of(rows)
        inputs = {"input_ids": tokens}
        if int(segments.max()) > 1 or int(segments.min()) == 0:
            inputs |= {
                "position_ids": positions_of(segments),
                "segments": segments,
                "attention_mask": (segments > 0).long(),
            }
        return Batch(inputs, targets, int((targets != IGNORE).sum()))

    def loss(self, model: nn.Module, batch: Batch) -> Loss:
        """Sum over the hidden tokens; only these reach the output head."""
        chosen = (batch.targets != IGNORE).flatten().nonzero().squeeze(1)
        targets = batch.targets.flatten()[chosen]
        states = hidden_states(model, batch.inputs).flatten(0, 1)[chosen]
        logits = masked_head(model, states)
        if logits is None:
            logits = all_logits(model, batch.inputs).flatten(0, 1)[chosen]
        outcome = logits_loss(logits, targets, self.label_smoothing)
        return Loss(outcome.total, token_sums(outcome, targets, self.bytes))

    def summary(self, sums: Mapping[str, float], weight: int) -> dict[str, float]:
        """As of the next token, but ``masked_bits_per_byte``: with both sides in view, and other
        tokens hidden, it measures something else than a code length.
        """
        figures = token_summary(sums, weight)
        if "bits_per_byte" in figures:
            figures["masked_bits_per_byte"] = figures.pop("bits_per_byte")
        return figures

    def _hidden(self, row: Row, draw: np.random.Generator) -> Integers:
        places = np.flatnonzero(self.hideable[row.tokens] & (row.segments > 0))
        if not len(places):
            return places
        count = max(1, round(self.share * len(places)))
        return np.sort(draw.permutation(places)[:count])

    def _replaced(self, tokens: Integers, draw: np.random.Generator) -> Integers:
        kind = draw.random(len(tokens))
        other = draw.choice(self.ordinary, len(tokens))
        return np.where(kind < 0.8, self.mask_id, np.where(kind < 0.9, other, tokens))
