"""Two processes on one processor, as on two machines."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.train.forking import ended, in_a_process
from tests.train.material import VOCABULARY, Sums, job, losses, tiny
from zaohua.progress import Silent
from zaohua.settings import Settings
from zaohua.train.decide import PLAN, decide
from zaohua.train.devices import Devices, this_device
from zaohua.train.log import HISTORY
from zaohua.train.loop import train
from zaohua.train.objectives.causal import Causal
from zaohua.train.optimisers import Rates
from zaohua.train.spec import TrainSpec


def free_port() -> str:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


def as_made(folder, devices, **changes):
    return replace(job(folder, rows_a_batch=2, **changes), devices=devices)


def as_decided(folder, devices, **changes):
    model = tiny()
    return decide(
        TrainSpec(data="sums", objective="causal", rows=2, optimiser={"name": "adamw"}),
        model,
        Causal(np.ones(VOCABULARY, np.int32)),
        Sums(),
        Sums(count=5),
        steps=3,
        rows_a_step=6,
        rates=Rates(3e-3, 3e-3),
        folder=folder,
        settings=Settings(home=folder),
        progress=Silent(),
        devices=devices,
    )


def run_in(processes: int, folder, make=as_made, **changes) -> list[dict]:
    port = free_port()

    def work(rank: int) -> None:
        os.environ |= {
            "WORLD_SIZE": str(processes),
            "RANK": str(rank),
            "LOCAL_RANK": str(rank),
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": port,
            "ACCELERATE_USE_CPU": "true",
        }
        devices = this_device()
        assert (devices.rank, devices.processes) == (rank, processes)
        train(make(folder, devices, **changes))
        torch.distributed.destroy_process_group()

    children = [in_a_process(lambda rank=rank: work(rank)) for rank in range(processes)]
    assert [ended(child) for child in children] == [0] * processes
    return [json.loads(line) for line in (folder / HISTORY).read_text().splitlines()]


@pytest.mark.parametrize("rows", [40, 4])
def test_two_processes_learn_what_one_does(tmp_path, rows):
    """With few rows some micro-batches have more targets than others, and some have none."""
    data = Sums(count=rows, silent=frozenset({0, 1}))
    plain = {"rows": data, "steps": 5, "validation": Sums(count=5)}
    alone = train(job(tmp_path / "one", rows_a_batch=2, **plain))
    shared = run_in(2, tmp_path / "two", **plain)
    assert losses(shared) == pytest.approx(losses(alone.history), rel=1e-4)
    for kind in ("step", "validation"):
        mine = [entry for entry in alone.history if entry["kind"] == kind]
        theirs = [entry for entry in shared if entry["kind"] == kind]
        assert [e["tokens"] for e in mine] == [e["tokens"] for e in theirs]
        assert [e["bits_per_byte"] for e in mine] == pytest.approx(
            [e["bits_per_byte"] for e in theirs], rel=1e-4
        )


def test_processes_decide_the_same_and_round_the_step_up_to_equal_shares(tmp_path):
    history = run_in(2, tmp_path, as_decided)
    assert json.loads((tmp_path / PLAN).read_text())["rows_a_step"] == 8
    assert [e["tokens"] for e in history if e["kind"] == "step"] == [128, 256, 384]


def test_one_process_needs_no_accelerator(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert this_device().accelerator is None
    assert Devices().total([1.0, 2.0]) == [1.0, 2.0]
    assert Devices().same("this") == "this"
