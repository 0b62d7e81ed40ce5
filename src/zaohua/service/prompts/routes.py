"""Prompts listed, shown, filled and run."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import asdict
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from zaohua.errors import UsageError
from zaohua.generate.collect import Collected, collect
from zaohua.generate.long import PartDone
from zaohua.generate.prompts import AnswerBroken, PromptLibrary, Reply, Template, Wishes, run
from zaohua.generate.prompts.facts import facts
from zaohua.generate.request import ChatRequest, Sampling
from zaohua.knowledge.grounding import OneText
from zaohua.service.body import JsonRoute
from zaohua.service.chat.parameters import Known
from zaohua.service.errors import ApiError, documented
from zaohua.service.inference import Run, require_model
from zaohua.service.prompts.shapes import (
    Filling,
    Outcome,
    Prompt,
    PromptItem,
    PromptList,
    Rendered,
    RenderedMessage,
    RunPrompt,
)
from zaohua.service.security import Caller
from zaohua.service.sse import EVENT_STREAM, EventStream, named_event, named_failure, unless_gone

router = APIRouter(prefix="/api/prompts", tags=["prompts"], route_class=JsonRoute)
Name = Annotated[str, Path(pattern="^[a-z][a-z0-9_-]{0,63}$")]
Language = Annotated[str, Query(max_length=8, pattern="^[a-z]*$")]


def prompts(request: Request) -> PromptLibrary:
    """The library of the app that got this request (for ``Depends``)."""
    found: PromptLibrary = request.app.state.prompts
    return found


Library = Annotated[PromptLibrary, Depends(prompts)]


@router.get("", responses=documented(), summary="Prompts to choose from")
def index(
    library: Library, caller: Known, q: Annotated[str, Query(max_length=200)] = ""
) -> PromptList:
    """By name; with ``q`` those that have all its words in name, title or description."""
    found = library.listings(q)
    return PromptList(items=[PromptItem.model_validate(asdict(one)) for one in found])


@router.get("/{name}", responses=documented(404), summary="One prompt")
def one(name: Name, library: Library, caller: Known, language: Language = "") -> Prompt:
    """In ``language``, or in one it is there in."""
    with _without_paths():
        template = library.get(name, language)
    return Prompt.model_validate({**facts(template), "languages": library.languages(name)})


@router.post("/{name}/render", responses=documented(404), summary="A prompt filled")
def render(name: Name, body: Filling, library: Library, caller: Known) -> Rendered:
    """What the model would be sent; nothing is."""
    template = _chosen(library, name, body)
    request = template.render(body.inputs)
    return Rendered.model_validate(
        {
            "language": template.language,
            "messages": [RenderedMessage(role=m.role, content=m.content) for m in request.messages],
            "schema": request.grammar.value if request.grammar else None,
        }
    )


@router.post(
    "/{name}/run",
    response_model=Outcome,
    responses={**documented(404, 429, 502, 503), 200: {"content": EVENT_STREAM}},
    summary="A prompt run",
)
async def run_prompt(
    name: Name, body: RunPrompt, request: Request, library: Library, caller: Known
) -> Outcome | Response:
    """The whole output. A text too long for the model is gone through in parts, if the prompt
    says how; that is batch work. With ``stream`` it is server-sent events: ``part`` for what
    comes of each, ``done`` at last. An output that is not what the prompt promises is a 502.
    """
    template = await run_in_threadpool(_chosen, library, name, body)
    await run_in_threadpool(template.filled, body.inputs)
    steps = _steps(request, caller, template, body)
    if not body.stream:
        return await unless_gone(request, _whole(steps))
    ping = request.app.state.services.settings.ping_seconds
    return EventStream(_events(steps), steps, ping_seconds=ping, failure=named_failure)


def _chosen(library: PromptLibrary, name: str, body: Filling) -> Template:
    with _without_paths():
        return library.choose(name, body.inputs, body.language)


@contextmanager
def _without_paths() -> Iterator[None]:
    """What is wrong with a file is told, where it lies is not."""
    try:
        yield
    except UsageError as error:
        told = UsageError(error.what, mend=error.mend).line()
        raise ApiError(400, told, code="invalid_value", param="name") from None


async def _steps(
    request: Request, caller: Caller, template: Template, body: RunPrompt
) -> AsyncGenerator[PartDone | Outcome]:
    services = request.app.state.services
    wishes = Wishes(
        Sampling(**_said(body)),
        body.votes,
        body.best,
        body.long,
        batch=True,
        work=services.settings.home / "work" / "long",
        grounding=OneText(),
    )
    async with services.models.use(require_model(body.model)) as engine:
        model = engine.info.model

        async def ask(asked: ChatRequest) -> Collected:
            return await _asked(request, caller, model, asked)

        steps = run(template, body.inputs, engine, ask, wishes=wishes)
        try:
            async with aclosing(cast("Any", steps)) as stream:
                async for one in stream:
                    yield _told(template, model, one) if isinstance(one, Reply) else one
        except AnswerBroken as error:
            raise ApiError(502, error.line(), code="answer_broken") from None


async def _whole(steps: AsyncGenerator[PartDone | Outcome]) -> Outcome:
    async with aclosing(steps) as told:
        return [one async for one in told if isinstance(one, Outcome)][-1]


async def _events(steps: AsyncGenerator[PartDone | Outcome]) -> AsyncGenerator[bytes]:
    async for one in steps:
        if isinstance(one, Outcome):
            yield named_event("done", one.model_dump(mode="json"))
        else:
            yield named_event("part", asdict(one))


def _said(body: RunPrompt) -> dict[str, Any]:
    said = body.sampling.model_dump(exclude_none=True)
    return {**said, "stop": tuple(said.get("stop", ()))}


async def _asked(request: Request, caller: Caller, model: str, asked: ChatRequest) -> Collected:
    """One answer, within the caller's limits; several may be asked for at once."""
    running = Run(request, caller, model, asked)
    try:
        await running.begin()
        return await collect(aiter(running))
    finally:
        await running.aclose()


def _told(template: Template, model: str, reply: Reply) -> Outcome:
    return Outcome(
        prompt=template.name,
        language=template.language,
        version=template.spec.version,
        model=model,
        text=reply.text,
        value=reply.value,
        finish_reason=reply.finish_reason,
        answers=reply.answers,
        parts=reply.parts,
        agreement=reply.agreement,
        score=reply.score,
        prompt_tokens=reply.usage.prompt_tokens,
        completion_tokens=reply.usage.completion_tokens,
    )
