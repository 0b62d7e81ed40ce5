"""`POST /v1/messages` and `POST /v1/messages/count_tokens`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from zaohua.service.anthropic.messages.answer import PING, EventWriter, failure, whole
from zaohua.service.anthropic.messages.shapes import (
    CountRequest,
    MessageAnswer,
    MessagesRequest,
    TokenCount,
)
from zaohua.service.anthropic.messages.translate import chat_request
from zaohua.service.body import JsonRoute, json_response
from zaohua.service.errors import documented
from zaohua.service.inference import collected, require_model, start
from zaohua.service.security import Caller, caller
from zaohua.service.services import Services, services
from zaohua.service.sse import EVENT_STREAM, EventStream, unless_gone

router = APIRouter(prefix="/v1/messages", tags=["anthropic"], route_class=JsonRoute)
_STREAMED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer: JSON, or server-sent events with `stream: true`.",
        "content": EVENT_STREAM,
    },
    **documented(404, 429, 529, anthropic=True),
}


@router.post("", response_model=MessageAnswer, responses=_STREAMED, summary="Answer a conversation")
async def create(
    body: MessagesRequest,
    request: Request,
    who: Annotated[Caller, Depends(caller)],
    parts: Annotated[Services, Depends(services)],
) -> Response:
    """Anthropic's messages; errors come in Anthropic's envelope."""
    asked, model = chat_request(body), require_model(body.model)
    if not body.stream:
        run, answers = await collected(request, who, model, asked)
        return json_response(whole(run, answers), run.headers)
    run = await start(request, who, model, asked)
    return EventStream(
        EventWriter(run.model).events(run),
        run,
        ping_seconds=parts.settings.ping_seconds,
        failure=failure,
        ping=PING,
        headers=run.headers,
    )


@router.post(
    "/count_tokens",
    response_model=TokenCount,
    responses=documented(404, 529, anthropic=True),
    summary="Count the tokens of a conversation",
)
async def count(
    body: CountRequest,
    request: Request,
    _: Annotated[Caller, Depends(caller)],
    parts: Annotated[Services, Depends(services)],
) -> Response:
    """Tokens of the prompt that the chat template makes of the conversation and its tools."""
    asked = chat_request(body)

    async def counted() -> int:
        async with parts.models.use(require_model(body.model)) as engine:
            return await engine.count_tokens(asked)

    return json_response({"input_tokens": await unless_gone(request, counted())})
