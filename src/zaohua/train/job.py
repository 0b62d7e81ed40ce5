"""What the loop is given, all decided, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from zaohua.data.tokens.rows import Rows
from zaohua.train.devices import Devices
from zaohua.train.objective import Objective
from zaohua.train.optimisers import Optimiser
from zaohua.train.schedules import Schedule
from zaohua.train.state import Entry

AfterValidation = Callable[[int, Mapping[str, float], nn.Module], None]
"""Told step, figures and model, which is in evaluation mode and needs no gradient."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run.

    Attributes:
        validation: rows to validate on; ``None``: no validation.
        steps: of the whole run, those before a resume included.
        rows_a_step: rows a step learns from.
        rows_a_batch: rows a micro-batch, at most.
        folder: for checkpoints, history and logs.
        clip: norm of the gradient at most; 0: never clipped.
        validate_every: steps between validations; 0: only before the first step and after the last.
        validation_rows: rows of the validations before the last, evenly spread; 0: all.
        precision: of matrix products (autocast when not float32).
        flops: floating point operations a position, forward and backward.
        peak: what the machine can do a second in that precision; 0: not known.
        seconds: it may take, where ``steps`` are to be counted anew on the way (`pacing`); else 0.
        config: what to tell Weights & Biases about the run.
    """

    model: nn.Module
    objective: Objective
    rows: Rows
    validation: Rows | None
    optimiser: Optimiser
    schedule: Schedule
    steps: int
    rows_a_step: int
    rows_a_batch: int
    folder: Path
    clip: float = 1.0
    seed: int = 1
    validate_every: int = 0
    validation_rows: int = 0
    checkpoint_seconds: float = 120.0
    keep: int = 2
    precision: torch.dtype = torch.float32
    devices: Devices = field(default_factory=Devices)
    after_validation: AfterValidation | None = None
    flops: float = 0.0
    peak: float = 0.0
    seconds: float = 0.0
    wandb: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished run.

    Attributes:
        history: an entry for every step (``kind`` "step": ``step``, ``loss``, ``lr``, ``norm``,
            ``tokens`` and ``seconds`` so far, ``speed``, the objective's figures) and for every
            validation (``kind`` "validation").
        metrics: of the last validation, over all rows.
        best: ``step`` and ``loss`` of the best validation of the run.
        steps: done.
        skipped: of these, without a target.
        tokens: positions computed, padding included.
        targets: positions learned from.
        seconds: of the run, parts before a resume included.
        speed: tokens a second, median over the steps.
        mfu: share of the machine's peak that ``speed`` is; 0: not known.
    """

    history: list[Entry]
    metrics: dict[str, float]
    best: dict[str, float]
    steps: int
    skipped: int
    tokens: int
    targets: int
    seconds: float
    speed: float
    mfu: float
