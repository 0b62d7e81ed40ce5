from __future__ import annotations

import json
import time

import numpy as np
import pytest
import torch

from tests.train.material import VOCABULARY, Sums, losses, tiny
from zaohua.errors import UsageError
from zaohua.progress import Silent
from zaohua.settings import Settings
from zaohua.train.decide import PLAN, decide
from zaohua.train.loop import train
from zaohua.train.objectives.causal import Causal
from zaohua.train.optimisers import Rates
from zaohua.train.spec import TrainSpec


class Notes(Silent):
    def __init__(self):
        self.lines = []

    def note(self, text):
        self.lines.append(text)


def decided(folder, model=None, notes=None, rows_a_step=8, steps=6, **spec):
    return decide(
        TrainSpec(data="sums", objective="causal", optimiser={"name": "muon"}, **spec),
        model or tiny(),
        Causal(np.ones(VOCABULARY, np.int32)),
        Sums(),
        Sums(count=10),
        steps=steps,
        rows_a_step=rows_a_step,
        rates=Rates(3e-3, 2e-3),
        folder=folder,
        settings=Settings(home=folder / "home"),
        progress=notes or Silent(),
    )


def test_a_decided_run_learns_and_tells_what_was_decided(tmp_path):
    notes = Notes()
    outcome = train(decided(tmp_path, notes=notes, steps=40))
    assert losses(outcome.history)[-1] < losses(outcome.history)[0]
    assert "40 steps of 8 rows" in notes.lines[-1]
    assert "muon at lr 0.003 (embeddings 0.002), seed 1" in notes.lines[-1]
    assert 0 < outcome.mfu < 1
    assert (tmp_path / PLAN).exists()


def test_deciding_leaves_no_trace_in_the_model(tmp_path):
    model = tiny()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    job = decided(tmp_path, model, minutes=0.02, steps=0)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert job.optimiser.tensors() == {}
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.alone
def test_minutes_become_steps_once_and_are_kept_by_as_much_time(tmp_path):
    job = decided(tmp_path, minutes=0.1, steps=0)
    assert job.steps > 5
    begun = time.monotonic()
    train(job)
    assert 1.5 < time.monotonic() - begun < 20.0
    assert decided(tmp_path, minutes=0.1, steps=0).steps == job.steps


def test_a_resumed_run_takes_the_decisions_of_the_first(tmp_path):
    first = decided(tmp_path)
    plan = json.loads((tmp_path / PLAN).read_text())
    (tmp_path / PLAN).write_text(json.dumps({**plan, "rows_a_batch": 2, "precision": "fp32"}))
    assert first.rows_a_batch == 8
    assert decided(tmp_path).rows_a_batch == 2


@pytest.mark.parametrize(("asked", "step", "expected"), [(3, 8, 3), (50, 8, 8), (0, 8, 8)])
def test_rows_of_a_micro_batch(tmp_path, asked, step, expected):
    assert decided(tmp_path, rows=asked, rows_a_step=step).rows_a_batch == expected


def test_gradient_checkpointing_gives_the_same_losses(tmp_path):
    plain = train(decided(tmp_path / "a"))
    saving = train(decided(tmp_path / "b", gradient_checkpointing=True))
    np.testing.assert_allclose(losses(plain.history), losses(saving.history), rtol=1e-5)


def test_a_model_without_gradient_checkpointing_is_refused(tmp_path):
    model = tiny()
    model.supports_gradient_checkpointing = False
    with pytest.raises(UsageError, match="cannot checkpoint gradients"):
        decided(tmp_path, model=model, gradient_checkpointing=True)


def test_frozen_layers_stay_and_others_move(tmp_path):
    model = tiny()
    before = {name: value.clone() for name, value in model.named_parameters()}
    train(decided(tmp_path, model, frozen=["model.layers.0", "*.norm.weight"]))
    same = {name for name, p in model.named_parameters() if torch.equal(p, before[name])}
    frozen = {n for n in before if n.startswith("model.layers.0.") or n == "model.norm.weight"}
    assert same == frozen
