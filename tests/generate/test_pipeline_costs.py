"""What guesses cost is measured, and those are computed by which most is written in the time."""

from __future__ import annotations

import pytest

from zaohua.generate.pipeline.costs import Costs

SURE = [0.95**count for count in range(1, 17)]
DOUBTFUL = [0.3**count for count in range(1, 17)]


def measured(*steps: tuple[int, float]) -> Costs:
    costs = Costs()
    for tokens, seconds in steps:
        costs.note(tokens, seconds)
    return costs


def test_before_anything_is_measured_a_guess_costs_little() -> None:
    assert Costs().worth(SURE, 1) == 16
    assert Costs().worth(DOUBTFUL, 1) == 2
    assert Costs().worth(DOUBTFUL, 8) < 2
    assert Costs().worth([], 1) == 0


@pytest.mark.parametrize("writers", [1, 4])
def test_guesses_that_cost_a_whole_step_each_are_not_computed(writers: int) -> None:
    dear = measured(*((tokens, 0.01 * tokens) for tokens in (1, 4, 17, 20)))
    assert dear.worth(SURE, writers) == 0


def test_many_may_be_worth_it_where_few_are_not() -> None:
    """As where a product is made for sixteen tokens at once, or for one."""
    costs = measured((1, 0.01), (4, 0.04), (16, 0.05), (17, 0.05))
    assert costs.worth(SURE, 1) == 16
    assert costs.worth(SURE[:3], 1) == 0
    assert costs.worth(DOUBTFUL, 1) == 0


def test_what_was_slow_once_is_not_held_against_it() -> None:
    costs = measured((1, 0.01), (17, 0.9))
    assert costs.worth(SURE, 1) < 3
    costs.note(17, 0.02)
    assert costs.worth(SURE, 1) == 16


def test_what_is_not_worth_it_is_tried_again_now_and_then() -> None:
    costs, tried = measured((1, 0.01), (17, 0.9)), 0
    for _ in range(20_000):
        costs.note(1, 0.01)
        if costs.worth(SURE, 1) > 8:
            costs.note(costs.worth(SURE, 1) + 1, 0.5)
            tried += 1
    assert 5 < tried < 100


def test_what_has_become_slow_is_noticed() -> None:
    costs = measured((1, 0.01), (17, 0.02))
    for _ in range(40):
        costs.note(17, 0.9)
    assert costs.worth(SURE, 1) < 3


def test_the_first_step_may_have_had_many_tokens() -> None:
    assert measured((17, 0.02)).worth(SURE, 1) == 16
