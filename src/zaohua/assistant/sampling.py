"""The sampling a conversation may ask for, checked."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class SamplingFields(BaseModel):
    """How answers are drawn; what is null or left out is the model's own choice."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    temperature: float | None = Field(None, ge=0, le=100)
    top_k: int | None = Field(None, ge=-1, le=2**31 - 1)
    top_p: float | None = Field(None, ge=0, le=1)
    min_p: float | None = Field(None, ge=0, le=1)
    repeat_penalty: float | None = Field(None, ge=0.01, le=100)
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    max_tokens: int | None = Field(None, ge=1, le=2**31 - 1)
    seed: int | None = Field(None, ge=-(2**53), le=2**53)
    stop: list[Annotated[str, Field(min_length=1, max_length=200, pattern="^[^\x00]*$")]] | None = (
        Field(None, max_length=16)
    )
    logprobs: bool | None = Field(None, strict=True)
