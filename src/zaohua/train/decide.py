"""What a run's recipe leaves to the machine: precision, micro-batch, compilation, steps in minutes.

Decisions are kept in ``plan.json`` in the run's folder: a resumed run takes the same ones, as
others would change its numbers.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from transformers import PreTrainedModel

from zaohua.data.tokens.rows import Rows
from zaohua.errors import UsageError
from zaohua.model.counting import flops_per_token
from zaohua.progress import Progress
from zaohua.settings import Settings
from zaohua.store.files import write_atomic
from zaohua.train import compiling, machine, memory
from zaohua.train.devices import Devices, this_device
from zaohua.train.freezing import freeze
from zaohua.train.job import AfterValidation, Job
from zaohua.train.objective import Objective
from zaohua.train.optimisers import Optimiser, Rates, groups, make
from zaohua.train.schedules import schedule
from zaohua.train.spec import TrainSpec
from zaohua.train.trial import Trial

PLAN = "plan.json"
BATCH_TOKENS = 8192
"""Of a micro-batch at most: more is not faster on a processor, and takes memory."""

RAGGED_TOKENS = 2048
"""The same for rows of different lengths: the smaller a micro-batch, the less padding it holds."""

VALIDATED = 0.01
"""Rows of a validation during the run, as a share of all the rows the run learns from."""

VALIDATED_LEAST = 64


@dataclass(frozen=True, slots=True)
class Plan:
    """What was decided. ``seconds`` above 0: ``steps`` are a guess, see `zaohua.train.pacing`."""

    steps: int
    rows_a_step: int
    rows_a_batch: int
    precision: str
    compiled: bool
    seconds: float = 0.0

    @property
    def dtype(self) -> torch.dtype:
        """Of matrix products."""
        return machine.PRECISIONS[self.precision]

    def line(self) -> str:
        """For people."""
        parts = -(-self.rows_a_step // self.rows_a_batch)
        batch = f" in {parts} micro-batches" if parts > 1 else ""
        compiled = ", compiled" if self.compiled else ""
        return f"{self.steps} steps of {self.rows_a_step} rows{batch}, {self.precision}{compiled}"


def decide(
    spec: TrainSpec,
    model: PreTrainedModel,
    objective: Objective,
    rows: Rows,
    validation: Rows | None,
    *,
    steps: int,
    rows_a_step: int,
    rates: Rates,
    folder: Path,
    settings: Settings,
    progress: Progress,
    after_validation: AfterValidation | None = None,
    devices: Devices | None = None,
) -> Job:
    """The job of a run, ready for `zaohua.train.loop.train`.

    Args:
        spec: of the run.
        model: in memory; parameters that the recipe freezes are frozen, layers perhaps compiled.
        objective: what it is trained for.
        rows: to train on.
        validation: to validate on, or ``None``.
        steps: of the run; 0 with ``spec.minutes``: what fits into them.
        rows_a_step: rounded up so that every process has the same share.
        rates: peak learning rates.
        folder: of the run.
        settings: threads; home, for compiled code.
        progress: told of the decisions.
        after_validation: called after each validation.
        devices: where to compute; by default `this_device`.

    Raises:
        UsageError: a pattern of frozen parameters matches nothing, nothing is left to train, or
            the model cannot checkpoint gradients.
        UnavailableError: not even one row fits into memory.
    """
    if settings.threads:
        torch.set_num_threads(settings.threads)
    devices = devices or this_device()
    freeze(model, spec.frozen)
    if spec.gradient_checkpointing:
        _checkpoint_activations(model)
    plan = devices.same(_read(folder))
    precision = plan.precision if plan else machine.choose(spec.precision, devices.device)
    precision = devices.same(precision)
    dtype = machine.PRECISIONS[precision]
    peak = machine.matmul_peak(devices.device, dtype)
    deciding = Deciding(
        spec, model, objective, rows, validation, devices, precision, peak, settings
    )
    optimiser = make(spec.optimiser, groups(model), rates, dtype=dtype)
    if plan is None:
        plan = devices.same(deciding.plan(optimiser, steps, rows_a_step, progress))
        if devices.rank == 0:
            write_atomic(folder / PLAN, json.dumps(asdict(plan)).encode())
    elif plan.compiled:
        compiling.compile_blocks(model, deciding.cache)
    progress.note(f"{plan.line()}; {spec.optimiser.name} at {rates.line()}, seed {spec.seed}")
    return deciding.job(plan, optimiser, folder, after_validation)


@dataclass(frozen=True, slots=True)
class Deciding:
    """What decisions are made from."""

    spec: TrainSpec
    model: PreTrainedModel
    objective: Objective
    rows: Rows
    validation: Rows | None
    devices: Devices
    precision: str
    peak: float
    settings: Settings

    @property
    def cache(self) -> Path:
        """For compiled code."""
        return self.settings.home / "cache" / "compiled"

    @property
    def flops(self) -> float:
        """Operations a position."""
        return flops_per_token(self.model, self.rows.length)

    def plan(self, optimiser: Optimiser, steps: int, rows_a_step: int, progress: Progress) -> Plan:
        """Decide anew."""
        begun = time.monotonic()
        dtype = machine.PRECISIONS[self.precision]
        trial = Trial(self.model, self.objective, self.rows, self.devices, dtype)
        rows = self.rows_a_batch(trial, rows_a_step)
        share = rows * self.devices.processes
        if self.devices.processes > 1:
            rows_a_step = -(-rows_a_step // share) * share
        plan = Plan(steps, rows_a_step, rows, self.precision, compiled=False)
        with memory.explained(rows, self.rows.length, trial.attempt):
            plan = replace(plan, compiled=self.compiled(trial, plan, progress))
            if steps == 0:
                left = max(self.spec.minutes * 60 - (time.monotonic() - begun), 0.1)
                steps = self.steps(trial, optimiser, plan, left)
                plan = replace(plan, steps=steps, seconds=left)
        return plan

    def rows_a_batch(self, trial: Trial, rows_a_step: int) -> int:
        """As asked for; else what is fast and fits into memory, and divides the step if it can."""
        share = -(-rows_a_step // self.devices.processes)
        if self.spec.rows:
            return min(self.spec.rows, share)
        row = memory.kept(self.model, lambda: trial.forward(trial.batch(1)).total)
        if self.spec.gradient_checkpointing:
            row *= 2  # the layer that is computed again keeps about as much as all others do
        trained = sum(p.numel() for p in self.model.parameters() if p.requires_grad)
        fits = memory.rows_that_fit(row, 12 * trained, memory.free(self.devices.device))
        most = min(fits, share, max(1, self.batch_tokens // self.rows.length))
        divisors = [rows for rows in range(most, most // 2, -1) if share % rows == 0]
        return divisors[0] if divisors else most

    @property
    def batch_tokens(self) -> int:
        """Of a micro-batch at most."""
        ragged = self.rows.lengths.mean() < 0.75 * self.rows.length
        return RAGGED_TOKENS if ragged else BATCH_TOKENS

    def compiled(self, trial: Trial, plan: Plan, progress: Progress) -> bool:
        """Compile the layers if asked to, or if the run is long enough and it is faster."""
        asked = self.spec.compile
        if asked == "off" or (asked == "auto" and self.seconds(plan) < compiling.WORTH_SECONDS):
            return False
        if not compiling.can_compile(self.devices.device):
            progress.note("not compiled: there is no C++ compiler (g++ or clang++)")
            return False
        before = trial.seconds(plan.rows_a_batch) if asked == "auto" else float("inf")
        try:
            compiling.compile_blocks(self.model, self.cache)
            after = trial.seconds(plan.rows_a_batch)
        except Exception as error:
            if memory.exhausted(error):
                raise
            progress.note(f"not compiled: {str(error).splitlines()[0]}")
            after = float("inf")
        if after >= before or after == float("inf"):
            compiling.forget_compiled(self.model)
            return False
        return True

    def seconds(self, plan: Plan) -> float:
        """About how long the run takes, at half of the machine's peak."""
        if self.spec.minutes:
            return self.spec.minutes * 60
        positions = plan.steps * plan.rows_a_step * self.rows.length / self.devices.processes
        return 2 * positions * self.flops / self.peak

    def steps(self, trial: Trial, optimiser: Optimiser, plan: Plan, left: float) -> int:
        """Steps for which there is time, validation counted; at least 1."""
        parts = -(-plan.rows_a_step // (plan.rows_a_batch * self.devices.processes))
        batch = trial.seconds(plan.rows_a_batch)
        step = parts * batch + trial.update_seconds(optimiser)
        guess = max(1, int(left / step))
        validations = 1 + 1 / self.spec.validate_every
        row = batch / plan.rows_a_batch / 3  # forward only
        rows = validations * self.validation_rows(replace(plan, steps=guess))
        return max(1, int((left - rows * row / self.devices.processes) / step))

    def validation_rows(self, plan: Plan) -> int:
        """Of a validation during the run."""
        if self.validation is None:
            return 0
        learned = plan.steps * plan.rows_a_step
        return min(len(self.validation), max(VALIDATED_LEAST, int(VALIDATED * learned)))

    def job(
        self, plan: Plan, optimiser: Optimiser, folder: Path, after: AfterValidation | None
    ) -> Job:
        """All put together."""
        spec = self.spec
        return Job(
            model=self.model,
            objective=self.objective,
            rows=self.rows,
            validation=self.validation,
            optimiser=optimiser,
            schedule=schedule(spec.schedule, plan.steps),
            steps=plan.steps,
            rows_a_step=plan.rows_a_step,
            rows_a_batch=plan.rows_a_batch,
            folder=folder,
            clip=spec.clip,
            seed=spec.seed,
            validate_every=max(1, round(spec.validate_every * plan.steps)),
            validation_rows=self.validation_rows(plan),
            checkpoint_seconds=60 * spec.checkpoint_minutes,
            keep=spec.keep_checkpoints,
            precision=plan.dtype,
            devices=self.devices,
            after_validation=after,
            flops=self.flops,
            peak=self.peak * self.devices.processes,
            seconds=plan.seconds,
            wandb=spec.wandb,
            config={**spec.model_dump(mode="json"), **asdict(plan)},
        )


def settle(folder: Path, steps: int) -> None:
    """Fix the steps of the plan of a run, which were a guess."""
    path = folder / PLAN
    decided = json.loads(path.read_bytes())
    write_atomic(path, json.dumps({**decided, "steps": steps, "seconds": 0.0}).encode())


def _read(folder: Path) -> Plan | None:
    path = folder / PLAN
    return Plan(**json.loads(path.read_bytes())) if path.exists() else None


def _checkpoint_activations(model: PreTrainedModel) -> None:
    """Keep only the inputs of layers, and compute the rest again (Chen et al., 2016)."""
    if not model.supports_gradient_checkpointing:
        what = f"{type(model).__name__} cannot checkpoint gradients"
        raise UsageError(what, where="gradient_checkpointing", mend="leave it off")
    enable: Callable[[dict[str, bool]], None] = getattr(
        model,
        "activation_checkpointing_enable",
        model.gradient_checkpointing_enable,  # transformers before 5.20
    )
    enable({"use_reentrant": False})
