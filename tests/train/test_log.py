from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.train.material import job, losses
from zaohua.errors import MissingExtraError
from zaohua.progress import Silent
from zaohua.train import state
from zaohua.train.log import HISTORY, TENSORBOARD, Log
from zaohua.train.loop import train


class Bar(Silent):
    def __init__(self):
        self.begun, self.done, self.ended, self.shown = [], 0, 0, []

    def start(self, label, total, unit="B", done=0):
        self.begun.append((label, total, unit))
        self.done = done

    def advance(self, amount):
        self.done += amount

    def figures(self, text):
        self.shown.append(text)

    def finish(self):
        self.ended += 1


def lines(folder):
    return [json.loads(line) for line in (folder / HISTORY).read_text().splitlines()]


def curve(folder, name):
    events = EventAccumulator(str(folder / TENSORBOARD))
    events.Reload()
    return [(event.step, event.value) for event in events.Scalars(name)]


def test_history_has_every_step_and_validation_in_order(tmp_path):
    outcome = train(job(tmp_path))
    assert lines(tmp_path) == outcome.history
    steps = [entry for entry in outcome.history if entry["kind"] == "step"]
    assert [entry["step"] for entry in steps] == list(range(1, 13))
    for entry in steps:
        assert {"loss", "lr", "norm", "tokens", "seconds", "speed"} <= entry.keys()
    assert [e["tokens"] for e in steps] == [128 * step for step in range(1, 13)]
    validated = [e["step"] for e in outcome.history if e["kind"] == "validation"]
    assert validated == [0, 5, 10, 12]


def test_tensorboard_has_the_same_curves(tmp_path):
    outcome = train(job(tmp_path))
    found = curve(tmp_path, "step/loss")
    assert [step for step, _ in found] == list(range(1, 13))
    assert [value for _, value in found] == pytest.approx(losses(outcome.history))
    assert [step for step, _ in curve(tmp_path, "validation/bits_per_byte")] == [0, 5, 10, 12]


def test_a_resumed_run_has_no_entry_twice(tmp_path):
    train(job(tmp_path, checkpoint_seconds=0.0, keep=9))
    for late in state.checkpoints(tmp_path)[-3:]:  # as if killed long after step 9 was saved
        for path in late.iterdir():
            path.unlink()
        late.rmdir()
    with (tmp_path / HISTORY).open("ab") as file:
        file.write(b'{"kind": "step", "st')
    bar = Bar()
    outcome = train(job(tmp_path), progress=bar)
    assert lines(tmp_path) == outcome.history
    assert [e["step"] for e in lines(tmp_path) if e["kind"] == "step"] == list(range(1, 13))
    assert [step for step, _ in curve(tmp_path, "step/loss")] == list(range(1, 13))
    assert bar.begun == [("training", 12, "steps")]
    assert bar.done == 12
    assert bar.ended == 1
    assert len(bar.shown) == 3


def test_the_bar_shows_loss_speed_and_share_of_the_peak(tmp_path):
    bar = Bar()
    train(replace(job(tmp_path, steps=1), flops=1e4, peak=1e12), progress=bar)
    loss, speed, share = bar.shown[0].split(" · ")
    assert loss.startswith("loss 4.")
    assert speed.endswith(" tokens/s")
    assert share.startswith("MFU ") and share.endswith("%")


def test_figures_that_are_not_finite_do_not_reach_tensorboard(tmp_path):
    with Log(tmp_path, []) as log:
        log.write({"kind": "step", "step": 1, "loss": float("inf"), "lr": 0.5})
    events = EventAccumulator(str(tmp_path / TENSORBOARD))
    events.Reload()
    assert events.Tags()["scalars"] == ["step/lr"]


def test_weights_and_biases_missing_is_one_line_before_training(tmp_path, monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr("zaohua.train.log.import_module", absent)
    with pytest.raises(MissingExtraError, match=r"pip install 'zaohua\[wandb\]'"):
        train(job(tmp_path, wandb="poems"))
    assert state.checkpoints(tmp_path) == []


def test_weights_and_biases_offline_gets_every_step(tmp_path, monkeypatch):
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    train(job(tmp_path, steps=3, wandb="sums"))
    assert list((tmp_path / "wandb").glob("offline-run-*/run-*.wandb"))
