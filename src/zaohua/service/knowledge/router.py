"""All routes of the knowledge API."""

from __future__ import annotations

from fastapi import APIRouter

from zaohua.service.knowledge import collections, documents, files, graph, searching

router = APIRouter()
for part in (searching, collections, files, documents, graph):
    router.include_router(part.router)
