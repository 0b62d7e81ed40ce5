"""Which rows each step learns from, as batches: a pure function of seed and step.

Nothing here has a state that a checkpoint would have to keep: step 1,000 is the same whether 999
steps came before it or none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from zaohua.data.tokens.rows import Rows
from zaohua.train.objective import Batch, Objective

VALIDATION = 2**31
"""Where a step number stands in the seed of chance, for validation: no run has so many steps."""


@dataclass(frozen=True, slots=True)
class Meal:
    """What one step learns from.

    Attributes:
        numbers: the rows of each micro-batch.
        batches: the micro-batches.
        weight: targets of all of them.
        positions: positions of all of them, padding included.
    """

    numbers: tuple[tuple[int, ...], ...]
    batches: tuple[Batch, ...]
    weight: int
    positions: int


@dataclass(frozen=True, slots=True)
class Feed:
    """Steps of ``rows_a_step`` rows in micro-batches of ``rows_a_batch``, epoch after epoch.

    With several processes each takes every ``processes``-th micro-batch.
    """

    rows: Rows
    objective: Objective
    seed: int
    rows_a_step: int
    rows_a_batch: int
    rank: int = 0
    processes: int = 1

    def numbers(self, step: int) -> list[int]:
        """The row numbers of one step, of all processes. Every epoch has every row once."""
        count = len(self.rows)
        first = step * self.rows_a_step
        places = (divmod(place, count) for place in range(first, first + self.rows_a_step))
        return [int(order(self.seed, epoch, count)[place]) for epoch, place in places]

    def meal(self, step: int) -> Meal:
        """The micro-batches of one step for this process."""
        parts = split(self._by_length(self.numbers(step)), self.rows_a_batch)
        mine = tuple(enumerate(parts))[self.rank :: self.processes]
        batches = tuple(self._batch(part, (self.seed, step, micro)) for micro, part in mine)
        return _meal(tuple(part for _, part in mine), batches)

    def meals(self, first: int, end: int) -> Iterator[Meal]:
        """The steps from ``first`` up to ``end``; the next is prepared while one is used."""
        if first >= end:
            return
        with ThreadPoolExecutor(1, thread_name_prefix="feed") as kitchen:
            coming = kitchen.submit(self.meal, first)
            for step in range(first + 1, end):
                meal = coming.result()
                coming = kitchen.submit(self.meal, step)
                yield meal
            yield coming.result()

    def validation(self, most: int = 0) -> Iterator[Meal]:
        """All rows, or ``most`` spread evenly; the same chance every time."""
        numbers = self._by_length(spread(len(self.rows), most))
        # every process has one, however few rows there are
        parts = split(numbers, max(1, min(self.rows_a_batch, len(numbers) // self.processes)))
        for micro, part in list(enumerate(parts))[self.rank :: self.processes]:
            batch = self._batch(part, (self.seed, VALIDATION, micro))
            yield _meal((part,), (batch,))

    def _by_length(self, numbers: Sequence[int]) -> list[int]:
        """In order of length: a micro-batch that is cut to its longest row has little to cut."""
        return sorted(numbers, key=lambda number: int(self.rows.lengths[number]))

    def _batch(self, numbers: Sequence[int], chance: tuple[int, ...]) -> Batch:
        draw = np.random.default_rng(chance)
        return self.objective.batch([self.rows[number] for number in numbers], draw)


@lru_cache(maxsize=4)
def order(seed: int, epoch: int, count: int) -> npt.NDArray[np.int64]:
    """The order of rows in an epoch: a permutation of ``count``."""
    return np.random.default_rng((seed, epoch)).permutation(count)


def spread(count: int, most: int) -> list[int]:
    """At most ``most`` of the numbers below ``count``, evenly spread (0: all of them)."""
    if most <= 0 or most >= count:
        return list(range(count))
    return [index * count // most for index in range(most)]


def split(numbers: Sequence[int], most: int) -> list[tuple[int, ...]]:
    """In the fewest parts of at most ``most``, as equal as can be: new shapes cost compilation."""
    count = -(-len(numbers) // most)
    ends = [len(numbers) * part // count for part in range(count + 1)]
    return [tuple(numbers[at:end]) for at, end in pairwise(ends)]


def _meal(numbers: tuple[tuple[int, ...], ...], batches: tuple[Batch, ...]) -> Meal:
    positions = sum(batch.inputs["input_ids"].numel() for batch in batches)
    return Meal(numbers, batches, sum(batch.weight for batch in batches), positions)
