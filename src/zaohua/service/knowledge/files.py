"""`/api/knowledge/collections/{name}/files`: adding, listing and removing files."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from zaohua.errors import NotFoundError
from zaohua.knowledge.names import shown_name
from zaohua.knowledge.shelves import Shelf
from zaohua.service.errors import ApiError, documented
from zaohua.service.knowledge.parameters import Changeable, Parts, Readable
from zaohua.service.knowledge.parts import KnowledgeParts
from zaohua.service.knowledge.receiving import Received, receive
from zaohua.service.knowledge.shapes import FileItem, FileList, Receipt

router = APIRouter(prefix="/api/knowledge/collections/{name}/files", tags=["knowledge"])

_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                        }
                    },
                }
            }
        },
    }
}


@router.get("", responses=documented(404), summary="Files of a collection")
def index(parts: Parts, shelf: Readable) -> FileList:
    """With their documents, and what in them could not be read."""
    files = parts.library.files(shelf.name)
    return FileList(items=[FileItem.of(file, shelf) for file in files])


@router.post(
    "",
    status_code=202,
    responses=documented(404, 503),
    openapi_extra=_FORM,
    summary="Upload files",
)
async def add(parts: Parts, shelf: Changeable, request: Request) -> Receipt:
    """Keeps them and answers at once; they are read soon. One of the same name is replaced."""
    folder = await asyncio.to_thread(parts.uploads.of, shelf.id)
    received = await receive(request, folder)
    await asyncio.to_thread(_keep, parts, shelf, received)
    parts.indexing.wake()
    return Receipt.of(received)


@router.delete(
    "",
    status_code=204,
    response_class=Response,
    responses=documented(404, 409),
    summary="Remove a file",
)
async def remove(
    parts: Parts,
    shelf: Changeable,
    file: Annotated[str, Query(min_length=1, max_length=4096, description="Its name here.")],
) -> Response:
    """One that was uploaded is deleted; another file of the server is not touched."""
    async with parts.indexing.still:
        await asyncio.to_thread(_remove, parts, shelf, file)
    return Response(status_code=204)


def _keep(parts: KnowledgeParts, shelf: Shelf, received: list[Received]) -> None:
    for one in received:
        path = one.path.with_name(one.name)
        one.path.replace(path)
        parts.arrivals.note(shelf.name, path, one.size)


def _remove(parts: KnowledgeParts, shelf: Shelf, name: str) -> None:
    paths = [file.path for file in parts.library.files(shelf.name)]
    named = [path for path in paths if shown_name(path, shelf.roots) == name]
    if not named:
        raise NotFoundError("there is no file of that name in the collection", where=name)
    if len(named) > 1:
        raise ApiError(409, f"{len(named)} files have that name", code="ambiguous", param="file")
    parts.library.remove(shelf.name, named[0])
    parts.uploads.drop(named[0])
