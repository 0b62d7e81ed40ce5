"""Bits per byte after equal time: rates swept for each contestant, then several seeds at the best.

Equal time means equal time of training on a quiet machine: the steps of a run are the seconds
divided by the contestant's seconds a step as `speed` measured them in turn with the others. What
starts and compiles before the first step is reported apart and costs nobody anything.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.peers.contestants import Contestant
from bench.peers.order import Order
from bench.peers.results import Budget, Results
from bench.peers.setting import Setting, discard
from bench.peers.stepping import STEPS
from bench.peers.turns import FailedError

FIRST = (0.5, 1.0, 2.0)
"""Factors of the learning rate that are tried; further ones while the best is at an end."""

FURTHER = 4
LATE = 6.0
"""Times the expected duration after which a run is given up (and 20 minutes for its start)."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a run is, apart from the contestant."""

    seconds: float
    factor: float = 1.0
    seed: int = 1


def measure(
    setting: Setting,
    found: Sequence[Contestant],
    results: Results,
    budget: Budget,
    *,
    seconds: float,
    sweep_seconds: float,
    seeds: int,
    factors: Sequence[float] = FIRST,
) -> None:
    """Sweep and run those not measured yet: best settings with all seeds, defaults with one."""
    swept = {c.name: c for c in best_settings(setting, found, results)}
    factor: dict[str, float] = {}
    for contestant in swept.values():
        if (best := _sweep(setting, contestant, results, budget, sweep_seconds, factors)) is None:
            return
        factor[contestant.name] = best
    for seed in range(1, seeds + 1):
        defaults = [c for c in found if c.default and seed == 1]
        for contestant in [*swept.values(), *defaults]:
            if budget.spent:
                return
            trial = Trial(seconds, factor.get(contestant.name, 1.0), seed)
            _once(setting, contestant, trial, results, "quality")


def best_settings(
    setting: Setting, found: Sequence[Contestant], results: Results
) -> list[Contestant]:
    """Of each peer, the setting that learns most tokens a second; zaohua with AdamW beside Muon."""
    speeds = results.under(f"{setting.key}speed/")
    groups: dict[tuple[str, Any], list[Contestant]] = {}
    for contestant in found:
        if contestant.name in speeds and not contestant.default:
            kind = (contestant.peer, contestant.options.get("optimiser"))
            groups.setdefault(kind, []).append(contestant)
    return [max(g, key=lambda c: float(speeds[c.name]["tokens a second"])) for g in groups.values()]


def _sweep(
    setting: Setting,
    contestant: Contestant,
    results: Results,
    budget: Budget,
    seconds: float,
    factors: Sequence[float],
) -> float | None:
    """The factor with the fewest bits in short runs; ``None`` when the budget is spent."""
    if len(factors) == 1:
        return factors[0]
    scores: dict[float, float] = {}
    wanted, most = list(factors), len(factors) + FURTHER
    while wanted:
        if budget.spent:
            return None
        now = wanted.pop(0)
        got = _once(setting, contestant, Trial(seconds, now), results, "sweep")
        scores[now] = got["bits_per_byte"] if got else float("inf")
        if not wanted and len(scores) < most:
            wanted += _beyond(scores)
    return min(scores, key=lambda f: scores[f])


def _beyond(scores: dict[float, float]) -> list[float]:
    """The next factor if the best one is the smallest or largest tried."""
    best = min(scores, key=lambda f: scores[f])
    if scores[best] == float("inf"):
        return []
    if best == max(scores):
        return [2 * best]
    return [best / 2] if best == min(scores) else []


def _once(
    setting: Setting, contestant: Contestant, trial: Trial, results: Results, kind: str
) -> dict[str, Any] | None:
    """One run and its evaluation, unless known; ``None``: it failed or its speed is unknown."""
    speed = results.get(f"{setting.key}speed/{contestant.name}")
    if not speed:
        _say(f"{contestant.name}: its speed is not known, so there is no equal time for it")
        return None
    key = f"{setting.key}{kind}/{contestant.name}/{trial.seconds:g}s/x{trial.factor:g}/{trial.seed}"
    if known := results.get(key):
        return dict(known)
    steps = max(2, int(trial.seconds / speed["step seconds"]))
    order = setting.order(contestant, steps=steps, seed=trial.seed, factor=trial.factor)
    try:
        got = _run(setting, order, trial)
    except FailedError as error:
        _say(f"{key}: {error}")
        results.about.setdefault("failed", {})[key] = str(error)
        results.save()
        return None
    got |= {"title": contestant.title, "peer": contestant.peer, "default": contestant.default}
    results.put(key, got)
    _say(f"{key}: {got['bits_per_byte']:.4f} bits per byte")
    discard(order)
    return got


def _run(setting: Setting, order: Order, trial: Trial) -> dict[str, Any]:
    begun = time.monotonic()
    with setting.start(order) as runner:
        strangers = runner.finish(LATE * trial.seconds + 1200)
    wall = time.monotonic() - begun
    result = Path(order.folder) / "result.json"
    with setting.evaluate(order, result) as runner:
        runner.finish(3600)
    found: dict[str, Any] = json.loads(result.read_text())
    times = [float(line) for line in (Path(order.folder) / STEPS).read_text().split()]
    after = times[1 : order.steps]
    return found | {
        "steps": order.steps,
        "positions": order.steps * order.rows * order.length,
        "seconds": sum(after) * order.steps / max(len(after), 1),
        "start seconds": wall - sum(after),
        "strangers": strangers,
        "factor": order.factor,
        "seed": order.seed,
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
