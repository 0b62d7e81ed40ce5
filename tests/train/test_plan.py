from __future__ import annotations

import pytest

from zaohua.train import plan
from zaohua.train.optimisers import Rates
from zaohua.train.plan import Size
from zaohua.train.spec import OptimiserSpec, TrainSpec

SIZE = Size(rows=1000, length=512)


def _spec(**changes: object) -> TrainSpec:
    return TrainSpec.model_validate({"data": "d", "objective": "causal", **changes})


def test_row_length() -> None:
    new = _spec(tokenizer="t")
    assert plan.row_length(new, 256, 0).value == 256
    own = _spec(model={"start": "m", "context": 100})
    assert (plan.row_length(own, 256, 64).value, plan.row_length(own, 256, 64).why) == (
        100,
        "recipe",
    )
    gone_on = _spec(model={"start": "m"})
    assert plan.row_length(gone_on, 256, 64).value == 64
    assert plan.row_length(gone_on, 8192, 0).value == 512
    assert plan.row_length(gone_on, 128, 0).value == 128


@pytest.mark.parametrize(
    ("changes", "inherited", "rows"),
    [
        ({"batch_tokens": 4096}, 0, 8),
        ({"batch_tokens": 100}, 0, 1),
        ({"objective": "classify", "epochs": 3}, 9999, 32),
        ({"steps": 50}, 0, 8),
        ({"steps": 50}, 8192, 16),
        ({"minutes": 5}, 0, 8),
        ({"tokens": 10e6}, 2048, 8),
        ({"tokens": 1e9}, 0, 64),
        ({"epochs": 2}, 0, 4),
        ({"tokens": 1e3}, 0, 4),
        ({"tokens": 1e15}, 0, 1024),
    ],
)
def test_rows_a_step(changes: dict[str, object], inherited: int, rows: int) -> None:
    assert plan.rows_a_step(_spec(**changes), SIZE, inherited).value == rows


@pytest.mark.parametrize(
    ("changes", "steps"),
    [
        ({"steps": 7}, 7),
        ({"tokens": 8192 * 10}, 10),
        ({"tokens": 8192 * 10 + 1}, 11),
        ({"epochs": 1}, 63),
        ({"epochs": 0.001}, 1),
        ({"minutes": 3}, 0),
    ],
)
def test_steps(changes: dict[str, object], steps: int) -> None:
    assert plan.steps(_spec(**changes), SIZE, 16).value == steps


def test_lines_say_value_and_reason() -> None:
    assert plan.steps(_spec(epochs=1), SIZE, 16).line() == "steps 63 (1 epochs of 1,000 rows)"
    measured = plan.steps(_spec(minutes=2), SIZE, 16)
    assert measured.line() == "steps measured, for 2 minutes"
    rates = plan.rates(OptimiserSpec(name="muon", lr=0.01), Rates(0.01, 0.002))
    assert [choice.line() for choice in rates] == [
        "learning rate 0.01 (recipe)",
        "embedding rate 0.002 (size of model and batch)",
    ]
    assert len(plan.rates(OptimiserSpec(name="adamw"), Rates(0.01, 0.01))) == 1
