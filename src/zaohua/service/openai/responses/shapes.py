"""What `/v1/responses` takes and gives."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from zaohua.service.body import Body
from zaohua.service.openai.sampling import Count, SamplingFields


class TextOptions(Body):
    """The form of the output."""

    format: dict[str, Any] | None = None
    verbosity: str | None = None


class ReasoningOptions(Body):
    """How much to think."""

    effort: str | None = None


class ResponsesRequest(SamplingFields):
    """Something to answer: text, or items of a conversation."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"input": "请问，如何做好时间管理？"}]}
    )

    input: str | list[dict[str, Any]]
    instructions: str | None = None
    previous_response_id: str | None = None
    store: bool | None = None
    max_output_tokens: Count | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    text: TextOptions | None = None
    reasoning: ReasoningOptions | None = None
    metadata: dict[str, str] | None = None
    include: list[str] | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    background: bool | None = None
    conversation: str | dict[str, Any] | None = None
    prompt: dict[str, Any] | None = None
    chat_template_kwargs: dict[str, Any] | None = None

    @property
    def wants_logprobs(self) -> bool:
        """Whether probabilities were asked for, in either way."""
        return bool(self.top_logprobs) or "message.output_text.logprobs" in (self.include or ())


class ResponseShape(BaseModel):
    """A response; more fields of OpenAI's are there, set to what they mean here."""

    model_config = ConfigDict(extra="allow")

    id: str
    object: Literal["response"]
    created_at: int
    status: Literal["completed", "in_progress", "incomplete", "failed", "cancelled"]
    model: str
    output: list[dict[str, Any]]
    error: dict[str, Any] | None
    incomplete_details: dict[str, Any] | None
    instructions: str | None
    parallel_tool_calls: bool
    tool_choice: str | dict[str, Any]
    tools: list[dict[str, Any]]
    metadata: dict[str, str]
    usage: dict[str, Any] | None


class DeletedResponse(BaseModel):
    """A response that is no more."""

    id: str
    object: Literal["response"]
    deleted: bool
