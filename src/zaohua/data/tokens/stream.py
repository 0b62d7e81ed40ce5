"""Text as one stream: documents after one another, cut into rows wherever a row is full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from zaohua.data.tokens.rows import IGNORE, Row
from zaohua.data.tokens.shards import Shard


class StreamRows:
    """Rows cut from the concatenation of the documents of each shard.

    A document may go on in the next row, and attention sees what stands before it in its row.
    Every token is input once and target once, but for the first of a shard (no target) and its
    last (no input). The last row of a shard is padded. Where a token starts a document and does
    not end one, it is no target.
    """

    def __init__(
        self,
        shards: Sequence[Shard],
        length: int,
        pad: int,
        byte_lengths: npt.NDArray[np.int32],
        *,
        shared: bool,
    ) -> None:
        self.length, self.pad, self.byte_lengths = length, pad, byte_lengths
        self._shards, self._shared = shards, shared
        inputs = np.array([max(len(shard.tokens) - 1, 0) for shard in shards], dtype=np.int64)
        counts = -(-inputs // length)
        self._ends = np.cumsum(counts)
        self.lengths = self._row_lengths(inputs, counts)

    def __len__(self) -> int:
        """How many rows."""
        return int(self._ends[-1]) if len(self._ends) else 0

    @property
    def figures(self) -> Mapping[str, float]:
        """``rows`` and ``utilisation``: the share of positions that hold tokens."""
        used = float(self.lengths.sum(dtype=np.int64))
        return {"rows": len(self), "utilisation": used / max(len(self) * self.length, 1)}

    def __getitem__(self, index: int) -> Row:
        """Row number ``index``."""
        shard, first, size = self._place(index)
        tokens = np.full(self.length, self.pad, dtype=np.int64)
        targets = np.full(self.length, IGNORE, dtype=np.int64)
        segments = np.zeros(self.length, dtype=np.int32)
        tokens[:size] = shard.tokens[first : first + size]
        targets[:size] = shard.tokens[first + 1 : first + size + 1]
        segments[:size] = 1
        if not self._shared:
            low, high = np.searchsorted(shard.starts, [first + 1, first + size + 1])
            targets[shard.starts[low:high] - first - 1] = IGNORE
        return Row(tokens, targets, segments)

    def origin(self, index: int) -> str:
        """The shard, and the first and last document with a token in the row."""
        shard, first, size = self._place(index)
        low, high = np.searchsorted(shard.starts, [first, first + size], side="right") - 1
        return f"{shard.name}, documents {low} to {min(high, shard.documents - 1)}"

    def _place(self, index: int) -> tuple[Shard, int, int]:
        """The shard of a row, where it starts in it, how many positions it fills."""
        number = int(np.searchsorted(self._ends, index, side="right"))
        before = int(self._ends[number - 1]) if number else 0
        return self._shards[number], (index - before) * self.length, int(self.lengths[index])

    def _row_lengths(
        self, inputs: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int32]:
        lengths = np.full(int(counts.sum()), self.length, dtype=np.int32)
        last = self._ends[counts > 0] - 1
        lengths[last] = (inputs - (counts - 1) * self.length)[counts > 0]
        return lengths
