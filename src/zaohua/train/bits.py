"""Bits per byte: how well a model predicts a text, whatever its tokenizer.

Loss per token cannot be compared between tokenizers: longer tokens are fewer and harder. Divided
by the UTF-8 bytes that the predicted tokens stand for, it can: a gzip of the same text, an n-gram
model and any language model are then on one scale, and 8 means that nothing was learned.

Special tokens stand for no bytes. Their nats are left out too, for they encode nothing of the
text: a model that knows where a document ends would otherwise look better on short documents.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor


class ByteCount:
    """Bytes and nats of predicted tokens, as sums that can be added over batches."""

    def __init__(self, byte_lengths: npt.NDArray[np.int32]) -> None:
        """``byte_lengths``: [vocabulary], 0 for special tokens (`Rows.byte_lengths`)."""
        self.lengths = torch.from_numpy(np.asarray(byte_lengths, np.int64))

    def sums(self, nll: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """``bytes`` of the targets and ``byte_nll``, the nats of those that have bytes.

        Args:
            nll: float32[n], nats of each target.
            targets: int64[n].
        """
        lengths = self.lengths.to(targets.device)[targets]
        return {"bytes": lengths.sum(), "byte_nll": nll[lengths > 0].sum()}


def bits_per_byte(sums: Mapping[str, float]) -> float | None:
    """From summed ``bytes`` and ``byte_nll``; ``None`` if no target had bytes."""
    if not sums.get("bytes"):
        return None
    return sums["byte_nll"] / math.log(2) / sums["bytes"]
