"""A better instruction and better examples for a template, searched on cases, judged on others.

A third of the cases to choose by are examples that may be shown. On ever more of the others the
candidates run, and the worse half drops out each time (successive halving). The last one stands
against the template as it is on cases that neither was chosen by; only if it does better there is
it kept.
"""

from __future__ import annotations

import random
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from zaohua.errors import UsageError
from zaohua.generate.long import Ask
from zaohua.generate.prompts.cases import Case, divided
from zaohua.generate.prompts.outputs import shown
from zaohua.generate.prompts.rendering import Unfit
from zaohua.generate.prompts.spec import ScoreSpec, ShotSpec
from zaohua.generate.prompts.template import Template
from zaohua.generate.prompts.testing import attempts
from zaohua.generate.prompts.trying import Give, giving
from zaohua.generate.prompts.variants import changed, with_instruction
from zaohua.generate.request import ChatRequest, Message, Sampling
from zaohua.progress import Progress, Silent
from zaohua.text.instructions import is_chinese

FEWEST: Final = 5
"""Cases below which there is nothing to choose by and to judge."""
PROPOSALS: Final = 4
MOST_SHOTS: Final = 3

_NAME = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A template that may be better, and how it differs."""

    change: str
    template: Template


@dataclass(frozen=True, slots=True)
class Trial:
    """What a candidate scored on cases to choose by, and on how many."""

    change: str
    score: float
    cases: int


@dataclass(frozen=True, slots=True)
class Optimised:
    """The outcome: the better template, or None, with both scores on the held-out cases."""

    better: Template | None
    change: str
    before: float
    after: float
    held_out: int
    runs: int
    trials: tuple[Trial, ...]


@dataclass(slots=True)
class _Search:
    ask: Ask
    give: Give
    parallel: int
    budget: int
    progress: Progress
    runs: int = 0
    trials: list[Trial] = field(default_factory=list)

    async def score(self, candidate: Candidate, cases: Sequence[Case]) -> float:
        """Mean share of what holds, over ``cases``."""
        jobs = [(candidate.template, case, 1) for case in cases]
        runs = [run async for run in attempts(self.give, jobs, self.parallel, self.progress)]
        self.runs += len(runs)
        return statistics.fmean(run.score for run in runs)


async def optimise(
    template: Template,
    cases: Sequence[Case],
    ask: Ask,
    *,
    give: Give | None = None,
    runs: int = 200,
    seed: int = 1,
    model: str = "",
    parallel: int = 1,
    progress: Progress | None = None,
) -> Optimised:
    """Search with at most ``runs`` answers of the model, proposals of its own included.

    Wordings are asked for by ``ask``, and outputs given by ``give``, or by ``ask`` alone.

    Raises:
        UsageError: there are too few cases, or too few runs for them.
        ZaohuaError: as ``ask`` and ``give``.
    """
    if len(cases) < FEWEST:
        raise UsageError(f"{len(cases)} cases are too few to optimise by", mend=f"give {FEWEST}")
    choose_by, held_out = divided(cases, seed)
    least = 2 * len(held_out) + PROPOSALS + 2 * len(choose_by)
    if runs < least:
        raise UsageError(f"{runs} runs are too few for {len(cases)} cases", mend=f"--runs {least}")
    told = progress or Silent()
    told.start(f"optimising {template.name}", runs, "runs")
    search = _Search(ask, give or giving(ask), parallel, runs - 2 * len(held_out), told)
    third = len(choose_by) // 3
    to_show = [case for case in choose_by[:third] if case.output is not None]
    candidates = await _candidates(template, to_show, search, random.Random(seed))  # noqa: S311
    found = await _best(search, candidates, choose_by[third:])
    before = await search.score(candidates[0], held_out)
    after = before if found is candidates[0] else await search.score(found, held_out)
    told.finish()
    better = found.template if after > before else None
    if better is not None:
        better = _next_version(better, ScoreSpec(
            held_out=round(after, 4), before=round(before, 4), cases=len(held_out), model=model
        ))  # fmt: skip
    return Optimised(
        better, found.change, before, after, len(held_out), search.runs, tuple(search.trials)
    )


async def _candidates(
    template: Template, to_show: Sequence[Case], search: _Search, chance: random.Random
) -> list[Candidate]:
    """The template as it is first; then other instructions, other examples, and both."""
    found = [Candidate("as it is", template)]
    found += [
        Candidate(f"paraphrase {number}", with_instruction(template, text))
        for number, text in enumerate(template.spec.paraphrases, 1)
    ]
    found += await _proposed(template, search)
    for number, candidate in enumerate(list(found) if to_show else []):
        drawn = chance.sample(to_show, min(len(to_show), 1 + number % MOST_SHOTS))
        found.append(_with_shots(candidate, drawn))
    if template.spec.shots:
        found.append(_with_shots(found[0], []))
    return found


async def _proposed(template: Template, search: _Search) -> list[Candidate]:
    """Instructions in the model's words that speak of the same inputs."""
    instruction = template.spec.instruction
    if not instruction:
        return []
    wording = _ASK_ZH if is_chinese(instruction) else _ASK_EN
    asked = Message("user", wording.format(instruction=instruction))
    sampling = Sampling(max_tokens=200, temperature=0.9, n=PROPOSALS, seed=1)
    got = await search.ask(ChatRequest((asked,), sampling, batch=True))
    search.runs += PROPOSALS
    search.progress.advance(PROPOSALS)
    texts = dict.fromkeys(answer.text.strip().strip('"“”') for answer in got.answers)
    found = []
    for number, text in enumerate(texts, 1):
        if sorted(_NAME.findall(text)) == sorted(_NAME.findall(instruction)) and text:
            try:
                found.append(Candidate(f"proposal {number}", with_instruction(template, text)))
            except Unfit:
                continue
    return found


_ASK_EN: Final = (
    "Write the following instruction for an assistant in other words, clearer and more precise. "
    "Copy everything in double braces unchanged. Write only the new instruction.\n\n{instruction}"
)
_ASK_ZH: Final = (
    "请把下面给助手的指令换一种说法，写得更清楚、更准确。双花括号里的内容照抄不变。"
    "只写新的指令。\n\n{instruction}"
)


def _with_shots(candidate: Candidate, cases: Sequence[Case]) -> Candidate:
    shots = tuple(ShotSpec(inputs=case.inputs, output=shown(case.output)) for case in cases)
    spec = candidate.template.spec.model_copy(update={"shots": shots})
    change = f"{candidate.change}, {len(shots)} examples shown"
    return Candidate(change, changed(candidate.template, spec))


async def _best(
    search: _Search, candidates: Sequence[Candidate], cases: Sequence[Case]
) -> Candidate:
    """The last one left, or the first of those left when the runs are used up."""
    alive = list(candidates)
    count = max(len(cases) // 4, 1)
    while len(alive) > 1 and (left := search.budget - search.runs) > 1:
        alive = alive[:left]
        count = min(count, max(left // len(alive), 1))
        scores = [await search.score(candidate, cases[:count]) for candidate in alive]
        search.trials += [
            Trial(one.change, score, count) for one, score in zip(alive, scores, strict=True)
        ]
        places = sorted(range(len(alive)), key=lambda place: -scores[place])
        alive = [alive[place] for place in places[: (len(alive) + 1) // 2]]
        count = min(count * 2, len(cases))
    return alive[0]


def _next_version(template: Template, score: ScoreSpec) -> Template:
    update = {"version": template.spec.version + 1, "score": score}
    made = changed(template, template.spec.model_copy(update=update))
    return replace(made, own=True)
