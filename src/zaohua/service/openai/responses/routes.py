"""`/v1/responses`: create, show, delete, cancel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from zaohua.generate.request import Message
from zaohua.service.body import JsonRoute, json_response
from zaohua.service.errors import ApiError, documented
from zaohua.service.inference import require_model, start
from zaohua.service.openai.chat_completions.routes import STREAMED
from zaohua.service.openai.responses import stored
from zaohua.service.openai.responses.answer import Making, Running
from zaohua.service.openai.responses.shapes import (
    DeletedResponse,
    ResponseShape,
    ResponsesRequest,
)
from zaohua.service.openai.responses.translate import input_messages, response_request
from zaohua.service.openai.responses.writer import ResponseWriter
from zaohua.service.security import Caller, caller
from zaohua.service.services import Services, services
from zaohua.service.sse import EventStream, named_event, unless_gone

router = APIRouter(prefix="/v1/responses", tags=["openai"], route_class=JsonRoute)
Who = Annotated[Caller, Depends(caller)]
Parts = Annotated[Services, Depends(services)]


@router.post("", response_model=ResponseShape, responses=STREAMED, summary="Make a response")
async def create(body: ResponsesRequest, request: Request, who: Who, parts: Parts) -> Response:
    """OpenAI's responses with function tools. Kept for thirty days unless `store` is false."""
    before = await _before(body, who, parts)
    asked = response_request(body, before)
    run = await start(request, who, require_model(body.model), asked)
    making = Making(
        run=run,
        writer=ResponseWriter(body, run.model),
        owner=who.owner,
        messages=[*before, *input_messages(body.input)],
        database=parts.database,
        running=request.app.state.running_responses,
    )
    if body.stream:
        ping = parts.settings.ping_seconds
        return EventStream(_encoded(making), making, ping_seconds=ping, headers=run.headers)
    try:
        await unless_gone(request, _to_the_end(making))
    finally:
        await making.aclose()
    return json_response(making.writer.snapshot(), run.headers)


async def _before(body: ResponsesRequest, who: Caller, parts: Services) -> list[Message]:
    previous = body.previous_response_id
    if not previous:
        return []
    return await asyncio.to_thread(stored.conversation, parts.database, who.owner, previous)


async def _encoded(making: Making) -> AsyncGenerator[bytes]:
    async for event in making.events():
        yield named_event(event["type"], event)


async def _to_the_end(making: Making) -> None:
    async for _ in making.events():
        pass
    if making.failure is not None:
        raise making.failure


@router.get(
    "/{response_id}",
    response_model=ResponseShape,
    responses=documented(404),
    summary="Show a response",
)
async def show(response_id: str, request: Request, who: Who, parts: Parts) -> Response:
    """A kept response, or one that is being made."""
    running: Running = request.app.state.running_responses
    making = running.get(who.owner, response_id)
    if making is not None:
        return json_response(making.writer.snapshot())
    found = await asyncio.to_thread(stored.load, parts.database, who.owner, response_id)
    return json_response(found)


@router.delete(
    "/{response_id}",
    response_model=DeletedResponse,
    responses=documented(404),
    summary="Delete a response",
)
async def delete(response_id: str, who: Who, parts: Parts) -> Response:
    """Forget a kept response."""
    await asyncio.to_thread(stored.remove, parts.database, who.owner, response_id)
    return json_response({"id": response_id, "object": "response", "deleted": True})


@router.post(
    "/{response_id}/cancel",
    response_model=ResponseShape,
    responses=documented(404),
    summary="Cancel a response",
)
async def cancel(response_id: str, request: Request, who: Who, parts: Parts) -> Response:
    """Stop a response that is being made; one that is over can only be deleted."""
    running: Running = request.app.state.running_responses
    making = running.get(who.owner, response_id)
    if making is not None:
        return json_response(await running.cancel(making))
    found = await asyncio.to_thread(stored.load, parts.database, who.owner, response_id)
    if found["status"] != "cancelled":
        raise ApiError(400, f"the response is already {found['status']}", code="already_over")
    return json_response(found)
