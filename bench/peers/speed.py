"""Tokens a second: contestants alive side by side, in rings, each time with zaohua among them."""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import psutil

from bench.peers.contestants import Contestant
from bench.peers.order import LONG
from bench.peers.results import Budget, Results
from bench.peers.setting import Setting, discard
from bench.peers.turns import FailedError, Runner, Turn

OURS = ("zaohua", "zaohua-eager")
"""zaohua as it comes; the faster of the two is what all others are compared with."""

PEAK = Contestant("peak", "peak", "peak of matrix products")
WARM = 3
START_SECONDS = 1200.0
TURN_SECONDS = 900.0
LEAST = 1.0
"""Seconds of a turn at least: CPU times are counted in hundredths."""

PATIENCE = 150.0
"""Seconds after which a slow contestant has had enough turns, if it has had two."""

ROOM = 3 << 30
"""Bytes that must be free, at least, for another contestant to be started beside the others."""


@dataclass(slots=True)
class Racer:
    """A contestant in a ring."""

    contestant: Contestant
    runner: Runner
    start: float = 0.0
    steps: int = 1
    turns: dict[int, Turn] = field(default_factory=dict)

    def clean(self) -> dict[int, float]:
        """Seconds a step by round, of the turns that count."""
        good = {n: t for n, t in self.turns.items() if t.clean}
        return {n: float(t.event.get("seconds", 0)) / self.steps for n, t in good.items()}

    def enough(self, rounds: int) -> bool:
        """Whether it need not step again."""
        spent = sum(t.event.get("seconds", 0) for t in self.turns.values())
        return len(self.clean()) >= rounds or (len(self.turns) > 1 and spent > PATIENCE)


def measure(
    setting: Setting,
    found: Sequence[Contestant],
    results: Results,
    budget: Budget,
    *,
    rounds: int,
    ring: int,
) -> None:
    """Measure those not measured yet and keep the figures."""
    done = results.under(f"{setting.key}speed/")
    left = sorted((c for c in found if c.name not in done), key=lambda c: c.name not in OURS)
    while left and not budget.spent:
        first = [c for c in left if c.name in OURS]
        taken = _race(
            setting, first or left, reference(setting, found, results), results, rounds, ring
        )
        left = left[taken:]


def reference(setting: Setting, found: Sequence[Contestant], results: Results) -> Contestant | None:
    """The faster of zaohua's own settings, as far as they have been measured."""
    speeds = results.under(f"{setting.key}speed/")
    ours = [c for c in found if c.name in OURS and c.name in speeds]
    return max(ours, key=lambda c: float(speeds[c.name]["tokens a second"]), default=None)


def _race(
    setting: Setting,
    left: Sequence[Contestant],
    ours: Contestant | None,
    results: Results,
    rounds: int,
    ring: int,
) -> int:
    """One ring: zaohua and the first of those left that fit; how many of them took part."""
    with ExitStack() as stack:
        fixed = [c for c in (PEAK, ours) if c and c not in left]
        racers = [r for c in fixed if (r := _join(setting, c, stack, results))]
        taken = 0
        for contestant in left[: max(1, ring - 1)]:
            if taken and psutil.virtual_memory().available < _room(racers):
                break
            taken += 1
            if racer := _join(setting, contestant, stack, results):
                racers.append(racer)
        _calibrate(racers, setting, results)
        _rounds(racers, rounds)
        _keep(setting, racers, ours or (left[0] if left[0].name in OURS else None), results)
    return taken


def _room(racers: Sequence[Racer]) -> float:
    """Bytes that the next contestant may need: somewhat more than the largest of the others."""
    return max([float(ROOM), *(1.2 * racer.runner.memory() for racer in racers)])


def _join(
    setting: Setting, contestant: Contestant, stack: ExitStack, results: Results
) -> Racer | None:
    """Start a contestant and let it warm up; a failure is told, kept and passed over."""
    order = setting.order(contestant, steps=LONG, warm=WARM)
    stack.callback(discard, order)
    runner = stack.enter_context(setting.start(order))
    try:
        event = runner.wait_until_warm(START_SECONDS)
    except FailedError as error:
        _failed(setting, contestant, results, error)
        return None
    _say(f"{contestant.name}: warm after {event.get('seconds', 0):.1f} s")
    return Racer(contestant, runner, start=float(event.get("seconds", 0)))


