"""Runs that are given minutes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.train.material import job, losses
from zaohua.progress import Silent
from zaohua.train import loop, pacing
from zaohua.train.decide import PLAN
from zaohua.train.loop import train
from zaohua.train.pacing import full_share, paced
from zaohua.train.schedules import schedule
from zaohua.train.spec import ScheduleSpec
from zaohua.train.state import checkpoints

WSD = ScheduleSpec()
STEPS = 60


def timed(folder, seconds=1000.0, **changes):
    """A run with a guess at its steps, as `decide` leaves it."""
    folder.mkdir()
    (folder / PLAN).write_text(json.dumps({"steps": STEPS, "seconds": seconds}))
    return job(folder, steps=STEPS, seconds=seconds, **changes)


class Clock:
    """Time that passes only while a micro-batch is learned from or validated."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now


def slowed(given, seconds, monkeypatch):
    """The same on a machine that takes so long for each micro-batch, whatever this one does."""
    clock, plain = Clock(), given.objective.loss

    def loss(model, batch):
        clock.now += seconds
        return plain(model, batch)

    monkeypatch.setattr(loop, "time", clock)
    given.objective.loss = loss
    return given


def test_a_slow_machine_makes_fewer_steps_and_keeps_the_time(tmp_path, monkeypatch):
    given = slowed(timed(tmp_path / "run", seconds=3.0), 0.0625, monkeypatch)
    found = paced(given, WSD, progress=Silent())
    assert 25 <= found.steps < STEPS
    outcome = train(found)
    assert outcome.steps == found.steps
    assert 0.9 * 3.0 < outcome.seconds < 1.1 * 3.0
    assert json.loads((tmp_path / "run" / PLAN).read_text()) == {
        "steps": found.steps,
        "seconds": 0.0,
    }


def test_a_fast_machine_makes_more(tmp_path):
    found = paced(timed(tmp_path / "run", seconds=600.0), WSD, progress=Silent())
    assert found.steps > 2 * STEPS
    assert found.schedule(found.steps - 1) < 0.01 and found.schedule(int(0.49 * found.steps)) == 1.0


def test_counting_anew_changes_no_loss(tmp_path, monkeypatch):
    whole = train(job(tmp_path / "whole", steps=STEPS))
    monkeypatch.setattr(pacing, "steps_in", lambda *_: STEPS)
    given = timed(tmp_path / "run")
    found = train(paced(given, WSD, progress=Silent()))
    assert losses(found.history) == losses(whole.history)


def test_a_run_broken_off_while_it_was_counted_anew_is_counted_again(tmp_path, monkeypatch):
    given = timed(tmp_path / "run")
    with monkeypatch.context() as broken:
        broken.setattr(pacing, "settle", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            paced(given, WSD, progress=Silent())
    first = int(pacing.EARLY * 0.5 * STEPS)
    assert checkpoints(given.folder)[-1].name.endswith(str(first))
    monkeypatch.setattr(pacing, "steps_in", lambda *_: 30)
    assert train(paced(timed_again(given), WSD, progress=Silent())).steps == 30


def timed_again(given):
    """The same run in a new process."""
    return job(given.folder, steps=STEPS, seconds=given.seconds)


@pytest.mark.parametrize("name", ["cosine", "linear"])
def test_a_rate_that_always_falls_fixes_the_steps(tmp_path, name):
    spec = ScheduleSpec(name=name)
    given = replace(timed(tmp_path / "run"), schedule=schedule(spec, STEPS))
    assert full_share(spec) == 0.0
    assert paced(given, spec, progress=Silent()) is given


def test_a_run_of_so_many_steps_is_left_alone(tmp_path):
    given = job(tmp_path, steps=STEPS)
    assert paced(given, WSD, progress=Silent()) is given
