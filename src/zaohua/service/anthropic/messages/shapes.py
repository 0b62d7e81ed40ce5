"""What `POST /v1/messages` takes and gives."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from zaohua.service.body import Body
from zaohua.service.openai.sampling import Count, Probability


class Block(Body):
    """A content block; which fields it has depends on its type."""

    model_config = ConfigDict(extra="allow")

    type: str


class MessageParam(Body):
    """One turn."""

    role: Literal["user", "assistant", "system"]
    content: str | list[Block]


class ToolParam(Body):
    """A tool; those without an ``input_schema`` run at Anthropic and are left out."""

    name: str | None = None
    description: str | None = None
    input_schema: dict[str, Any] | None = None


class ToolChoiceParam(Body):
    """Whether tools may, must or must not be used."""

    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class ThinkingParam(Body):
    """Whether the model thinks before it answers, where it can."""

    type: str


class CountRequest(Body):
    """A conversation, to count its tokens."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"messages": [{"role": "user", "content": "你好"}]}]}
    )

    messages: Annotated[list[MessageParam], Field(min_length=1)]
    model: str | None = None
    system: str | list[Block] | None = None
    tools: list[ToolParam] | None = None
    tool_choice: ToolChoiceParam | None = None
    thinking: ThinkingParam | None = None


class MessagesRequest(CountRequest):
    """A conversation to answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"max_tokens": 64, "messages": [{"role": "user", "content": "你好"}]}]
        }
    )

    max_tokens: Count
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Probability | None = None
    top_k: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    stop_sequences: list[str] | None = None
    stream: bool | None = None


class MessageUsage(BaseModel):
    """Token counts; ``input_tokens`` are those that were not in the cache."""

    input_tokens: int
    output_tokens: int
    cache_read_input_tokens: int
    cache_creation_input_tokens: int


class MessageAnswer(BaseModel):
    """A whole answer."""

    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str
    content: list[dict[str, Any]]
    stop_reason: str | None
    stop_sequence: str | None
    usage: MessageUsage


class TokenCount(BaseModel):
    """Length of a prompt."""

    input_tokens: int
