"""All routes of the knowledge API."""

from __future__ import annotations

from fastapi import APIRouter

from zaohua.service.knowledge import collections, documents, files, searching

router = APIRouter()
for part in (searching, collections, files, documents):
    router.include_router(part.router)
