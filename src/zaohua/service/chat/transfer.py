"""Conversations out of and into files."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from zaohua.assistant.conversations import Conversations
from zaohua.assistant.exports import as_json, as_markdown, file_name
from zaohua.assistant.imports import import_file
from zaohua.service.chat.parameters import ConversationId, Known, Parts
from zaohua.service.chat.shapes import Imported
from zaohua.service.errors import ApiError, documented

router = APIRouter(prefix="/api", tags=["transfer"])

_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/markdown": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "object"}},
        }
    }
}
_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
            "application/json": {"schema": {}},
        },
    }
}


@router.get(
    "/conversations/{conversation_id}/export",
    response_class=Response,
    responses={**documented(404), **_FILES},
    summary="Export a conversation",
)
def export(
    parts: Parts,
    caller: Known,
    conversation_id: ConversationId,
    format: Annotated[Literal["markdown", "json"], Query()] = "markdown",  # noqa: A002
) -> Response:
    """Markdown: the branch that ends in ``leaf_id``. JSON: the whole tree, importable."""
    row, messages = Conversations(parts.database).rows(caller.owner, conversation_id)
    if format == "json":
        return _file(as_json(row, messages), row.title, "json", "application/json")
    return _file(as_markdown(row, messages), row.title, "md", "text/markdown; charset=utf-8")


@router.post(
    "/import", responses=documented(), openapi_extra=_UPLOAD, summary="Import conversations"
)
async def bring_in(parts: Parts, caller: Known, request: Request) -> Imported:
    """ChatGPT's ``conversations.json`` or its zip, or our JSON; what is known is skipped."""
    content = await _content(request)
    report = await asyncio.to_thread(import_file, parts.database, caller.owner, content)
    return Imported(**vars(report))


async def _content(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        return await request.body()
    async with request.form(max_files=1, max_fields=8) as form:
        sent = form.get("file")
        if not isinstance(sent, UploadFile):
            raise ApiError(400, "the form has no file in its field 'file'", param="file")
        return await sent.read()


def _file(content: bytes, title: str, extension: str, media_type: str) -> Response:
    name = file_name(title, extension)
    plain = name if name.isascii() else f"conversation.{extension}"
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, headers={"Content-Disposition": disposition}, media_type=media_type)
