"""OpenAI's API: a package for each endpoint with its shapes, its translation and its routes."""

from __future__ import annotations

from fastapi import APIRouter

from zaohua.service.openai.chat_completions.routes import router as chat_completions
from zaohua.service.openai.completions.routes import router as completions
from zaohua.service.openai.embeddings.routes import router as embeddings
from zaohua.service.openai.models.routes import router as models
from zaohua.service.openai.responses.routes import router as responses
from zaohua.service.openai.tokens.routes import router as tokens

router = APIRouter()
for endpoint in (chat_completions, completions, responses, embeddings, models, tokens):
    router.include_router(endpoint)
