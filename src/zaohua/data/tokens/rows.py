"""What training reads: rows of one length, with what is to be learned marked in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

IGNORE = -100
"""The target of a position where nothing is to be learned."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of ``length`` positions.

    Attributes:
        tokens: int64[length]; padding has the pad id.
        targets: int64[length]; **already shifted**: the token that follows at this position, or
            `IGNORE` (padding, other speakers' turns, the last position of a document).
        segments: int32[length]; 1, 2, … number the documents packed into the row, 0 is padding.
            Attention does not cross segments; positions start at 0 in each.
        label: class number, for classification.
    """

    tokens: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]
    segments: npt.NDArray[np.int32]
    label: int = -1


class Rows(Protocol):
    """A data set as rows, addressable by number, so that order is a matter of numbers alone."""

    length: int
    """Positions in a row."""

    pad: int
    """Token id of padding."""

    lengths: npt.NDArray[np.int32]
    """[rows]: positions used in each; the rest is padding."""

    byte_lengths: npt.NDArray[np.int32]
    """[vocabulary]: UTF-8 bytes that each token stands for; 0 for special tokens."""

    def __len__(self) -> int:
        """How many rows."""
        ...

    def __getitem__(self, index: int) -> Row:
        """Row number ``index``."""
        ...

    def origin(self, index: int) -> str:
        """Where the row came from, for error messages: shard file and documents."""
        ...
