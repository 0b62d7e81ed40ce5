"""Learning rate over a run: pure functions of the step, as factors of the peak."""

from __future__ import annotations

import math
from collections.abc import Callable

from zaohua.train.spec import ScheduleSpec

Schedule = Callable[[int], float]
"""From the number of steps done, 0 … steps - 1, to the factor of the next step."""


def schedule(spec: ScheduleSpec, steps: int) -> Schedule:
    """The factor of each step of a run of ``steps``.

    Rising is linear and ends in a full step: with ``warmup`` steps the first has ``1 / warmup``.
    Falling begins after the last full step; the last step of the run is the last above ``final``.
    """
    shape = SHAPES[spec.name]
    warmup = min(round(spec.warmup * steps), steps)

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        return shape(spec, (step - warmup) / max(steps - warmup, 1))

    return factor


def _constant(spec: ScheduleSpec, share: float) -> float:
    return 1.0


def _linear(spec: ScheduleSpec, share: float) -> float:
    return 1.0 - (1.0 - spec.final) * share


def _cosine(spec: ScheduleSpec, share: float) -> float:
    """Loshchilov and Hutter, 2017 (SGDR), one period."""
    return spec.final + (1.0 - spec.final) * 0.5 * (1.0 + math.cos(math.pi * share))


def _wsd(spec: ScheduleSpec, share: float) -> float:
    """Warm-up, stable, linear decay: Hu et al., 2024 (MiniCPM); Hägele et al., 2024."""
    decay = min(spec.decay / max(1.0 - spec.warmup, 1e-9), 1.0)
    if decay == 0.0 or share <= 1.0 - decay:
        return 1.0
    return _linear(spec, (share - (1.0 - decay)) / decay)


SHAPES: dict[str, Callable[[ScheduleSpec, float], float]] = {
    "constant": _constant,
    "linear": _linear,
    "cosine": _cosine,
    "wsd": _wsd,
}
