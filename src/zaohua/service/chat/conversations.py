"""`/api/conversations`: lists, search, settings."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from zaohua.assistant.conversations import Conversations
from zaohua.assistant.ids import LOCAL_OWNER
from zaohua.assistant.values import Conversation
from zaohua.generate.failures import ModelNotFound
from zaohua.knowledge.shelves import Reader, Shelves
from zaohua.service.body import JsonRoute
from zaohua.service.chat.parameters import ConversationId, Known, Parts
from zaohua.service.chat.shapes import (
    ConversationChanges,
    ConversationPage,
    ConversationSettings,
    ConversationTree,
    ListedConversation,
)
from zaohua.service.errors import documented
from zaohua.service.security import Caller
from zaohua.service.services import Services

router = APIRouter(prefix="/api/conversations", tags=["conversations"], route_class=JsonRoute)


@router.get("", responses=documented(), summary="List or search conversations")
def index(
    parts: Parts,
    caller: Known,
    *,
    q: Annotated[str, Query(max_length=500, description="Words or phrases to search for.")] = "",
    archived: bool = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
) -> ConversationPage:
    """Pinned first, then newest. With ``q`` items tell where it was found."""
    page = Conversations(parts.database).list(
        caller.owner, query=q, archived=archived, limit=limit, cursor=cursor
    )
    items = [ListedConversation.from_listed(listed) for listed in page.items]
    return ConversationPage(items=items, next_cursor=page.next_cursor)


@router.post("", status_code=201, responses=documented(404), summary="Start a conversation")
def create(parts: Parts, caller: Known, body: ConversationSettings) -> Conversation:
    """All settings have defaults."""
    given = body.given()
    _check(parts, caller, given)
    return Conversations(parts.database).create(caller.owner, given)


@router.get("/{conversation_id}", responses=documented(404), summary="A conversation, whole")
def show(parts: Parts, caller: Known, conversation_id: ConversationId) -> ConversationTree:
    """The whole tree of messages, in order of creation."""
    whole = Conversations(parts.database).whole(caller.owner, conversation_id)
    return ConversationTree(conversation=whole.conversation, messages=whole.messages)


@router.patch("/{conversation_id}", responses=documented(404), summary="Change a conversation")
def change(
    parts: Parts, caller: Known, conversation_id: ConversationId, body: ConversationChanges
) -> Conversation:
    """What is left out stays as it is."""
    given = body.given()
    _check(parts, caller, given)
    return Conversations(parts.database).update(caller.owner, conversation_id, given)


@router.delete(
    "/{conversation_id}",
    status_code=204,
    response_class=Response,
    responses=documented(404),
    summary="Delete a conversation",
)
async def remove(parts: Parts, caller: Known, conversation_id: ConversationId) -> Response:
    """Stops a running answer first."""
    await parts.answers.stop_all(caller.owner, conversation_id)
    store = Conversations(parts.database)
    await asyncio.to_thread(store.delete, caller.owner, conversation_id)
    return Response(status_code=204)


@router.post("/{conversation_id}/title", responses=documented(404, 503), summary="Make a title")
async def make_title(parts: Parts, caller: Known, conversation_id: ConversationId) -> Conversation:
    """Asks the model for a title from the first exchange."""
    await parts.answers.make_title(caller.owner, conversation_id)
    store = Conversations(parts.database)
    return await asyncio.to_thread(store.get, caller.owner, conversation_id)


def _check(parts: Services, caller: Caller, given: dict[str, Any]) -> None:
    """Models must be known, collections for the caller to read."""
    shelves = Shelves(parts.database)
    reader = Reader(caller.owner, everything=caller.owner == LOCAL_OWNER)
    for name in given.get("collections", ()):
        shelves.named(name, reader)
    model = given.get("model")
    known = tuple(served.name for served in parts.models.list())
    if model and model not in known:
        raise ModelNotFound(model, known)
