from __future__ import annotations

import math
from itertools import pairwise

import pytest

from zaohua.train.schedules import schedule
from zaohua.train.spec import ScheduleSpec


def factors(steps=100, **spec):
    factor = schedule(ScheduleSpec(**spec), steps)
    return [factor(step) for step in range(steps)]


@pytest.mark.parametrize("name", ["wsd", "cosine", "linear", "constant"])
def test_rising_is_linear_and_ends_at_the_peak(name):
    found = factors(name=name, warmup=0.1)
    assert found[:11] == pytest.approx([*(n / 10 for n in range(1, 11)), 1.0])


@pytest.mark.parametrize("name", ["wsd", "cosine", "linear"])
@pytest.mark.parametrize("final", [0.0, 0.1])
def test_falling_never_rises_and_stays_above_the_final_factor(name, final):
    found = factors(name=name, warmup=0.0, final=final)
    assert all(later <= earlier for earlier, later in pairwise(found))
    assert final < found[-1] < final + 0.05


def test_wsd_is_flat_until_its_share_of_falling():
    found = factors(name="wsd", warmup=0.1, decay=0.4)
    assert found[10:61] == [1.0] * 51
    assert found[80] == pytest.approx(0.5)
    assert found[99] == pytest.approx(1 / 40)


def test_cosine_is_half_way_down_in_the_middle():
    found = factors(name="cosine", warmup=0.0, final=0.2)
    assert found[50] == pytest.approx(0.6)
    assert found[25] == pytest.approx(0.2 + 0.8 * (1 + math.cos(math.pi / 4)) / 2)


def test_linear_falls_evenly():
    assert factors(steps=4, name="linear", warmup=0.0) == [1.0, 0.75, 0.5, 0.25]


def test_constant_stays():
    assert factors(name="constant", warmup=0.0) == [1.0] * 100


@pytest.mark.parametrize("spec", [{"warmup": 1.0}, {"decay": 0.0}, {"decay": 1.0}, {"warmup": 0.7}])
@pytest.mark.parametrize("steps", [1, 2, 7])
def test_extreme_shares_and_short_runs_give_factors_between_0_and_1(spec, steps):
    assert all(0.0 < factor <= 1.0 for factor in factors(steps=steps, **spec))