def _calibrate(racers: list[Racer], setting: Setting, results: Results) -> None:
    """One turn that is not counted tells how many steps a turn should have."""
    for racer in list(racers):
        try:
            event = racer.runner.turn(1, TURN_SECONDS).event
        except FailedError as error:
            _failed(setting, racer.contestant, results, error)
            racers.remove(racer)
            continue
        if seconds := float(event.get("seconds", 0)):
            racer.steps = max(1, math.ceil(LEAST / seconds))


def _rounds(racers: Sequence[Racer], rounds: int) -> None:
    """Turns, forwards and backwards, until all have enough that count; thrice as many at most."""
    for number in range(3 * rounds):
        if all(r.enough(rounds) for r in racers):
            return
        _say(f"round {number + 1}")
        for racer in racers if number % 2 == 0 else racers[::-1]:
            if racer.contestant.name in (PEAK.name, *OURS) or not racer.enough(rounds):
                racer.turns[number] = racer.runner.turn(racer.steps, TURN_SECONDS)


def _keep(
    setting: Setting, racers: Sequence[Racer], reference: Contestant | None, results: Results
) -> None:
    """Figures of each, and zaohua's pace over its own in the rounds where both count."""
    peaks = next((r for r in racers if r.contestant is PEAK), None)
    ours = next((r for r in racers if r.contestant is reference), None)
    for racer in racers:
        if racer.contestant is PEAK or not racer.turns:
            continue
        figures = _figures(setting, racer, ours) | _peaks(peaks)
        key = f"{setting.key}speed/{racer.contestant.name}"
        if racer is ours and (earlier := results.get(key)):
            figures = _joined(earlier, figures)
        results.put(key, figures)


def _figures(setting: Setting, racer: Racer, ours: Racer | None) -> dict[str, Any]:
    contestant, clean = racer.contestant, racer.clean()
    every = [float(t.event["seconds"]) / racer.steps for t in racer.turns.values()]
    seconds = statistics.median(clean.values() or every)
    learned = setting.rows * setting.length * setting.density(contestant)
    found = setting.architecture(contestant)
    return {
        "title": contestant.title,
        "peer": contestant.peer,
        "default": contestant.default,
        "precision": contestant.precision,
        "matrices": found.matrices,
        "parameters": found.parameters,
        "depth": found.layers.depth,
        "step seconds": seconds,
        "all step seconds": every,
        "tokens a second": learned / seconds,
        "flops a second": found.flops(setting.length) * setting.rows * setting.length / seconds,
        "flops a token": found.flops(setting.length) / setting.density(contestant),
        "start seconds": racer.start,
        "memory": racer.runner.memory(),
        "turns": len(racer.turns),
        "left out": len(racer.turns) - len(clean),
        "disturbed": not clean,
        "zaohua over it": list(_ratios(setting, racer, ours)),
    }


def _ratios(setting: Setting, racer: Racer, ours: Racer | None) -> Iterator[float]:
    """zaohua's learned tokens a second ÷ the contestant's, round by round."""
    if ours is None or ours is racer:
        return
    theirs, mine = racer.clean(), ours.clean()
    for number in sorted(theirs.keys() & mine.keys()):
        yield theirs[number] / mine[number] / setting.density(racer.contestant)


def _peaks(racer: Racer | None) -> dict[str, float]:
    if racer is None or not racer.turns:
        return {}
    events = [t.event for t in racer.turns.values() if t.clean] or [
        t.event for t in racer.turns.values()
    ]
    return {f"peak {p}": statistics.median(e[p] for e in events) for p in ("fp32", "bf16")}


def _joined(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """zaohua's figures of several rings as one."""
    every = [*earlier["all step seconds"], *later["all step seconds"]]
    rings = [*earlier.get("rings", [earlier["step seconds"]]), later["step seconds"]]
    scale = statistics.median(rings) / later["step seconds"]
    return {
        **later,
        "all step seconds": every,
        "rings": rings,
        "step seconds": later["step seconds"] * scale,
        "tokens a second": later["tokens a second"] / scale,
        "flops a second": later["flops a second"] / scale,
        "turns": earlier["turns"] + later["turns"],
        "left out": earlier["left out"] + later["left out"],
    }


def _failed(setting: Setting, contestant: Contestant, results: Results, error: FailedError) -> None:
    _say(f"{contestant.name}: {error}")
    if contestant is not PEAK:
        results.about.setdefault("failed", {})[f"{setting.key}{contestant.name}"] = str(error)
        results.save()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
