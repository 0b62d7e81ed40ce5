"""`/api/knowledge/documents/{id}`: the text of a document, to be opened at a passage."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from zaohua.service.errors import documented
from zaohua.service.knowledge.parameters import Asking, Parts
from zaohua.service.knowledge.shapes import DocumentItem, DocumentText, PassageItem

router = APIRouter(prefix="/api/knowledge/documents", tags=["knowledge"])

MOST = 200_000
"""Characters of one response, but for the passages at its ends, which are whole."""
_PLACE = {"ge": 0, "le": 2**31 - 1}


@router.get("/{document}", responses=documented(404), summary="The text of a document")
def show(
    parts: Parts,
    asking: Asking,
    document: Annotated[int, Path(ge=1, le=2**31 - 1)],
    start: Annotated[int, Query(**_PLACE, description="First character.")] = 0,
    length: Annotated[int, Query(ge=1, le=MOST, description="How many.")] = MOST,
) -> DocumentText:
    """All passages with a character of ``start`` to ``start + length``."""
    shelf = parts.shelves.holding(document, asking)
    passages = parts.library.passages(document, start, start + length)
    return DocumentText(
        collection=shelf.name,
        document=DocumentItem.of(parts.library.document(document), shelf),
        passages=[PassageItem.of(passage) for passage in passages],
    )
