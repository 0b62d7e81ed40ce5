"""All routes of the chat API but the session."""

from __future__ import annotations

from fastapi import APIRouter

from zaohua.service.chat import answers, conversations, memories, models, transfer

router = APIRouter()
for part in (conversations, transfer, answers, models, memories):
    router.include_router(part.router)
