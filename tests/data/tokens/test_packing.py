from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from zaohua.data.tokens.packing import best_fit


def one_by_one(lengths: list[int], capacity: int) -> list[int]:
    """Room left in each row when pieces are placed one after the other, the longest first."""
    rooms: list[int] = []
    for length in sorted(lengths, reverse=True):
        fitting = [n for n, room in enumerate(rooms) if room >= length]
        if fitting:
            best = min(fitting, key=lambda n: rooms[n])
            rooms[best] -= length
        else:
            rooms.append(capacity - length)
    return rooms


@hypothesis(deadline=None)
@given(st.integers(1, 40).flatmap(lambda c: st.tuples(st.just(c), st.lists(st.integers(1, c)))))
def test_groups_of_equal_pieces_give_what_placing_one_by_one_gives(
    case: tuple[int, list[int]],
) -> None:
    capacity, lengths = case
    rows = best_fit(np.array(lengths, dtype=np.int32), capacity)
    filled = np.bincount(rows, weights=lengths) if lengths else np.empty(0)
    assert sorted(capacity - filled) == sorted(one_by_one(lengths, capacity))
    assert set(rows.tolist()) == set(range(len(filled)))


def test_the_plan_is_the_same_every_time() -> None:
    lengths = np.random.default_rng(3).integers(1, 512, 5000).astype(np.int32)
    assert np.array_equal(best_fit(lengths, 512), best_fit(lengths.copy(), 512))


def test_many_short_documents_fill_rows_almost_wholly() -> None:
    lengths = np.random.default_rng(5).integers(20, 200, 100_000).astype(np.int32)
    rows = best_fit(lengths, 512)
    assert lengths.sum() / (512 * (rows.max() + 1)) > 0.99
