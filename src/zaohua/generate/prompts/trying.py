"""A template asked until what comes is right, and held against the text that it must stand in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

from zaohua.generate.collect import Answer, Collected
from zaohua.generate.engine import Engine
from zaohua.generate.events import Usage
from zaohua.generate.long import Ask
from zaohua.generate.prompts import choosing
from zaohua.generate.prompts.channel import likeliest
from zaohua.generate.prompts.choosing import Candidate
from zaohua.generate.prompts.outputs import AnswerBroken
from zaohua.generate.prompts.template import Template
from zaohua.generate.request import ChatRequest


class Grounding(Protocol):
    """Says what a text can answer, and what it bears."""

    def answerable(self, question: str, text: str) -> bool:
        """Whether ``text`` can hold what ``question`` asks."""

    def borne(self, answer: str, question: str, text: str) -> str:
        """``answer`` if ``text`` bears it, else the words of ``text`` that answer best."""


@dataclass(frozen=True, slots=True)
class Given:
    """What is given, and what it took.

    Attributes:
        value: the text, the choice, or the JSON value.
        finish_reason: of the answer that it is made of.
        answers: how many the model gave.
        usage: of all of them.
        score: 1 if all checks hold, else less.
    """

    value: Any
    finish_reason: str = "stop"
    answers: int = 0
    usage: Usage = field(default_factory=Usage)
    score: float = 1.0


Give = Callable[[Template, Mapping[str, Any], ChatRequest], Awaitable[Given]]
"""One output of a template for inputs, whose request is that."""


def giving(ask: Ask, *, grounding: Grounding | None = None, engine: Engine | None = None) -> Give:
    """`given_for` of these."""
    return partial(given_for, ask=ask, grounding=grounding, engine=engine)


async def given_for(
    template: Template,
    given: Mapping[str, Any],
    request: ChatRequest,
    ask: Ask,
    *,
    grounding: Grounding | None = None,
    engine: Engine | None = None,
) -> Given:
    """One output of a template.

    It is asked again until an answer is right in all that is checked, as often as the template
    says; then the one is given that is right in most, or ``# otherwise`` where the template has it.
    With ``# channel`` a label is chosen by the probabilities of ``engine``.

    Raises:
        AnswerBroken: nothing that came is what the template promises.
        ZaohuaError: as ``ask``.
    """
    otherwise = template.otherwise(given)
    pair = _question_and_text(template, given)
    if grounding and pair and otherwise and not grounding.answerable(*pair):
        return Given(otherwise)
    label = await likeliest(template, given, engine) if engine else None
    if label is not None:
        return Given(label)
    got: list[Collected] = []
    best: tuple[Candidate, float] | None = None
    broken: AnswerBroken | None = None
    for number in range(template.spec.tries):
        got.append(await ask(_again(request, number) if number else request))
        answers = [answer for one in got for answer in one.answers]
        best, broken = _best(template, given, answers)
        if best is not None and best[1] >= 1:
            break
    whole = Given(otherwise, answers=sum(len(one.answers) for one in got), usage=_usage(got))
    if grounding and pair and best is not None:
        borne = grounding.borne(str(best[0].value), *pair)
        return replace(whole, value=borne or otherwise or best[0].value, score=best[1])
    if otherwise and (best is None or best[1] < 1):
        return replace(whole, score=best[1] if best else 0.0)
    if best is None:
        raise broken or AnswerBroken("the model gave no answer")
    reason = best[0].answer.finish_reason
    return replace(whole, value=best[0].value, finish_reason=reason, score=best[1])


def _again(request: ChatRequest, number: int) -> ChatRequest:
    """``request`` for another answer, which is to differ from those before."""
    sampling = request.sampling
    warmth = max(sampling.temperature or 0, choosing.SPREAD)
    seed = None if sampling.seed is None else sampling.seed + number
    return replace(request, sampling=replace(sampling, temperature=warmth, seed=seed))


def _question_and_text(template: Template, given: Mapping[str, Any]) -> tuple[str, str] | None:
    wanted = template.spec.grounded
    if wanted is None:
        return None
    values = template.filled(given)
    return str(values[wanted.question]), str(values[wanted.text])


def _best(
    template: Template, given: Mapping[str, Any], answers: Sequence[Answer]
) -> tuple[tuple[Candidate, float] | None, AnswerBroken | None]:
    """The first of the answers of which most checks hold, with its score; why there is none."""
    try:
        found = choosing.candidates(template, answers, given)
    except AnswerBroken as error:
        return None, error
    chosen = choosing.best(found, choosing.scorer(template, given))
    return (chosen.candidate, chosen.score or 0.0), None


def _usage(got: Sequence[Collected]) -> Usage:
    return Usage(
        sum(one.usage.prompt_tokens for one in got),
        sum(one.usage.completion_tokens for one in got),
    )
