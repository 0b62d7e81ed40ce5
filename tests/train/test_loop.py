from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tests.train.material import Sums, job, losses, tiny
from zaohua.train.loop import train
from zaohua.train.optimisers import Rates, groups, make
from zaohua.train.spec import OptimiserSpec


def parameters(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def test_a_model_learns(tmp_path):
    outcome = train(job(tmp_path, steps=60))
    assert losses(outcome.history)[0] > 4.0
    assert losses(outcome.history)[-1] < 3.5
    assert outcome.metrics["loss"] < 3.6
    assert outcome.steps == 60 and outcome.skipped == 0
    assert outcome.tokens == 60 * 8 * 16
    assert outcome.best["loss"] == min(
        e["loss"] for e in outcome.history if e["kind"] == "validation"
    )


def test_accumulated_micro_batches_equal_one_large_batch(tmp_path):
    """Rows differ in weight, so a mean of means would not be equal."""
    whole, parts = tiny(), tiny()
    train(job(tmp_path / "whole", model=whole, steps=3))
    outcome = train(job(tmp_path / "parts", model=parts, steps=3, rows_a_batch=3))
    assert outcome.steps == 3
    for name, value in parameters(whole).items():
        torch.testing.assert_close(parameters(parts)[name], value, atol=2e-6, rtol=1e-4)


def test_the_loss_of_a_step_is_the_mean_over_all_its_targets(tmp_path):
    model = tiny()
    plain = job(tmp_path, model=model, steps=1, rows_a_batch=3, validation=None)
    batch = plain.objective.batch([plain.rows[i] for i in range(40)], None)
    with torch.no_grad():
        expected = float(plain.objective.loss(model, batch).total) / batch.weight
    outcome = train(replace(plain, rows_a_step=40))
    assert losses(outcome.history) == [pytest.approx(expected, rel=1e-6)]


def test_a_step_without_targets_is_skipped_and_counted(tmp_path):
    silent = Sums(count=4, silent=frozenset(range(4)))
    model = tiny()
    before = parameters(model)
    outcome = train(job(tmp_path, model=model, rows=silent, steps=3, rows_a_step=2))
    assert outcome.skipped == outcome.steps == 3
    assert outcome.targets == 0
    assert all(torch.equal(value, before[name]) for name, value in parameters(model).items())


def test_a_micro_batch_without_targets_changes_nothing(tmp_path):
    whole, parts = tiny(), tiny()
    rows = Sums(count=4, silent=frozenset({0, 1}))
    plain = {"rows": rows, "steps": 4, "rows_a_step": 4}
    train(job(tmp_path / "a", model=whole, rows_a_batch=4, **plain))
    outcome = train(job(tmp_path / "b", model=parts, rows_a_batch=1, **plain))
    assert outcome.skipped == 0
    for name, value in parameters(whole).items():
        torch.testing.assert_close(parameters(parts)[name], value, atol=2e-6, rtol=1e-4)


@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_validating_does_not_change_training(tmp_path, dropout):
    without = train(job(tmp_path / "a", dropout=dropout, validation=None))
    often = train(job(tmp_path / "b", dropout=dropout, validate_every=1))
    assert losses(without.history) == losses(often.history)


def test_validating_first_leaves_every_parameter_trainable(tmp_path):
    model = tiny()
    before = parameters(model)
    outcome = train(job(tmp_path, model=model, steps=2))
    assert outcome.history[0]["kind"] == "validation" and outcome.history[0]["step"] == 0
    after = parameters(model)
    assert [name for name in before if torch.equal(before[name], after[name])] == []


def test_dropout_is_on_in_training_although_the_model_came_in_evaluation_mode(tmp_path):
    plain = train(job(tmp_path / "a", model=tiny().eval()))
    dropped = train(job(tmp_path / "b", model=tiny(attention_dropout=0.3).eval()))
    assert losses(plain.history)[0] != losses(dropped.history)[0]


def test_the_same_seed_gives_the_same_losses_and_another_seed_others(tmp_path):
    first, again, other = (
        losses(train(job(tmp_path / name, dropout=0.1, seed=seed)).history)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first == again
    assert first != other


def test_a_finished_run_is_not_trained_again(tmp_path):
    first = train(job(tmp_path))
    again = train(job(tmp_path))
    assert losses(again.history) == losses(first.history)
    assert again.metrics == first.metrics


def test_samples_are_asked_for_after_each_validation(tmp_path):
    asked = []

    def look(step, figures, model):
        asked.append((step, figures["loss"], model.training, torch.rand(1)))

    train(job(tmp_path, after_validation=look))
    assert [step for step, *_ in asked] == [0, 5, 10, 12]
    assert not any(training for *_, training, _ in asked)


def test_clipping_limits_the_step(tmp_path):
    """The first step of SGD with Nesterov's momentum is (1 + momentum) lr times the gradient."""
    moved = {}
    for clip in (0.0, 0.01):
        model = tiny()
        spec = OptimiserSpec(name="sgd", weight_decay=0.0, momentum=0.9)
        optimiser = make(spec, groups(model), Rates(0.5, 0.5))
        plain = job(tmp_path / str(clip), model=model, steps=1, validation=None, clip=clip)
        before = parameters(model)
        outcome = train(replace(plain, optimiser=optimiser))
        change = [parameters(model)[name] - value for name, value in before.items()]
        moved[clip] = float(torch.cat([c.flatten() for c in change]).norm()) / (0.5 * 1.9)
    norm = outcome.history[0]["norm"]
    assert norm > 0.1
    assert moved[0.0] == pytest.approx(norm, rel=1e-3)
    assert moved[0.01] == pytest.approx(0.01, rel=1e-3)
