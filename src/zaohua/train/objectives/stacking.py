"""Rows as the tensors that models take."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from zaohua.data.tokens.rows import Row


def tokens_of(rows: Sequence[Row]) -> Tensor:
    """int64[rows, length]."""
    return torch.from_numpy(np.stack([row.tokens for row in rows]))


def targets_of(rows: Sequence[Row]) -> Tensor:
    """int64[rows, length]; shifted already by whoever made the rows, and never again."""
    return torch.from_numpy(np.stack([row.targets for row in rows]))


def segments_of(rows: Sequence[Row]) -> Tensor:
    """int32[rows, length]; 0 is padding."""
    return torch.from_numpy(np.stack([row.segments for row in rows]))


def positions_of(segments: Tensor) -> Tensor:
    """int64[rows, length]: places counted from 0 in each segment: 1 1 1 2 2 → 0 1 2 0 1."""
    places = torch.arange(segments.shape[1]).expand(segments.shape)
    begins = torch.ones_like(segments, dtype=torch.bool)
    begins[:, 1:] = segments[:, 1:] != segments[:, :-1]
    return places - torch.where(begins, places, 0).cummax(1).values


def trimmed(rows: Sequence[Row], multiple: int = 32) -> int:
    """Positions up to the last that any row uses, rounded up: what follows is padding in all.

    Rounded so that a compiled model meets few shapes.
    """
    used = max(int(np.count_nonzero(row.segments)) for row in rows)
    return min(len(rows[0].tokens), -(-max(used, 1) // multiple) * multiple)
