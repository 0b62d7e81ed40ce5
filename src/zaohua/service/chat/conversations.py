"""`/api/conversations`: lists, search, settings."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from zaohua.assistant.conversations import Conversations
from zaohua.assistant.ids import LOCAL_OWNER
from zaohua.assistant.scenarios import Pack
from zaohua.assistant.scenarios.plans import conversation_defaults
from zaohua.assistant.values import Conversation
from zaohua.generate.failures import ModelNotFound
from zaohua.knowledge.shelves import Reader, Shelves
from zaohua.service.body import JsonRoute
from zaohua.service.chat.parameters import (
    ConversationId,
    Known,
    Parts,
    Scenarios,
    pack_named,
)
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
def create(
    parts: Parts, packs: Scenarios, caller: Known, body: ConversationSettings
) -> Conversation:
    """All settings have defaults."""
    given = body.given()
    if name := given.get("scenario"):
        given = conversation_defaults(pack_named(packs, name)) | given
    _check(parts, caller, given)
    return Conversations(parts.database).create(caller.owner, given)


@router.get("/{conversation_id}", responses=documented(404), summary="A conversation, whole")
def show(parts: Parts, caller: Known, conversation_id: ConversationId) -> ConversationTree:
    """The whole tree of messages, in order of creation."""
    whole = Conversations(parts.database).whole(caller.owner, conversation_id)
    return ConversationTree(conversation=whole.conversation, messages=whole.messages)


@router.patch("/{conversation_id}", responses=documented(404), summary="Change a conversation")
def change(
    parts: Parts,
    packs: Scenarios,
    caller: Known,
    conversation_id: ConversationId,
    body: ConversationChanges,
) -> Conversation:
    """What is left out stays as it is."""
    store = Conversations(parts.database)
    given = body.given()
    if name := given.get("scenario"):
        before = store.get(caller.owner, conversation_id)
        given = _joining(pack_named(packs, name), before) | given
    _check(parts, caller, given)
    return store.update(caller.owner, conversation_id, given)


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


def _joining(pack: Pack, before: Conversation) -> dict[str, Any]:
    """What a scenario changes of a conversation: nothing that its owner has chosen."""
    defaults = conversation_defaults(pack)
    sampling = before.sampling or defaults["sampling"]
    return {"sampling": sampling, "memory": before.memory and defaults["memory"]}


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
