from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.train.material import VOCABULARY, Sums
from zaohua.train.feed import Feed, order, spread
from zaohua.train.objectives.causal import Causal


def feed(**changes):
    plain = {"seed": 3, "rows_a_step": 6, "rows_a_batch": 4}
    return Feed(Sums(count=10), Causal(np.ones(VOCABULARY, np.int32)), **{**plain, **changes})


def test_every_epoch_has_every_row_once():
    numbers = [number for step in range(5) for number in feed().numbers(step)]
    for epoch in range(3):
        assert sorted(numbers[epoch * 10 : epoch * 10 + 10]) == list(range(10))
    assert numbers[:10] != numbers[10:20]


def test_a_step_is_the_same_wherever_one_begins():
    whole = [meal.numbers for meal in feed().meals(0, 7)]
    assert [meal.numbers for meal in feed().meals(4, 7)] == whole[4:]


def test_a_step_larger_than_the_data_takes_rows_again():
    numbers = feed(rows_a_step=25).numbers(0)
    assert np.bincount(numbers).tolist().count(2) + np.bincount(numbers).tolist().count(3) == 10


def test_no_row_is_lost_in_micro_batches():
    meal = feed().meal(0)
    assert [len(part) for part in meal.numbers] == [3, 3]
    assert [number for part in meal.numbers for number in part] == feed().numbers(0)
    assert meal.weight == sum(batch.weight for batch in meal.batches)
    assert meal.positions == 6 * 16


def test_rows_of_like_length_meet_in_a_micro_batch():
    rows = Sums(count=10)
    rows.lengths = np.array([9, 2, 8, 3, 7, 4, 6, 5, 1, 16], np.int32)
    ragged = replace(feed(rows_a_step=10, rows_a_batch=3), rows=rows)
    parts = [[int(rows.lengths[number]) for number in part] for part in ragged.meal(0).numbers]
    assert parts == [[1, 2], [3, 4, 5], [6, 7], [8, 9, 16]]
    (first,), *_ = (meal.numbers for meal in ragged.validation())
    assert [int(rows.lengths[number]) for number in first] == [1, 2]


@pytest.mark.parametrize("processes", [2, 3])
def test_processes_share_a_step(processes):
    whole = feed(rows_a_step=12, rows_a_batch=2).meal(1)
    shares = [
        feed(rows_a_step=12, rows_a_batch=2, rank=rank, processes=processes).meal(1)
        for rank in range(processes)
    ]
    assert sorted(n for share in shares for n in share.numbers) == sorted(whole.numbers)
    assert sum(share.weight for share in shares) == whole.weight


def test_validation_is_even_and_always_the_same():
    assert spread(10, 4) == [0, 2, 5, 7]
    assert spread(10, 0) == spread(10, 99) == list(range(10))
    first, again = ([meal.numbers for meal in feed().validation(5)] for _ in range(2))
    assert first == again == [((0, 2),), ((4, 6, 8),)]


def test_order_depends_on_seed_and_epoch_only():
    assert order(1, 0, 20).tolist() == order(1, 0, 20).tolist()
    assert order(1, 0, 20).tolist() != order(2, 0, 20).tolist()
    assert order(1, 0, 20).tolist() != order(1, 1, 20).tolist()


def test_an_error_in_a_row_reaches_the_loop():
    class Broken(Sums):
        def __getitem__(self, index):
            raise OSError("the shard is gone")

    broken = Feed(Broken(), Causal(np.ones(VOCABULARY, np.int32)), 1, 4, 4)
    with pytest.raises(OSError, match="gone"):
        list(broken.meals(0, 2))
