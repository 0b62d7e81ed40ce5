"""The loss curve as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Entry = Mapping[str, Any]
Floats = npt.NDArray[np.float64]

STEPS, SMOOTH, VALIDATION, MUTED, INK = "#9ecae1", "#2171b5", "#d94801", "#737373", "#262626"


def draw(history: Sequence[Entry], path: Path, title: str) -> None:
    """Training loss (each step, and smoothed), validation points, learning rate below.

    Args:
        history: entries of a run (`zaohua.train.job.Outcome.history`).
        path: of the PNG.
        title: above the picture.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    loss, rate = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    _losses(loss, history)
    _rates(rate, history)
    loss.set_title(title, loc="left", fontsize=11, color=INK)
    figure.savefig(path, metadata={"Software": None})


def smoothed(values: Floats, reach: int) -> Floats:
    """Median of each value and ``reach`` neighbours on either side: a spike leaves no step."""
    around = np.pad(values, reach, mode="reflect" if len(values) > reach else "edge")
    medians: Floats = np.median(np.lib.stride_tricks.sliding_window_view(around, 2 * reach + 1), -1)
    return medians


def _losses(axes: Any, history: Sequence[Entry]) -> None:
    steps, losses = _series(history, "step", "loss")
    points, values = _series(history, "validation", "loss")
    if len(steps):
        reach = len(losses) // 100
        if reach:
            axes.plot(steps, losses, color=STEPS, linewidth=0.8, label="training, each step")
        label = "training, smoothed" if reach else "training, each step"
        smooth = smoothed(losses, reach)
        axes.plot(steps, smooth, color=SMOOTH, linewidth=1.8, label=label)
    if len(points):
        axes.plot(
            points, values, "o-", color=VALIDATION, linewidth=0.9, markersize=5, label="validation"
        )
    if len(points) > 1:
        _name(axes, points[-1], values[-1])
    axes.set_ylabel("loss (nats)", color=INK)
    axes.set_ylim(*_limits(losses, values))
    if len(steps) or len(points):
        axes.legend(frameon=False, fontsize=9)
    _plain(axes)


def _rates(axes: Any, history: Sequence[Entry]) -> None:
    steps, rates = _series(history, "step", "lr")
    axes.plot(steps, rates, color=MUTED, linewidth=1.2)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("learning\nrate", color=INK, fontsize=9)
    axes.set_xlabel("step", color=INK)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.ticklabel_format(axis="y", style="sci", scilimits=(-2, 2))
    axes.yaxis.get_offset_text().set_fontsize(8)
    _plain(axes)


def _name(axes: Any, step: float, value: float) -> None:
    axes.annotate(
        f"{value:.3f}",
        (step, value),
        xytext=(0, 9),
        textcoords="offset points",
        ha="right",
        fontsize=9,
        color=VALIDATION,
    )


def _plain(axes: Any) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e5e5e5", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=9, colors=INK)
    axes.margins(x=0.02)


def _limits(losses: Floats, values: Floats) -> tuple[float, float]:
    """All of it, but a few spikes do not press the rest flat."""
    every = np.concatenate([losses[np.isfinite(losses)], values[np.isfinite(values)]])
    if not len(every):
        return 0.0, 1.0
    low, high = float(every.min()), float(max(np.quantile(every, 0.995), *values, every[0]))
    room = 0.06 * (high - low) or 0.1
    return low - room, high + room


def _series(history: Sequence[Entry], kind: str, name: str) -> tuple[Floats, Floats]:
    found = [(e["step"], e[name]) for e in history if e["kind"] == kind and name in e]
    table = np.array(found, np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]
