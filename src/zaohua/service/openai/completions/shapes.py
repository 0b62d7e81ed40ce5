"""What `POST /v1/completions` takes and gives."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from zaohua.service.openai.sampling import SamplingFields
from zaohua.service.openai.usage import UsageShape

MAX_PROMPTS = 128
TokenId = Annotated[int, Field(ge=0, lt=2**31)]
Prompt = str | list[str] | list[TokenId] | list[list[TokenId]]


class TextCompletionRequest(SamplingFields):
    """Text or token ids to continue, without a chat template."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"prompt": "从前有座山，", "max_tokens": 32}]}
    )

    prompt: Prompt
    max_tokens: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    echo: bool | None = None
    suffix: str | None = None
    best_of: Annotated[int, Field(ge=1, le=128)] | None = None
    logprobs: Annotated[int, Field(ge=0, le=20)] | None = None


class TextChoice(BaseModel):
    """One continuation; those of the second prompt follow those of the first."""

    index: int
    text: str
    logprobs: dict[str, Any] | None
    finish_reason: Literal["stop", "length", "content_filter"]


class TextCompletion(BaseModel):
    """Whole continuations."""

    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    system_fingerprint: str
    choices: list[TextChoice]
    usage: UsageShape
