"""In the contestant's process: notice its steps, write down their times, wait for turns.

A step ends when the contestant's optimiser has stepped; torch tells it for every optimiser
(`register_optimizer_step_post_hook`), so no contestant needs to be changed for it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

from bench.peers.order import Order

PIPES = "ZAOHUA_BENCH_TURNS"
"""Environment variable: two file descriptors, to read commands from and to write events to."""

STEPS = "steps.jsonl"


class Turns:
    """The contestant's end of the pipes."""

    def __init__(self) -> None:
        reading, writing = map(int, os.environ[PIPES].split(","))
        self._commands: IO[str] = os.fdopen(reading, "r")
        self._events: IO[str] = os.fdopen(writing, "w")

    def tell(self, **event: Any) -> None:
        """One event, as a line of JSON."""
        self._events.write(json.dumps(event) + "\n")
        self._events.flush()

    def wait(self) -> int:
        """How many steps the next turn has; ends the process when there is none."""
        command = self._commands.readline().split()
        if not command or command[0] == "stop":
            sys.stdout.flush()
            os._exit(0)
        return int(command[1])


class Steps:
    """Counts the steps of the optimiser that leads: the one that steps once a step of training.

    Trials before the run may use another one, which is then never seen again: an optimiser that
    steps twice while the leader does not becomes the leader.
    """

    def __init__(self, order: Order) -> None:
        self._file = (Path(order.folder) / STEPS).open("w")
        self._leader = 0
        self._others: set[int] = set()
        self._warm = order.warm
        self._turns = Turns() if order.warm else None
        self._left = order.warm
        self._last = time.perf_counter()
        self._begun = self._last

    def __call__(self, optimiser: torch.optim.Optimizer, *_: Any) -> None:
        """Called by torch after each step of any optimiser."""
        if not self._leads(id(optimiser)):
            return
        now = time.perf_counter()
        self._file.write(json.dumps(now - self._last) + "\n")
        self._file.flush()
        self._last = now
        if self._turns:
            self._left -= 1
            if self._left == 0:
                self._pause(self._turns, now)

    def _leads(self, number: int) -> bool:
        if number == self._leader or not self._leader or number in self._others:
            self._leader = number
            self._others.clear()
            return True
        self._others.add(number)
        return False

    def _pause(self, turns: Turns, now: float) -> None:
        turns.tell(seconds=now - self._begun)
        self._left = turns.wait()
        self._last = self._begun = time.perf_counter()


def begin(order: Order) -> None:
    """Watch the steps of the run that follows."""
    register_optimizer_step_post_hook(Steps(order))


def reseed(seed: int) -> None:
    """Run-time change for scripts with a fixed seed: ``torch.manual_seed`` adds ours to theirs."""
    original: Callable[[int], torch.Generator] = torch.manual_seed

    def moved(seed: Any, *, _by: int = 1000 * (seed - 1)) -> torch.Generator:
        return original(int(seed) + _by)

    torch.manual_seed = moved


def autocast_instead_of_nothing() -> None:
    """Run-time change for scripts that compute in fp32 on a processor whatever they are told.

    They enter ``nullcontext()`` there; this makes it autocast to bfloat16.
    """
    import torch._dynamo  # imported before, so that it keeps the real one

    contextlib.nullcontext = lambda *_: torch.autocast("cpu", torch.bfloat16)  # type: ignore[misc,assignment]
