"""`POST /v1/completions`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from zaohua.generate.request import CompletionRequest
from zaohua.service.body import JsonRoute, json_response
from zaohua.service.inference import require_model
from zaohua.service.openai.chat_completions.routes import STREAMED
from zaohua.service.openai.completions.answer import TextStream, collect_all, whole
from zaohua.service.openai.completions.shapes import TextCompletion, TextCompletionRequest
from zaohua.service.openai.completions.translate import completion_requests
from zaohua.service.security import Caller, caller
from zaohua.service.services import Services, services
from zaohua.service.sse import EventStream, unless_gone

router = APIRouter(prefix="/v1/completions", tags=["openai"], route_class=JsonRoute)


@router.post("", response_model=TextCompletion, responses=STREAMED, summary="Continue a text")
async def create(
    body: TextCompletionRequest,
    request: Request,
    who: Annotated[Caller, Depends(caller)],
    parts: Annotated[Services, Depends(services)],
) -> Response:
    """OpenAI's completions: one or more prompts, as text or token ids."""
    asked, model = completion_requests(body), require_model(body.model)
    echoes = await unless_gone(request, _echoes(parts, model, asked, bool(body.echo)))
    if not body.stream:
        answers = await collect_all(request, who, model, asked)
        return json_response(whole(answers, echoes, body.n or 1), answers[0][0].headers)
    stream = TextStream(request, who, asked, echoes, include_usage=body.include_usage)
    run = await stream.begin(model)
    return EventStream(
        stream.events(), stream, ping_seconds=parts.settings.ping_seconds, headers=run.headers
    )


async def _echoes(
    parts: Services, model: str, asked: list[CompletionRequest], echo: bool
) -> list[str]:
    """What to repeat before each answer: the prompt as text, or nothing."""
    if not echo:
        return [""] * len(asked)
    async with parts.models.use(model) as engine:
        return [
            one.prompt if isinstance(one.prompt, str) else await engine.detokenize(one.prompt)
            for one in asked
        ]
