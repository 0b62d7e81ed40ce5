"""Questions, answers and what can be done with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from zaohua.assistant.conversations import Conversations
from zaohua.assistant.running import AnswerEvent, Done, Piece
from zaohua.assistant.scoring import token_probabilities
from zaohua.assistant.values import Message
from zaohua.generate.events import PromptProgress
from zaohua.service.body import JsonRoute
from zaohua.service.chat.parameters import ConversationId, Known, MessageId, Parts
from zaohua.service.chat.shapes import Asked, Judgement, Question, Regenerated
from zaohua.service.errors import ApiError, documented
from zaohua.service.limits import Grant, Limits, Unlimited
from zaohua.service.security import Caller
from zaohua.service.sse import EVENT_STREAM, EventStream, named_event, named_failure

router = APIRouter(prefix="/api", tags=["answers"], route_class=JsonRoute)

_STREAM: dict[int | str, dict[str, Any]] = {200: {"content": EVENT_STREAM}}


@router.post(
    "/conversations/{conversation_id}/messages",
    status_code=201,
    responses=documented(404, 429, 503),
    summary="Ask",
)
async def ask(
    parts: Parts, caller: Known, request: Request, conversation_id: ConversationId, body: Question
) -> Asked:
    """Keeps the question and starts an answer; follow it with ``stream``."""
    allowance = await _admit(request, caller)
    try:
        user, assistant = await parts.answers.ask(
            caller.owner, conversation_id, body.content, body.parent_id, allowance=allowance
        )
    except BaseException:
        allowance.settle(0, 0)
        raise
    return Asked(user=user, assistant=assistant)


@router.post(
    "/messages/{message_id}/regenerate",
    status_code=201,
    responses=documented(404, 429, 503),
    summary="Answer again",
)
async def regenerate(
    parts: Parts, caller: Known, request: Request, message_id: MessageId
) -> Regenerated:
    """Starts another answer to a user message, or beside an assistant message."""
    allowance = await _admit(request, caller)
    try:
        assistant = await parts.answers.regenerate(caller.owner, message_id, allowance=allowance)
    except BaseException:
        allowance.settle(0, 0)
        raise
    return Regenerated(assistant=assistant)


@router.get(
    "/messages/{message_id}/stream",
    response_class=Response,
    responses={**documented(404), **_STREAM},
    summary="Follow an answer",
)
async def stream(
    parts: Parts,
    caller: Known,
    message_id: MessageId,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> Response:
    """Server-sent events from position ``after`` (or ``Last-Event-ID``) to the end."""
    if last_event_id and last_event_id.isascii() and last_event_id.isdigit():
        after = max(after, int(last_event_id))
    await asyncio.to_thread(Conversations(parts.database).message, caller.owner, message_id)
    events = parts.answers.follow(caller.owner, message_id, after)
    source = _as_bytes(events, after)
    return EventStream(source, source, ping_seconds=parts.settings.ping_seconds)


@router.post("/messages/{message_id}/stop", responses=documented(404), summary="Stop an answer")
async def stop(parts: Parts, caller: Known, message_id: MessageId) -> Message:
    """Keeps the text; a finished answer stays as it is."""
    return await parts.answers.stop(caller.owner, message_id)


@router.get(
    "/messages/{message_id}/tokens",
    response_class=Response,
    responses={**documented(404), **_STREAM},
    summary="Token probabilities",
)
async def tokens(parts: Parts, caller: Known, message_id: MessageId) -> Response:
    """Server-sent events: stored probabilities, or scored now with the model."""
    store = Conversations(parts.database)
    message = await asyncio.to_thread(store.message, caller.owner, message_id)
    if message.role != "assistant" or message.status == "running":
        raise ApiError(400, "only finished answers have token probabilities", param="message_id")
    source = _tokens_as_bytes(
        token_probabilities(
            parts.database, parts.models, caller.owner, message, parts.answers.plans
        )
    )
    return EventStream(
        source, source, ping_seconds=parts.settings.ping_seconds, failure=named_failure
    )


@router.put("/messages/{message_id}/feedback", responses=documented(404), summary="Judge")
def judge(parts: Parts, caller: Known, message_id: MessageId, body: Judgement) -> Message:
    """Replaces what was said before."""
    return Conversations(parts.database).judge(caller.owner, message_id, body.feedback())


@router.delete(
    "/messages/{message_id}/feedback", responses=documented(404), summary="Take a judgement back"
)
def unjudge(parts: Parts, caller: Known, message_id: MessageId) -> Message:
    """Nothing is said of the answer any more."""
    return Conversations(parts.database).judge(caller.owner, message_id, None)


async def _admit(request: Request, caller: Caller) -> Grant | Unlimited:
    limits: Limits = request.app.state.limits
    return await limits.admit(caller.key, 0, None)


async def _as_bytes(events: AsyncIterator[AnswerEvent], position: int) -> AsyncGenerator[bytes]:
    async for event in events:
        if isinstance(event, Piece):
            position = event.end
            delta = {"reasoning": event.reasoning, "content": event.content}
            yield _event("delta", position, delta)
        elif isinstance(event, Done):
            yield _event("done", position, asdict(event))
        else:
            name = "progress" if isinstance(event, PromptProgress) else "waiting"
            yield _event(name, position, asdict(event))


def _event(name: str, position: int, value: Any) -> bytes:
    body = orjson.dumps(value, option=orjson.OPT_UTC_Z)
    return f"event: {name}\nid: {position}\ndata: ".encode() + body + b"\n\n"


async def _tokens_as_bytes(tokens: AsyncIterator[Any]) -> AsyncGenerator[bytes]:
    async for token in tokens:
        yield named_event("token", token)
    yield named_event("done", {})
