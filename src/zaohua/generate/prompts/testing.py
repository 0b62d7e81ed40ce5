"""How steady a template is: its examples, in several wordings, with several seeds."""

from __future__ import annotations

import statistics
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, cast

from zaohua.errors import UsageError
from zaohua.generate.many import in_order
from zaohua.generate.prompts.cases import Case, examples
from zaohua.generate.prompts.checks import check, share
from zaohua.generate.prompts.choosing import agreement
from zaohua.generate.prompts.outputs import AnswerBroken
from zaohua.generate.prompts.template import Template
from zaohua.generate.prompts.trying import Give
from zaohua.generate.prompts.variants import Variant, variants
from zaohua.generate.request import Sampling
from zaohua.progress import Progress, Silent


@dataclass(frozen=True, slots=True)
class Run:
    """One output and what held of it; ``broken`` says why there is none."""

    held: bool
    score: float
    value: Any = None
    failed: tuple[str, ...] = ()
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """The runs of one example in one wording.

    ``held`` is the share of them of which all that was expected held, ``agreement`` how alike
    they are, both from 0 to 1.
    """

    example: int
    variant: str
    held: float
    agreement: float
    failed: tuple[str, ...]
    outputs: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Steadiness:
    """What a test found: in all, by example (over all wordings), and in each row."""

    prompt: str
    language: str
    version: int
    model: str
    runs: int
    held: float
    agreement: float
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be run of a template: each example in each wording, with each of the seeds."""

    template: Template
    rows: tuple[tuple[int, Case, Variant], ...]
    seeds: int

    @classmethod
    def of(cls, template: Template, seeds: int) -> _Plan:
        cases = examples(template)
        if not cases:
            raise UsageError(
                "this prompt has no examples", where=template.name, mend="add 'examples:'"
            )
        if template.spec.sampling.sampling().temperature == 0:
            seeds = 1  # all would be the same
        wordings = variants(template)
        rows = [(number, case, one) for number, case in enumerate(cases, 1) for one in wordings]
        return cls(template, tuple(rows), seeds)

    @property
    def jobs(self) -> list[tuple[Template, Case, int]]:
        seeds = range(1, self.seeds + 1)
        return [(one.template, case, seed) for _, case, one in self.rows for seed in seeds]

    def found(self, runs: Sequence[Run], model: str) -> Steadiness:
        groups = [runs[place : place + self.seeds] for place in range(0, len(runs), self.seeds)]
        rows = [
            _row(number, variant, group)
            for (number, _, variant), group in zip(self.rows, groups, strict=True)
        ]
        return Steadiness(
            self.template.name,
            self.template.language,
            self.template.spec.version,
            model,
            len(runs),
            statistics.fmean(run.held for run in runs),
            _across(rows),
            tuple(rows),
        )


async def steadiness(
    templates: Sequence[Template],
    give: Give,
    *,
    model: str = "",
    seeds: int = 3,
    parallel: int = 1,
    progress: Progress | None = None,
) -> AsyncGenerator[Steadiness]:
    """Run the examples of ``templates`` in every wording, with ``seeds`` seeds each unless they are
    greedy; one after the other, each as soon as its last run is done.

    Raises:
        UsageError: one has no examples.
        ZaohuaError: as ``give``.
    """
    plans = [_Plan.of(template, seeds) for template in templates]
    jobs = [job for plan in plans for job in plan.jobs]
    told = progress or Silent()
    what = templates[0].name if len(templates) == 1 else f"{len(templates)} prompts"
    told.start(f"testing {what}", len(jobs), "runs")
    async with aclosing(attempts(give, jobs, parallel, told)) as done:
        for plan in plans:
            yield plan.found([await anext(done) for _ in plan.jobs], model)
    told.finish()


async def attempts(
    give: Give, jobs: Iterable[tuple[Template, Case, int]], parallel: int, progress: Progress
) -> AsyncGenerator[Run]:
    """A run of each job: a template, a case and a seed."""

    async def one(job: tuple[Template, Case, int]) -> Run:
        return await attempt(give, *job)

    stream = cast("AsyncGenerator[Run]", in_order(one, jobs, parallel=parallel))
    async with aclosing(stream) as done:
        async for run in done:
            progress.advance(1)
            yield run


async def attempt(give: Give, template: Template, case: Case, seed: int) -> Run:
    """One output of a template for a case, and what held of it."""
    request = replace(template.render(case.inputs, Sampling(seed=seed)), batch=True)
    try:
        value = (await give(template, case.inputs, request)).value
    except AnswerBroken as error:
        return Run(False, 0.0, failed=("keeps its form",), broken=error.line())
    values = template.filled(case.inputs)
    checks = [*template.checks(value, case.inputs), *check(case.expect, value, values)]
    failed = tuple(one.rule for one in checks if not one.holds)
    return Run(not failed, share(checks), value, failed)


def _row(number: int, variant: Variant, runs: Sequence[Run]) -> Row:
    failed = dict.fromkeys(rule for run in runs for rule in run.failed)
    return Row(
        number,
        variant.name,
        statistics.fmean(run.held for run in runs),
        agreement([run.value for run in runs]),
        tuple(failed),
        tuple(run.broken or run.value for run in runs),
    )


def _across(rows: Sequence[Row]) -> float:
    """How alike the outputs for one example are in all its wordings; the mean of the examples."""
    by_example: dict[int, list[Any]] = {}
    for row in rows:
        by_example.setdefault(row.example, []).extend(row.outputs)
    return statistics.fmean(agreement(outputs) for outputs in by_example.values())
