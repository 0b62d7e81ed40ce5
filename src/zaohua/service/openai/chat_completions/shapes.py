"""What `POST /v1/chat/completions` takes and gives."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from zaohua.service.body import Body
from zaohua.service.openai.sampling import Count, SamplingFields
from zaohua.service.openai.usage import UsageShape


class ContentPart(Body):
    """A piece of content: text, or something an engine with that modality can take."""

    model_config = ConfigDict(extra="allow")

    type: str
    text: str | None = None


class FunctionCall(Body):
    """A function and its arguments, a JSON string (an object is taken too)."""

    name: str
    arguments: str | dict[str, Any] | None = None


class ToolCallShape(Body):
    """A call the assistant asked for in an earlier turn."""

    id: str | None = None
    function: FunctionCall


class ChatMessage(Body):
    """One turn. ``content`` may be null when there are tool calls."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[ContentPart] | None = None
    name: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[ToolCallShape] | None = None
    tool_call_id: str | None = None
    function_call: FunctionCall | None = None


class FunctionShape(Body):
    """A function the model may call."""

    name: Annotated[str, Field(min_length=1, max_length=256)]
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class ToolShape(Body):
    """A tool: only functions exist here, other types are refused."""

    type: str = "function"
    function: FunctionShape | None = None


class ChatCompletionRequest(SamplingFields):
    """A conversation to answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"messages": [{"role": "user", "content": "请问，如何做好时间管理？"}]},
            ]
        }
    )

    messages: Annotated[list[ChatMessage], Field(min_length=1)]
    max_tokens: Count | None = None
    max_completion_tokens: Count | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    response_format: dict[str, Any] | None = None
    tools: list[ToolShape] | None = None
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    functions: list[FunctionShape] | None = None
    function_call: str | dict[str, Any] | None = None
    reasoning_effort: str | None = None
    modalities: list[str] | None = None
    prediction: dict[str, Any] | None = None
    prompt_lookup: bool | None = Field(
        default=None,
        description="Write several tokens at a time where the answer quotes: as with `prediction`, "
        "whose text is not needed. Left out, it is done where it cannot change the answer.",
    )
    web_search_options: dict[str, Any] | None = None
    chat_template_kwargs: dict[str, Any] | None = None
    return_progress: bool | None = Field(
        default=None,
        description="Stream `prompt_progress` (tokens: total, cache, processed) while reading.",
    )


class FunctionAnswer(BaseModel):
    """The function to call, its arguments as a JSON string."""

    name: str
    arguments: str


class ToolCallAnswer(BaseModel):
    """A call the model asks for."""

    id: str
    type: Literal["function"]
    function: FunctionAnswer


class AnswerMessage(BaseModel):
    """What the model said. Reasoning comes under both names that are in use."""

    role: Literal["assistant"]
    content: str | None
    refusal: str | None
    tool_calls: list[ToolCallAnswer] | None = None
    function_call: FunctionAnswer | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


class Choice(BaseModel):
    """One of ``n`` answers."""

    index: int
    message: AnswerMessage
    logprobs: dict[str, Any] | None
    finish_reason: Literal["stop", "length", "tool_calls", "content_filter", "function_call"]


class ChatCompletion(BaseModel):
    """A whole answer."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    system_fingerprint: str
    choices: list[Choice]
    usage: UsageShape


class InputTokens(BaseModel):
    """Length of a prompt."""

    object: Literal["response.input_tokens"]
    input_tokens: int
