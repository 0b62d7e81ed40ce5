"""Resuming equals not having stopped. Runs are killed in processes of their own."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.train.forking import ended, in_a_process
from tests.train.material import job, losses, tiny
from zaohua.errors import IntegrityError
from zaohua.progress import Silent
from zaohua.train import compiling, state
from zaohua.train.feed import Feed
from zaohua.train.freezing import freeze
from zaohua.train.log import HISTORY
from zaohua.train.loop import train
from zaohua.train.stopping import DivergedError, StoppedError

STEPS = 16


class Notes(Silent):
    def __init__(self):
        self.lines = []

    def note(self, text):
        self.lines.append(text)


def history(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / HISTORY).read_text().splitlines()]


def steps_recorded(folder: Path) -> int:
    try:
        return (folder / HISTORY).read_bytes().count(b'"kind": "step"')
    except OSError:
        return 0


def wait_for_steps(folder: Path, count: int) -> None:
    until = time.monotonic() + 60
    while steps_recorded(folder) < count:
        assert time.monotonic() < until
        time.sleep(0.001)


VARIANTS = {
    "adamw, dropout, accumulation": {"dropout": 0.2, "rows_a_batch": 3},
    "muon": {"optimiser": "muon", "dropout": 0.1},
    "sgd": {"optimiser": "sgd"},
    "lion, untied": {"optimiser": "lion", "tie_word_embeddings": False},
    "adafactor": {"optimiser": "adafactor"},
    "muon, frozen layers": {"optimiser": "muon", "frozen": ["model.layers.0", "*.norm.weight"]},
}


def make_job(folder: Path, variant: str, seed: int = 1):
    changes = dict(VARIANTS[variant])
    frozen, untied = changes.pop("frozen", []), changes.pop("tie_word_embeddings", True)
    model = tiny(attention_dropout=changes.pop("dropout", 0.0), tie_word_embeddings=untied)
    freeze(model, frozen)
    every = {"checkpoint_seconds": 0.0, "validate_every": 4, "seed": seed}
    return job(folder, model=model, steps=STEPS, **every, **changes)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("seed", [1, *(pytest.param(s, marks=pytest.mark.slow) for s in (2, 3, 4))])
def test_a_killed_run_goes_on_as_if_it_had_not_been(tmp_path, variant, seed):
    train(replace(make_job(tmp_path / "whole", variant, seed), checkpoint_seconds=60.0))
    chance = random.Random(f"{variant} {seed}")
    folder = tmp_path / "broken"
    for at in sorted(chance.sample(range(1, STEPS - 1), 2)):
        broken = in_a_process(lambda: train(make_job(folder, variant, seed)))
        wait_for_steps(folder, at)
        time.sleep(chance.random() * 0.02)  # anywhere in a step, or in the writing of a checkpoint
        broken.kill()
        assert ended(broken) == -signal.SIGKILL
    assert ended(in_a_process(lambda: train(make_job(folder, variant, seed)))) == 0
    assert losses(history(folder)) == losses(history(tmp_path / "whole"))
    figures = [
        [(e["step"], e["loss"]) for e in history(path) if e["kind"] == "validation"]
        for path in (folder, tmp_path / "whole")
    ]
    assert figures[0] == figures[1]
    assert [e["step"] for e in history(folder) if e["kind"] == "step"] == list(range(1, STEPS + 1))


def test_the_weights_at_the_end_are_the_same_bit_for_bit(tmp_path):
    whole = tiny(attention_dropout=0.1)
    train(job(tmp_path / "whole", model=whole, optimiser="muon", steps=10))
    first = job(tmp_path / "b", model=tiny(attention_dropout=0.1), optimiser="muon", steps=10)

    def leave(step, figures, model):
        if step == 5:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(StoppedError):
        train(replace(first, after_validation=leave))
    again = tiny(seed=99, attention_dropout=0.1)
    train(job(tmp_path / "b", model=again, optimiser="muon", steps=10))
    for (name, value), other in zip(whole.named_parameters(), again.parameters(), strict=True):
        assert torch.equal(value, other), name


@pytest.mark.slow
def test_a_compiled_run_goes_on_bit_for_bit(tmp_path):
    if not compiling.can_compile(torch.device("cpu")):
        pytest.skip("no C++ compiler")

    def made(folder, **changes):
        model = tiny(attention_dropout=0.1)
        compiling.compile_blocks(model, tmp_path / "cache")
        return job(folder, model=model, steps=8, **changes)

    def leave(step, figures, model):
        if step == 5:
            os.kill(os.getpid(), signal.SIGTERM)

    whole = train(made(tmp_path / "whole"))
    with pytest.raises(StoppedError):
        train(made(tmp_path / "b", after_validation=leave))
    assert losses(train(made(tmp_path / "b")).history) == losses(whole.history)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_the_step_saves_and_says_how_to_go_on(tmp_path, number):
    def ask(step, figures, model):
        if step == 10:
            os.kill(os.getpid(), number)

    notes = Notes()
    before = signal.getsignal(number)
    with pytest.raises(StoppedError, match=r"stopped at step 10 of 25 .*same command") as told:
        train(job(tmp_path, steps=25, after_validation=ask), progress=notes)
    assert told.value.exit_code == 130
    assert any("finishing the step" in line for line in notes.lines)
    assert signal.getsignal(number) is before
    assert [path.name for path in state.checkpoints(tmp_path)] == ["step-00000010"]


def test_a_signal_within_a_step_is_obeyed_after_that_step(tmp_path):
    plain = job(tmp_path, steps=25, validation=None)
    step = plain.optimiser.step

    def slow_step():
        step()
        if steps_recorded(tmp_path) == 6:
            os.kill(os.getpid(), signal.SIGINT)

    plain.optimiser.step = slow_step
    with pytest.raises(StoppedError, match="at step 7 of 25"):
        train(plain)


def test_a_second_interrupt_leaves_at_once(tmp_path):
    def ask_twice(step, figures, model):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)

    with pytest.raises(KeyboardInterrupt):
        train(job(tmp_path, after_validation=ask_twice))
    assert state.checkpoints(tmp_path) == []


@pytest.mark.parametrize("harm", ["cut", "flip", "missing", "garbage"])
def test_a_damaged_checkpoint_is_told_and_the_one_before_is_used(tmp_path, harm):
    whole = train(job(tmp_path / "whole", steps=10))
    half = job(tmp_path / "b", steps=10, checkpoint_seconds=0.0, keep=3)
    train(half)
    newest = state.checkpoints(tmp_path / "b")[-1]
    damage(newest, harm)
    notes = Notes()
    again = train(job(tmp_path / "b", model=tiny(seed=9), steps=10), progress=notes)
    assert any("step-00000010 is damaged" in line for line in notes.lines)
    assert "going on from step 9 of 10" in notes.lines
    assert losses(again.history) == losses(whole.history)


def damage(checkpoint: Path, harm: str) -> None:
    path = checkpoint / state.MODEL
    match harm:
        case "cut":
            path.write_bytes(path.read_bytes()[:-100])
        case "flip":
            content = bytearray(path.read_bytes())
            content[-100] ^= 1
            path.write_bytes(content)
        case "missing":
            path.unlink()
        case "garbage":
            (checkpoint / state.STATE).write_bytes(b'{"state": 3')


def test_only_the_newest_checkpoints_are_kept(tmp_path):
    train(job(tmp_path, steps=6, checkpoint_seconds=0.0, keep=2))
    assert [p.name for p in state.checkpoints(tmp_path)] == ["step-00000005", "step-00000006"]
    assert [p.name for p in (tmp_path / state.FOLDER).iterdir() if p.name.startswith(".")] == []


def test_tied_weights_are_saved_once(tmp_path):
    from safetensors.torch import load_file

    train(job(tmp_path, steps=1, model=tiny(tie_word_embeddings=True)))
    saved = load_file(state.checkpoints(tmp_path)[-1] / state.MODEL)
    assert "model.embed_tokens.weight" in saved
    assert "lm_head.weight" not in saved
    assert sum(value.numel() for value in saved.values()) == tiny().num_parameters()


def test_a_checkpoint_of_another_model_is_refused(tmp_path):
    train(job(tmp_path, steps=2))
    with pytest.raises(IntegrityError, match="another model"):
        train(job(tmp_path, steps=2, model=tiny(hidden_size=16)))


def test_parameters_that_are_not_finite_are_never_saved(tmp_path):
    plain = job(tmp_path)
    state.save(tmp_path, state.State(step=1), plain.model, plain.optimiser, 2)
    with torch.no_grad():
        plain.model.model.norm.weight[0] = float("inf")
    with pytest.raises(DivergedError, match=r"model.norm.weight is not finite after step 2"):
        state.save(tmp_path, state.State(step=2), plain.model, plain.optimiser, 2)
    assert [path.name for path in state.checkpoints(tmp_path)] == ["step-00000001"]


def test_a_loss_that_is_not_finite_stops_with_step_rows_and_last_good_checkpoint(tmp_path):
    plain = job(tmp_path, steps=9, rows_a_step=4, rows_a_batch=2, checkpoint_seconds=0.0)
    late = Feed(plain.rows, plain.objective, plain.seed, 4, 2).numbers(4)[0]
    spoiled = plain.rows[late].tokens

    real = plain.objective.loss

    def loss(model, batch):
        found = real(model, batch)
        rows = batch.inputs["input_ids"]
        bad = (rows == torch.as_tensor(spoiled)).all(dim=1).any() and model.training
        return type(found)(found.total * float("nan") if bad else found.total, found.sums)

    plain.objective.loss = loss
    with pytest.raises(DivergedError) as told:
        train(plain)
    line = told.value.line()
    assert "at step 5" in line
    assert f"sums, row {late}" in line
    assert "step-00000004" in line
    assert line.count("sums, row") == 2  # the micro-batch, not the whole step
    assert state.checkpoints(tmp_path)[-1].name == "step-00000004"


def test_a_full_disk_does_not_end_the_run(tmp_path, monkeypatch):
    notes = Notes()
    saves = []
    real = state.save

    def save(*arguments):
        saves.append(1)
        if len(saves) == 1:
            raise OSError(28, "No space left on device")
        return real(*arguments)

    monkeypatch.setattr(state, "save", save)
    outcome = train(job(tmp_path, steps=3, checkpoint_seconds=0.0), progress=notes)
    assert outcome.steps == 3
    assert any("No space left on device" in line for line in notes.lines)
