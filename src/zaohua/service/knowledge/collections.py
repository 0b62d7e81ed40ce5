"""`/api/knowledge/collections`: which there are, whose, and how far they are."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from zaohua.knowledge.shelves import Reader, Shelf
from zaohua.service.body import JsonRoute
from zaohua.service.errors import documented
from zaohua.service.knowledge.parameters import Asking, Changeable, Parts, Readable
from zaohua.service.knowledge.parts import KnowledgeParts
from zaohua.service.knowledge.shapes import (
    CollectionChanges,
    CollectionItem,
    CollectionList,
    Embedding,
    KnowledgeProgress,
    NewCollection,
)

router = APIRouter(prefix="/api/knowledge", tags=["knowledge"], route_class=JsonRoute)


@router.get("/progress", responses=documented(), summary="How far the server is")
def progress(parts: Parts, asking: Asking) -> KnowledgeProgress:
    """Files that are still to be read, vectors that are being made; of all collections."""
    step = parts.indexing.embedding
    return KnowledgeProgress(
        waiting=parts.arrivals.count(),
        embedding=Embedding.of(step) if step else None,
        problem=parts.indexing.problem,
        max_upload_bytes=parts.max_upload_bytes,
    )


@router.get("/collections", responses=documented(), summary="List collections")
def index(parts: Parts, asking: Asking) -> CollectionList:
    """Those that are shared, and the caller's own."""
    shelves = parts.shelves.readable(asking)
    return CollectionList(items=[_item(parts, shelf, asking) for shelf in shelves])


@router.post("/collections", status_code=201, responses=documented(), summary="Make a collection")
def create(parts: Parts, asking: Asking, body: NewCollection) -> CollectionItem:
    """It belongs to the caller. Without the scope ``admin`` it is not shared unless they say so."""
    shared = asking.everything if body.shared is None else body.shared
    shelf = parts.shelves.make(body.name, asking.owner, shared=shared)
    return _item(parts, shelf, asking)


@router.get("/collections/{name}", responses=documented(404), summary="A collection")
def show(parts: Parts, asking: Asking, shelf: Readable) -> CollectionItem:
    """In figures."""
    return _item(parts, shelf, asking)


@router.patch("/collections/{name}", responses=documented(404), summary="Share a collection")
def change(
    parts: Parts, asking: Asking, shelf: Changeable, body: CollectionChanges
) -> CollectionItem:
    """A collection that is not shared is read by who made it and by administrators."""
    parts.shelves.share(shelf.name, shared=body.shared)
    return _item(parts, shelf, asking)


@router.delete(
    "/collections/{name}",
    status_code=204,
    response_class=Response,
    responses=documented(404),
    summary="Delete a collection",
)
async def remove(parts: Parts, shelf: Changeable) -> Response:
    """With the files that were uploaded to it; other files of the server are not touched."""
    async with parts.indexing.still:
        await asyncio.to_thread(parts.library.remove, shelf.name)
        await asyncio.to_thread(parts.uploads.drop_all, shelf.id)
    return Response(status_code=204)


def _item(parts: KnowledgeParts, shelf: Shelf, asking: Reader) -> CollectionItem:
    return CollectionItem.of(parts.library.collection(shelf.name), shelf, asking)
