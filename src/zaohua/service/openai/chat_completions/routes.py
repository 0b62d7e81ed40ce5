"""`POST /v1/chat/completions`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from zaohua.service.body import JsonRoute, json_response
from zaohua.service.errors import documented
from zaohua.service.inference import collected, require_model, start
from zaohua.service.openai.chat_completions.answer import ChunkWriter, whole
from zaohua.service.openai.chat_completions.shapes import (
    ChatCompletion,
    ChatCompletionRequest,
    InputTokens,
)
from zaohua.service.openai.chat_completions.translate import chat_request
from zaohua.service.security import Caller, caller
from zaohua.service.services import Services, services
from zaohua.service.sse import EVENT_STREAM, EventStream, unless_gone

router = APIRouter(prefix="/v1/chat/completions", tags=["openai"], route_class=JsonRoute)
STREAMED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer: JSON, or server-sent events with `stream: true`.",
        "content": EVENT_STREAM,
    },
    **documented(404, 429, 503),
}


@router.post("", response_model=ChatCompletion, responses=STREAMED, summary="Answer a conversation")
async def create(
    body: ChatCompletionRequest,
    request: Request,
    who: Annotated[Caller, Depends(caller)],
    parts: Annotated[Services, Depends(services)],
) -> Response:
    """OpenAI's chat completions, with `top_k`, `min_p`, `repeat_penalty`, `grammar`, `regex`,
    `prompt_lookup` and `chat_template_kwargs` besides."""
    asked, model = chat_request(body), require_model(body.model)
    legacy = bool(body.functions) and not body.tools
    if not body.stream:
        run, answers = await collected(request, who, model, asked)
        return json_response(whole(run, answers, legacy=legacy), run.headers)
    run = await start(request, who, model, asked)
    writer = ChunkWriter(
        run,
        include_usage=body.include_usage,
        legacy=legacy,
        progress=bool(body.return_progress),
    )
    return EventStream(
        writer.events(run), run, ping_seconds=parts.settings.ping_seconds, headers=run.headers
    )


@router.post(
    "/input_tokens",
    response_model=InputTokens,
    responses=documented(404, 503),
    summary="Count the tokens of a conversation",
)
async def count(
    body: ChatCompletionRequest,
    request: Request,
    _: Annotated[Caller, Depends(caller)],
    parts: Annotated[Services, Depends(services)],
) -> Response:
    """Tokens of the prompt that the chat template makes of the conversation and its tools."""
    asked = chat_request(body)

    async def counted() -> int:
        async with parts.models.use(require_model(body.model)) as engine:
            return await engine.count_tokens(asked)

    tokens = await unless_gone(request, counted())
    return json_response({"object": "response.input_tokens", "input_tokens": tokens})
