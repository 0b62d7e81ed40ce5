"""The one training loop.

It knows steps, precision, accumulation, clipping, schedule, validation, checkpoints, resume, log;
nothing of objectives, data formats or models. Everything it is given has been decided.
"""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import nn

from zaohua.progress import Progress, Silent
from zaohua.train import chance, state
from zaohua.train.compiling import as_written
from zaohua.train.feed import VALIDATION, Feed, Meal
from zaohua.train.job import Job, Outcome
from zaohua.train.log import Log
from zaohua.train.memory import explained
from zaohua.train.objective import Loss
from zaohua.train.state import Entry, State
from zaohua.train.stopping import DivergedError, Stop, StoppedError, stopping
from zaohua.train.trial import Trial

ORIGINS = 4
"""Rows named in an error."""


def train(job: Job, *, progress: Progress | None = None) -> Outcome:
    """Run a job to its end, going on from its newest checkpoint if there is one.

    A resumed run computes what an unbroken one would have: the same losses, bit for bit, on the
    same machine.

    Raises:
        StoppedError: Ctrl-C or SIGTERM; the step was finished and saved.
        DivergedError: loss, gradient or a parameter was not finite; the last checkpoint is good.
        UnavailableError: memory ran out; says which micro-batch fits.
    """
    with _looping(job, progress or Silent()) as loop:
        return loop.run()


def begin(job: Job, steps: int, *, progress: Progress | None = None) -> float:
    """Do the first ``steps`` and save; the seconds they took, validations included.

    Raises:
        As `train`, which goes on from there.
    """
    with _looping(job, progress or Silent()) as loop:
        loop.advance(steps)
        loop.save()
        return loop.state.seconds


@contextmanager
def _looping(job: Job, progress: Progress) -> Iterator[Loop]:
    with stopping(progress) as stop, _quiet_gc():
        loop = Loop(job, progress, stop)
        with loop.recording(), explained(job.rows_a_batch, job.rows.length, loop.attempt):
            yield loop


