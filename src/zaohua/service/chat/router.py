"""All routes of the chat API but the session."""

from __future__ import annotations

from fastapi import APIRouter

from zaohua.service.chat import answers, conversations, models, transfer

router = APIRouter()
for part in (conversations, transfer, answers, models):
    router.include_router(part.router)
