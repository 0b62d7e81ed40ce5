"""Pieces into rows by best fit, the longest first, in numpy and in O(n log n).

Pieces of one length are placed together: into the rows with the least room that is enough, each
row taking as many as fit before the next is touched, which is what placing them one after the
other by best fit would do. Truncation-free packing: Ding et al. 2024, "Fewer Truncations Improve
Language Modeling".
"""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt

Lengths = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.int64]


def best_fit(lengths: Lengths, capacity: int) -> Numbers:
    """The row of each piece, numbered from 0. Deterministic; no row holds more than ``capacity``.

    Args:
        lengths: [pieces], each from 1 to ``capacity``.
        capacity: positions in a row.
    """
    rows = np.empty(len(lengths), dtype=np.int64)
    order = np.argsort(-lengths, kind="stable")
    sizes, counts = np.unique(lengths, return_counts=True)
    open_rows = _OpenRows(capacity)
    first = 0
    for size, count in zip(sizes[::-1].tolist(), counts[::-1].tolist(), strict=True):
        rows[order[first : first + count]] = open_rows.place(size, count)
        first += count
    return rows


class _OpenRows:
    """Rows by the room left in them."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._made = 0
        self._by_room: dict[int, Numbers] = {}

    def place(self, size: int, count: int) -> Numbers:
        """The rows that ``count`` pieces of ``size`` go into."""
        placed: list[Numbers] = []
        rooms = [room for room in self._by_room if room >= size]
        heapq.heapify(rooms)
        while count and rooms:
            room = heapq.heappop(rooms)
            chosen = self._fill(self._by_room.pop(room), room, size, count)
            placed.append(chosen)
            count -= len(chosen)
        if count:
            each = self._capacity // size
            fresh = self._made + np.arange(-(-count // each), dtype=np.int64)
            self._made += len(fresh)
            placed.append(self._fill(fresh, self._capacity, size, count))
        return np.concatenate(placed)

    def _fill(self, rows: Numbers, room: int, size: int, count: int) -> Numbers:
        """Put up to ``count`` pieces into ``rows``, which all have ``room``; keep what is left."""
        each = room // size
        full, rest = divmod(min(count, each * len(rows)), each)
        self._keep(rows[:full], room - each * size)
        self._keep(rows[full : full + 1] if rest else rows[:0], room - rest * size)
        self._keep(rows[full + (rest > 0) :], room)
        return np.concatenate(
            [np.repeat(rows[:full], each), np.repeat(rows[full : full + 1], rest)]
        )

    def _keep(self, rows: Numbers, room: int) -> None:
        if room and len(rows):
            there = self._by_room.get(room)
            self._by_room[room] = rows if there is None else np.concatenate([there, rows])