class Loop:
    """A run in progress."""

    def __init__(self, job: Job, progress: Progress, stop: Stop) -> None:
        self.job = job
        self.progress = progress
        self.stop = stop
        self.forward, self.shared = job.devices.forward(job.model, job.objective)
        self.state = state.restore(job.folder, job.model, job.optimiser, progress) or State()
        self.begun = time.monotonic() - self.state.seconds
        self.saved_at = time.monotonic()
        self.log: Log | None = None

    @contextmanager
    def recording(self) -> Iterator[None]:
        """While inside, history is written to the job's folder and progress shown."""
        job = self.job
        self.progress.start("training", job.steps, unit="steps", done=self.state.step)
        try:
            if job.devices.rank > 0:
                yield
                return
            with Log(job.folder, self.state.history, job.wandb, dict(job.config)) as self.log:
                yield
        finally:
            self.progress.finish()

    def run(self) -> Outcome:
        """All the steps that are left, and the last validation."""
        self.advance(self.job.steps)
        self.save()
        metrics = self.validate(0)
        self.leave_when_asked()
        return self.outcome(metrics or {})

    def advance(self, end: int) -> None:
        """Steps until ``end`` are done."""
        job, done = self.job, self.state.step
        if done:
            self.progress.note(f"going on from step {done} of {job.steps}")
        job.model.train()
        for meal in self.feed().meals(done, end):
            self.validate_when_due()
            self.leave_when_asked()
            self.step(meal)
            self.save_when_due()
        self.leave_when_asked()

    def step(self, meal: Meal) -> None:
        """Learn from one step's rows; a step without a target is skipped and counted."""
        job, begun = self.job, time.monotonic()
        chance.seed(job.seed, self.state.step, job.devices.rank)
        [weight] = job.devices.total([meal.weight])
        if weight == 0:
            self.count(meal, weight, skipped=True)
            return
        job.optimiser.rate(job.schedule(self.state.step))
        losses = self.accumulate(meal, weight)
        total, sums = self.summed(losses)
        norm = job.optimiser.clip(job.clip)
        self.require_finite(total, norm, losses, meal)
        job.optimiser.step()
        job.optimiser.clear()
        self.count(meal, weight)
        figures = {"loss": total / weight, **job.objective.summary(sums, int(weight))}
        self.record_step(figures, norm, meal, time.monotonic() - begun)

    def attempt(self, rows: int) -> None:
        """A micro-batch of ``rows`` without consequences, to see whether it fits into memory."""
        job = self.job
        job.optimiser.clear()
        Trial(job.model, job.objective, job.rows, job.devices, job.precision).attempt(rows)

    def accumulate(self, meal: Meal, weight: float) -> list[Loss]:
        """Gradients of the micro-batches' losses, each a share of the whole step's weight."""
        job, losses = self.job, []
        scale = job.devices.processes / weight  # processes: sharing takes the mean of gradients
        for batch in meal.batches:
            last = batch is meal.batches[-1]
            with job.devices.sharing(self.shared, last):
                with job.devices.computing(job.precision):
                    loss = self.forward(job.devices.place(batch))
                (loss.total * scale).backward()  # type: ignore[no-untyped-call]
            losses.append(Loss(loss.total.detach(), loss.sums))
        return losses

    def summed(self, losses: Sequence[Loss]) -> tuple[float, dict[str, float]]:
        """Total and sums of the micro-batches of all processes; one transfer from the device."""
        names = list(losses[0].sums)
        rows = [[loss.total, *(loss.sums[name] for name in names)] for loss in losses]
        table = torch.stack([torch.stack([cell.float() for cell in row]) for row in rows])
        total, *sums = self.job.devices.total(table.cpu().double().sum(0).tolist())
        return total, dict(zip(names, sums, strict=True))

    def validate_when_due(self) -> None:
        """Before the first step, and then at equal distances; never twice at one step."""
        step, every = self.state.step, self.job.validate_every
        due = step % every == 0 if every else step == 0
        done = any(e["kind"] == "validation" and e["step"] == step for e in self.state.history[-1:])
        if due and not done:
            self.validate(self.job.validation_rows)

    def validate(self, most: int) -> dict[str, float] | None:
        """Figures over at most ``most`` validation rows (0: all); ``None``: there is nothing."""
        job = self.job
        if job.validation is None or len(job.validation) == 0:
            return None
        with _evaluating(job.model), job.devices.computing(job.precision):
            chance.seed(job.seed, VALIDATION)
            sums, weight = self.validation_sums(self.feed(validation=True).validation(most))
            if weight == 0:
                return None
            figures = job.objective.summary(sums, int(weight))
            self.record({"kind": "validation", "step": self.state.step, **self.clock(), **figures})
            told = ", ".join(f"{name.replace('_', ' ')} {v:.4g}" for name, v in figures.items())
            self.progress.note(f"step {self.state.step}: validation {told}")
            if job.after_validation is not None and job.devices.rank == 0:
                job.after_validation(self.state.step, figures, job.model)
        return figures

    def validation_sums(self, meals: Iterable[Meal]) -> tuple[dict[str, float], float]:
        """Sums and weight over validation rows of all processes; no weight after a stop."""
        job, sums, weight = self.job, dict[str, float](), 0.0
        for meal in meals:
            if self.stop.asked:
                break
            weight += meal.weight
            loss = job.objective.loss(job.model, job.devices.place(meal.batches[0]))
            for name, value in loss.sums.items():
                sums[name] = sums.get(name, 0.0) + float(value)
        asked, weight, *totals = job.devices.total([self.stop.asked, weight, *sums.values()])
        return dict(zip(sums, totals, strict=True)), 0.0 if asked else weight

    def save_when_due(self) -> None:
        """Now and then; a full disk does not end the run, as there may be room later."""
        if time.monotonic() - self.saved_at < self.job.checkpoint_seconds:
            return
        try:
            self.save()
        except OSError as error:
            self.progress.note(f"the checkpoint could not be written ({error}); going on")
            self.saved_at = time.monotonic()

    def save(self) -> None:
        """Write a checkpoint of the present state."""
        job = self.job
        if job.devices.rank == 0:
            self.state.seconds = time.monotonic() - self.begun
            state.save(job.folder, self.state, job.model, job.optimiser, job.keep)
        self.saved_at = time.monotonic()

    def leave_when_asked(self) -> None:
        """End here, saved, if somebody asked to stop."""
        [asked] = self.job.devices.total([self.stop.asked])
        if not asked:
            return
        self.save()
        what = f"training was stopped at step {self.state.step} of {self.job.steps} and saved"
        mend = "the same command goes on from there"
        raise StoppedError(what, where=str(self.job.folder), mend=mend)

    def require_finite(self, total: float, norm: float, losses: Sequence[Loss], meal: Meal) -> None:
        """Stop before a broken gradient reaches the parameters; says which rows it came from."""
        if math.isfinite(total) and math.isfinite(norm):
            return
        bad = [n for n, loss in zip(meal.numbers, losses, strict=True) if not loss.total.isfinite()]
        rows = [number for numbers in bad or meal.numbers for number in numbers]
        origins = "; ".join(self.job.rows.origin(number) for number in rows[:ORIGINS])
        more = f" and {len(rows) - ORIGINS} more rows" if len(rows) > ORIGINS else ""
        what = f"the loss is {total} and the gradient's norm {norm} at step {self.state.step + 1}"
        found = state.checkpoints(self.job.folder)
        good = f"the last good checkpoint is {found[-1]}; " if found else ""
        mend = f"{good}lower the learning rate or look at these rows"
        raise DivergedError(what, where=f"{origins}{more}", mend=mend)

    def count(self, meal: Meal, weight: float, *, skipped: bool = False) -> None:
        """One more step is done."""
        done = self.state
        done.step += 1
        done.skipped += skipped
        done.targets += int(weight)
        done.tokens += meal.positions * self.job.devices.processes
        self.progress.advance(1)

    def record_step(
        self, figures: Mapping[str, float], norm: float, meal: Meal, seconds: float
    ) -> None:
        """History and progress of the step just done."""
        speed = meal.positions * self.job.devices.processes / seconds
        rest = {"lr": self.job.optimiser.lr, "norm": norm, **self.clock(), "speed": speed}
        self.record({"kind": "step", "step": self.state.step, **figures, **rest})
        share = f" · MFU {self.mfu(speed):.0%}" if self.job.peak else ""
        self.progress.figures(f"loss {figures['loss']:.3f} · {speed:,.0f} tokens/s{share}")

    def record(self, entry: Entry) -> None:
        """Add to the history."""
        self.state.history.append(entry)
        if self.log is not None:
            self.log.write(entry)

    def clock(self) -> dict[str, float]:
        """How far the run is, in tokens and seconds."""
        return {"tokens": self.state.tokens, "seconds": time.monotonic() - self.begun}

    def mfu(self, speed: float) -> float:
        """The share of the machine's peak that ``speed`` tokens a second are."""
        return self.job.flops * speed / self.job.peak if self.job.peak else 0.0

    def feed(self, *, validation: bool = False) -> Feed:
        """The rows of this process."""
        job = self.job
        rows = job.validation if validation and job.validation is not None else job.rows
        place = (job.devices.rank, job.devices.processes)
        return Feed(rows, job.objective, job.seed, job.rows_a_step, job.rows_a_batch, *place)

    def outcome(self, metrics: Mapping[str, float]) -> Outcome:
        """What the run has come to."""
        done, history = self.state, self.state.history
        speed = statistics.median([e["speed"] for e in history if e["kind"] == "step"] or [0.0])
        validations = [e for e in history if e["kind"] == "validation"]
        best = min(validations, key=lambda e: e["loss"], default={"step": 0, "loss": math.nan})
        return Outcome(
            history=history,
            metrics=dict(metrics),
            best={"step": best["step"], "loss": best["loss"]},
            steps=done.step,
            skipped=done.skipped,
            tokens=done.tokens,
            targets=done.targets,
            seconds=time.monotonic() - self.begun,
            speed=speed,
            mfu=self.mfu(speed),
        )


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    """Without dropout, gradient or new compilation; every module's mode is put back."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        # not inference_mode: what a model caches in it could not be used in training
        with torch.no_grad(), as_written(model):
            yield
    finally:
        for module, training in modes:
            module.training = training


@contextmanager
def _quiet_gc() -> Iterator[None]:
    """What is there before the run is not looked through again and again."""
    if gc.get_freeze_count():  # somebody has seen to it
        yield
        return
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
