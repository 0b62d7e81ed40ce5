"""A template filled, asked and read: at once where it fits, in parts where its text is too long."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast

from zaohua.errors import UsageError
from zaohua.generate.collect import Collected
from zaohua.generate.engine import Engine
from zaohua.generate.events import Usage
from zaohua.generate.long import Ask, PartDone, Whole, measure, process
from zaohua.generate.long.room import fits
from zaohua.generate.prompts import choosing, outputs
from zaohua.generate.prompts.long_text import long_task
from zaohua.generate.prompts.spec import How
from zaohua.generate.prompts.template import Template
from zaohua.generate.prompts.trying import Grounding, given_for
from zaohua.generate.request import ChatRequest, Sampling
from zaohua.progress import Progress, Silent

LongChoice = Literal["auto", "off"] | How
LONG_CHOICES: tuple[LongChoice, ...] = ("auto", "off", "map-reduce", "in-order", "refine")


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a template is to be run.

    Attributes:
        sampling: counts where it says something, else the template.
        votes: answers to ask for, of which the one is given that most agree on.
        best: answers to ask for, of which the one is given that does best in the template's checks.
        long: ``auto`` parts a text that does not fit if the template says how, ``off`` never;
            else it is parted in any case, this way.
        batch: whether the parts of a long text are batch work, which gives way to others.
        work: the folder that keeps the finished parts of a long text.
        grounding: holds answers of templates that are ``grounded`` against their text.
    """

    sampling: Sampling = field(default_factory=Sampling)
    votes: int = 0
    best: int = 0
    long: LongChoice = "auto"
    batch: bool = False
    work: Path | None = None
    grounding: Grounding | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came out.

    Attributes:
        text: as it is printed.
        value: the text, the choice, or the JSON value.
        finish_reason: ``length`` if a text was cut off.
        answers: how many the model gave for it, parts of a long text included.
        parts: of a long text; 0 if it was asked at once.
        agreement: how alike the answers are, from 0 to 1, where there were several to choose from.
        score: of the best, where a scorer chose.
        usage: of all requests together.
    """

    text: str
    value: Any
    finish_reason: str = "stop"
    answers: int = 1
    parts: int = 0
    agreement: float | None = None
    score: float | None = None
    usage: Usage = field(default_factory=Usage)


async def run(
    template: Template,
    given: Mapping[str, Any],
    engine: Engine,
    ask: Ask,
    *,
    wishes: Wishes | None = None,
    progress: Progress | None = None,
) -> AsyncIterator[PartDone | Reply]:
    """The parts of a long text as they come, and at last the reply.

    Args:
        template: what to ask.
        given: its inputs.
        engine: whose room and tokens count.
        ask: gets one whole answer, usually of ``engine``.
        wishes: how.
        progress: told of the parts.

    Raises:
        UsageError: what is given or wished for cannot be.
        AnswerBroken: what came is not what the template promises.
        ZaohuaError: as ``ask``.
    """
    wishes = wishes or Wishes()
    check_wishes(template, wishes)
    request = template.render(given, wishes.sampling)
    how = await parted_how(template, request, engine, wishes.long)
    if how is None:
        yield await _at_once(template, given, request, ask, wishes, engine=engine)
        return
    if wishes.votes or wishes.best:
        raise UsageError(
            "a text in parts has one answer",
            mend="leave out --votes and --best, or give --long off",
        )
    room = await measure(engine, template.filled(given)[template.spec.main or ""])
    task = long_task(template, given, how, wishes.sampling, batch=wishes.batch)
    told = process(
        task,
        ask,
        room,
        progress=progress or Silent(),
        work=wishes.work,
        model=engine.info.model,
    )
    async with aclosing(cast("AsyncGenerator[PartDone | Whole]", told)) as stream:
        async for one in stream:
            yield _reply_of_parts(template, given, one) if isinstance(one, Whole) else one


def check_wishes(template: Template, wishes: Wishes) -> None:
    """Refuse what cannot be wished for together, or of this template."""
    if wishes.votes and wishes.best:
        raise UsageError("give only one of --votes and --best")
    if max(wishes.votes, wishes.best) > 64 or min(wishes.votes, wishes.best) < 0:
        raise UsageError("--votes and --best take up to 64 answers")
    if wishes.long in ("auto", "off"):
        return
    if template.spec.main is None:
        raise UsageError("this prompt has no text that could be parted", where=template.name)
    if wishes.long == "refine" and "refine" not in template.parts:
        raise UsageError("this prompt has no part '# refine'", where=template.name)
    if wishes.long == "in-order" and template.spec.output.kind not in ("text", "markdown"):
        raise UsageError("only texts can be put together in order", where=template.name)


async def parted_how(
    template: Template, request: ChatRequest, engine: Engine, wished: LongChoice
) -> How | None:
    """How the text is to be parted; None if it is asked at once."""
    if wished == "off":
        return None
    if wished != "auto":
        return wished
    long = template.spec.long
    if long is None or await fits(engine, request, long.how, long.over):
        return None
    return long.how


async def _at_once(
    template: Template,
    given: Mapping[str, Any],
    request: ChatRequest,
    ask: Ask,
    wishes: Wishes,
    *,
    engine: Engine,
) -> Reply:
    many = wishes.votes or wishes.best
    if not many:
        one = await given_for(
            template, given, request, ask, grounding=wishes.grounding, engine=engine
        )
        return Reply(
            outputs.shown(one.value), one.value, one.finish_reason, one.answers, usage=one.usage
        )
    got = await ask(choosing.several(request, many, logprobs=bool(wishes.best)))
    found = choosing.candidates(template, got.answers, given)
    if wishes.votes:
        chosen = choosing.vote(found)
    else:
        chosen = choosing.best(found, choosing.scorer(template, given))
    return replace(_reply(chosen.candidate, got), agreement=chosen.agreement, score=chosen.score)


def _reply(candidate: choosing.Candidate, got: Collected) -> Reply:
    return Reply(
        outputs.shown(candidate.value),
        candidate.value,
        candidate.answer.finish_reason,
        len(got.answers),
        usage=got.usage,
    )


def _reply_of_parts(template: Template, given: Mapping[str, Any], whole: Whole) -> Reply:
    value = template.read(whole.answer, given)
    return Reply(
        outputs.shown(value),
        value,
        whole.answer.finish_reason,
        whole.answers,
        whole.parts,
        usage=whole.usage,
    )
