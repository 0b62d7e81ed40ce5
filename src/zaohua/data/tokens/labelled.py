"""One labelled document a row, cut to fit, padded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from zaohua.data.tokens.rows import IGNORE, Row
from zaohua.data.tokens.shards import Shard


class LabelledRows:
    """Rows of one document each, boundary tokens included, with its class number.

    A document that is too long loses tokens before its last one, so that the end stays;
    `figures` says how many are cut.
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
        self._shards, self._extra = shards, 1 if shared else 0
        self._ends = np.cumsum([shard.documents for shard in shards], dtype=np.int64)
        sizes = [np.diff(shard.starts) + self._extra for shard in shards]
        whole = np.concatenate([*sizes, np.empty(0, dtype=np.int64)])
        self._cut = int((whole > length).sum())
        self.lengths = np.minimum(whole, length).astype(np.int32)

    def __len__(self) -> int:
        """How many rows."""
        return int(self._ends[-1]) if len(self._ends) else 0

    @property
    def figures(self) -> Mapping[str, float]:
        """``rows`` and ``truncated``: documents that were cut."""
        return {"rows": len(self), "truncated": self._cut}

    def __getitem__(self, index: int) -> Row:
        """Row number ``index``."""
        shard, document = self._place(index)
        first, last = shard.starts[document], shard.starts[document + 1] + self._extra
        size = int(self.lengths[index])
        tokens = np.full(self.length, self.pad, dtype=np.int64)
        segments = np.zeros(self.length, dtype=np.int32)
        tokens[:size] = shard.tokens[first : first + size]
        tokens[size - 1] = shard.tokens[last - 1]
        segments[:size] = 1
        targets = np.full(self.length, IGNORE, dtype=np.int64)
        label = -1 if shard.labels is None else int(shard.labels[document])
        return Row(tokens, targets, segments, label)

    def origin(self, index: int) -> str:
        """The shard and the document in the row."""
        shard, document = self._place(index)
        return f"{shard.name}, document {document}"

    def _place(self, index: int) -> tuple[Shard, int]:
        """The shard of a row and the number of its document there."""
        number = int(np.searchsorted(self._ends, index, side="right"))
        before = int(self._ends[number - 1]) if number else 0
        return self._shards[number], index - before
