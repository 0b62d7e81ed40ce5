"""A run that is given minutes keeps them: its steps are counted anew when the first are done.

What a few timed micro-batches take says little about half an hour of them on a machine that does
other things too. So a run stops shortly before its rate begins to fall, is saved, and goes on as a
run of so many steps as the time that is left allows.
"""

from __future__ import annotations

from dataclasses import replace

from zaohua.progress import Progress
from zaohua.train.decide import settle
from zaohua.train.job import Job
from zaohua.train.loop import begin
from zaohua.train.schedules import schedule
from zaohua.train.spec import ScheduleSpec

EARLY = 0.8
"""Share of the steps at the full rate after which they are counted anew."""

LEAST = 20
"""Steps that tell how long others take."""


def paced(job: Job, spec: ScheduleSpec, *, progress: Progress) -> Job:
    """The job with the steps that its seconds allow; the first of them are done, and saved.

    Raises:
        As `zaohua.train.loop.train`.
    """
    first = int(EARLY * full_share(spec) * job.steps)
    if not job.seconds or first < LEAST:
        return job
    taken = begin(job, first, progress=progress)
    steps = job.devices.same(max(first + 1, steps_in(job, first, taken)))
    if job.devices.rank == 0:
        settle(job.folder, steps)
    if steps != job.steps:
        progress.note(f"{steps:,} steps instead of {job.steps:,}, to keep the time")
    return replace(job, steps=steps, schedule=schedule(spec, steps), seconds=0.0)


def full_share(spec: ScheduleSpec) -> float:
    """The share of the steps before the rate falls: until then it does not hang on their number."""
    return {"wsd": 1.0 - spec.decay, "constant": 1.0}.get(spec.name, 0.0)


def steps_in(job: Job, first: int, taken: float) -> int:
    """Steps that fit into the job's seconds, if the ``first`` took ``taken`` with validations.

    The last validation sees all rows, each for about a third of what it takes to learn from one.
    """
    step = taken / first
    rows = len(job.validation) if job.validation is not None else 0
    last = rows / job.rows_a_step / 3
    return int(job.seconds / step - last)
