"""Of several answers the one to give: what most of them say, or what a scorer likes best."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from zaohua.generate.collect import Answer
from zaohua.generate.prompts.outputs import AnswerBroken, shown
from zaohua.generate.prompts.template import Template
from zaohua.generate.request import ChatRequest

SPREAD = 0.7
"""Temperature of several answers where the template asks for the likeliest alone."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer that is whole, and what it says."""

    answer: Answer
    value: Any


@dataclass(frozen=True, slots=True)
class Chosen:
    """The candidate taken; ``agreement`` is how alike all answers are to it, from 0 to 1.

    ``score`` is the scorer's, where one chose.
    """

    candidate: Candidate
    agreement: float
    score: float | None = None


Scorer = Callable[[Candidate], float]
"""More is better."""


def several(request: ChatRequest, many: int, *, logprobs: bool = False) -> ChatRequest:
    """``request`` for ``many`` answers that can differ."""
    sampling = request.sampling
    if sampling.temperature == 0:
        sampling = replace(sampling, temperature=SPREAD)
    return replace(request, sampling=replace(sampling, n=many, logprobs=logprobs))


def candidates(
    template: Template, answers: Sequence[Answer], given: Mapping[str, Any]
) -> list[Candidate]:
    """The answers that keep what the template promises.

    Raises:
        AnswerBroken: none does; as the first says.
    """
    found, broken = [], []
    for answer in answers:
        try:
            found.append(Candidate(answer, template.read(answer, given)))
        except AnswerBroken as error:
            broken.append(error)
    if not found:
        raise broken[0] if broken else AnswerBroken("the model gave no answer")
    return found


def vote(candidates: Sequence[Candidate]) -> Chosen:
    """Self-consistency: the answer that is most like all the others (Wang et al., 2022).

    Of choices and JSON that is what most say; of texts the one that shares most with the rest.
    """
    exact = not all(isinstance(one.value, str) and len(one.value) > 40 for one in candidates)
    likeness = _same if exact else similarity
    agreed = [_mean(likeness, one, candidates) for one in candidates]
    best = max(range(len(candidates)), key=lambda place: (agreed[place], -place))
    return Chosen(candidates[best], agreed[best])


def best(candidates: Sequence[Candidate], score: Scorer) -> Chosen:
    """The candidate with the highest score."""
    scores = [score(one) for one in candidates]
    place = max(range(len(candidates)), key=lambda number: (scores[number], -number))
    agreement = _mean(similarity, candidates[place], candidates)
    return Chosen(candidates[place], agreement, scores[place])


def scorer(template: Template, given: Mapping[str, Any]) -> Scorer:
    """1 if all the template's checks hold, less the more do not; among equals, how sure the model
    was."""

    def score(candidate: Candidate) -> float:
        checks = template.checks(candidate.value, given)
        held = 1 - sum(not one.holds for one in checks) / (len(checks) + 1)
        sure = [token.logprob for token in candidate.answer.logprobs]
        return held + max(statistics.fmean(sure), -20.0) / 1000 if sure else held

    return score


def agreement(values: Sequence[Any]) -> float:
    """How alike outputs are, from 0 to 1: the mean over all pairs; 1 for a single one."""
    pairs = [
        similarity_of(one, other)
        for number, one in enumerate(values)
        for other in values[number + 1 :]
    ]
    return statistics.fmean(pairs) if pairs else 1.0


def similarity(one: Candidate, other: Candidate) -> float:
    """Of what they say, from 0 to 1."""
    return similarity_of(one.value, other.value)


def similarity_of(one: Any, other: Any) -> float:
    """Share of pairs of characters that two outputs have in common (Dice); 1 if they are equal."""
    first, second = _plain(one), _plain(other)
    if first == second:
        return 1.0
    ours, theirs = _pairs(first), _pairs(second)
    total = ours.total() + theirs.total()
    return 2 * (ours & theirs).total() / total if total else 0.0


def _same(one: Candidate, other: Candidate) -> float:
    return float(_plain(one.value) == _plain(other.value))


def _mean(
    likeness: Callable[[Candidate, Candidate], float], one: Candidate, all_: Sequence[Candidate]
) -> float:
    return statistics.fmean(likeness(one, other) for other in all_)


def _plain(value: Any) -> str:
    return " ".join(shown(value).lower().split())


def _pairs(text: str) -> Counter[str]:
    return Counter(text[place : place + 2] for place in range(len(text) - 1))
