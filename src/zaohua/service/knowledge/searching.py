"""`GET /api/knowledge/search`: passages by words and by meaning."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request

from zaohua.errors import UnavailableError
from zaohua.knowledge import Filters, Found, Knowledge
from zaohua.knowledge.shelves import Reader, Shelf
from zaohua.service.errors import documented
from zaohua.service.knowledge.parameters import Asking, Known, Parts
from zaohua.service.knowledge.parts import KnowledgeParts
from zaohua.service.knowledge.shapes import FoundItem, FoundList
from zaohua.service.limits import Limits

router = APIRouter(prefix="/api/knowledge", tags=["knowledge"])

PATIENCE_SECONDS = 1.0
"""A search whose question is not embedded by then (vectors are being made) goes by words alone."""
_MANY = 50

Names = Annotated[list[Annotated[str, Query(max_length=64)]], Query(max_length=_MANY)]
Patterns = Annotated[list[Annotated[str, Query(max_length=500)]], Query(max_length=_MANY)]
Codes = Annotated[list[Annotated[str, Query(max_length=8)]], Query(max_length=_MANY)]


@router.get("/search", responses=documented(404, 429), summary="Search in documents")
async def search(
    parts: Parts,
    caller: Known,
    asking: Asking,
    request: Request,
    *,
    q: Annotated[str, Query(min_length=1, max_length=1000, description="A question or words.")],
    collection: Names = [],  # noqa: B006 - FastAPI copies it
    file: Patterns = [],  # noqa: B006
    language: Codes = [],  # noqa: B006
    limit: Annotated[int, Query(ge=1, le=50)] = 8,
) -> FoundList:
    """Everywhere the caller may read, or in ``collection`` (again for more) only."""
    limits: Limits = request.app.state.limits
    (await limits.admit(caller.key)).settle(0, 0)
    shelves = await asyncio.to_thread(_shelves, parts, asking, collection)
    if not shelves:
        return FoundList(items=[], meaning=True)
    filters = Filters(tuple(shelves), tuple(file), tuple(language))
    found, meaning = await _found(parts.library, q, limit, filters)
    items = [FoundItem.of_found(one, shelves[one.passage.collection]) for one in found]
    return FoundList(items=items, meaning=meaning)


def _shelves(parts: KnowledgeParts, asking: Reader, names: list[str]) -> dict[str, Shelf]:
    if not names:
        return {shelf.name: shelf for shelf in parts.shelves.readable(asking)}
    return {name: parts.shelves.named(name, asking) for name in names}


async def _found(
    library: Knowledge, query: str, limit: int, filters: Filters
) -> tuple[list[Found], bool]:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await library.search(query, limit=limit, filters=filters), True
    except (TimeoutError, UnavailableError):
        words = library.search_with
        found = await asyncio.to_thread(words, query, None, limit=limit, filters=filters)
        return found, False
