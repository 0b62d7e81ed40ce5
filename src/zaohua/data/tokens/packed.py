"""Documents packed whole into rows, several in one where they fit, long ones in pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zaohua.data.tokens.packing import Numbers, best_fit
from zaohua.data.tokens.rows import IGNORE, Row
from zaohua.data.tokens.shards import Shard


@dataclass(frozen=True, slots=True)
class Pieces:
    """Parts of documents that are each laid into one row: arrays of one length.

    Attributes:
        shard: number of the shard.
        document: number of the document in it.
        first: where the inputs start in the shard's tokens; the targets are one further.
        length: of inputs, and of targets.
        dropped: pieces left out because nothing is to be learned in them.
    """

    shard: npt.NDArray[np.int32]
    document: Numbers
    first: Numbers
    length: npt.NDArray[np.int32]
    dropped: int


class PackedRows:
    """Rows of whole documents, packed by best fit; a document longer than a row is cut in pieces.

    A piece's last target is the next piece's first token, so every token to be learned is a target
    exactly once. Attention does not cross segments; positions start at 0 in each. A document's
    last token is a target and never an input. Pieces with nothing to learn are left out (counted
    in `figures`), so every row teaches something.
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
        self._shards = shards
        self._pieces = _join([_pieces(n, s, length, shared) for n, s in enumerate(shards)])
        rows = best_fit(self._pieces.length, length)
        self._order = np.argsort(rows, kind="stable")
        count = int(rows.max(initial=-1)) + 1
        self._ends = np.cumsum(np.bincount(rows, minlength=count))
        filled = np.bincount(rows, weights=self._pieces.length, minlength=count)
        self.lengths = filled.astype(np.int32)

    def __len__(self) -> int:
        """How many rows."""
        return len(self._ends)

    @property
    def figures(self) -> Mapping[str, float]:
        """``rows``, ``pieces``, ``dropped_pieces``, ``utilisation`` (share of filled positions)."""
        used = float(self.lengths.sum(dtype=np.int64))
        return {
            "rows": len(self),
            "pieces": len(self._pieces.length),
            "dropped_pieces": self._pieces.dropped,
            "utilisation": used / max(len(self) * self.length, 1),
        }

    def __getitem__(self, index: int) -> Row:
        """Row number ``index``."""
        tokens = np.full(self.length, self.pad, dtype=np.int64)
        targets = np.full(self.length, IGNORE, dtype=np.int64)
        segments = np.zeros(self.length, dtype=np.int32)
        at = 0
        for number, piece in enumerate(self._members(index), start=1):
            shard = self._shards[self._pieces.shard[piece]]
            first, size = int(self._pieces.first[piece]), int(self._pieces.length[piece])
            here = slice(at, at + size)
            tokens[here] = shard.tokens[first : first + size]
            targets[here] = shard.tokens[first + 1 : first + size + 1]
            if shard.learned is not None:
                targets[here][~shard.learned[first + 1 : first + size + 1]] = IGNORE
            segments[here] = number
            at += size
        return Row(tokens, targets, segments)

    def origin(self, index: int) -> str:
        """The shards and the documents in the row."""
        members = self._members(index)
        names = [self._shards[number].name for number in self._pieces.shard[members]]
        documents = self._pieces.document[members].tolist()
        pairs = zip(names, documents, strict=True)
        return ", ".join(f"{name} document {number}" for name, number in pairs)

    def _members(self, index: int) -> Numbers:
        """The pieces of a row."""
        first = self._ends[index - 1] if index else 0
        return self._order[first : self._ends[index]]


def _pieces(number: int, shard: Shard, length: int, shared: bool) -> Pieces:
    """The pieces of one shard's documents, in order."""
    sizes = np.diff(shard.starts) - (0 if shared else 1)
    parts = np.maximum(-(-sizes // length), 0)
    document = np.repeat(np.arange(len(sizes)), parts)
    within = np.arange(len(document)) - np.repeat(np.cumsum(parts) - parts, parts)
    first = shard.starts[document] + within * length
    size = np.minimum(length, sizes[document] - within * length)
    taught = _has_targets(shard, first, size)
    return Pieces(
        shard=np.full(int(taught.sum()), number, dtype=np.int32),
        document=document[taught],
        first=first[taught],
        length=size[taught].astype(np.int32),
        dropped=int((~taught).sum()),
    )


def _has_targets(shard: Shard, first: Numbers, size: Numbers) -> npt.NDArray[np.bool_]:
    """Which pieces have something to learn."""
    if shard.learned is None:
        return np.ones(len(first), dtype=np.bool_)
    learned_before = np.concatenate([[0], np.cumsum(shard.learned, dtype=np.int64)])
    return np.asarray(learned_before[first + size + 1] > learned_before[first + 1])


def _join(parts: Sequence[Pieces]) -> Pieces:
    empty = Pieces(
        np.empty(0, np.int32),
        np.empty(0, np.int64),
        np.empty(0, np.int64),
        np.empty(0, np.int32),
        0,
    )
    parts = [empty, *parts]
    return Pieces(
        shard=np.concatenate([part.shard for part in parts]),
        document=np.concatenate([part.document for part in parts]),
        first=np.concatenate([part.first for part in parts]),
        length=np.concatenate([part.length for part in parts]),
        dropped=sum(part.dropped for part in parts),
    )
