"""From OpenAI's chat request to ours."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from zaohua.generate.request import ChatRequest, Message, Role, Tool, ToolCall, ToolChoice
from zaohua.service.errors import invalid, unsupported
from zaohua.service.openai.chat_completions.shapes import (
    ChatCompletionRequest,
    ChatMessage,
    ContentPart,
    FunctionCall,
    FunctionShape,
)
from zaohua.service.openai.sampling import grammar_of, sampling_of

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}
_TEXT_PARTS = frozenset({"text", "input_text", "output_text", "refusal"})


def chat_request(body: ChatCompletionRequest) -> ChatRequest:
    """What the engine is to do.

    Raises:
        ApiError: 400, a field makes no sense or cannot be honoured.
    """
    _refuse(body)
    tools = tools_of([*_tool_functions(body), *(body.functions or ())])
    return ChatRequest(
        messages=merge_system(message_of(m, i) for i, m in enumerate(body.messages)),
        sampling=sampling_of(body, body.max_completion_tokens or body.max_tokens, _logprobs(body)),
        tools=tools,
        tool_choice=_choice(body, tools),
        parallel_tool_calls=body.parallel_tool_calls is not False,
        grammar=grammar_of(body, body.response_format),
        template_args=template_args(body.reasoning_effort, body.chat_template_kwargs),
        prompt_lookup=body.prompt_lookup if body.prediction is None else True,
        user=body.user or "",
        batch=body.batch,
    )


def _refuse(body: ChatCompletionRequest) -> None:
    if set(body.modalities or ()) - {"text"}:
        raise unsupported("modalities", "only text comes out of this server's models")
    if body.web_search_options is not None:
        raise unsupported("web_search_options", "this server does not search the web")
    if body.top_logprobs and not body.logprobs:
        raise invalid("top_logprobs", "needs logprobs: true")


def _logprobs(body: ChatCompletionRequest) -> int | None:
    return (body.top_logprobs or 0) if body.logprobs else None


def message_of(message: ChatMessage, index: int) -> Message:
    """One message, its parts sorted into text and media."""
    text, media = content_of(message.content, f"messages[{index}].content")
    calls = [
        ToolCall(call.id or f"call_{index}_{i}", call.function.name, _arguments(call.function))
        for i, call in enumerate(message.tool_calls or ())
    ]
    if message.function_call is not None:
        old = message.function_call
        calls.append(ToolCall(f"call_{index}", old.name, _arguments(old)))
    return Message(
        role=_ROLES[message.role],
        content=text or message.refusal or "",
        reasoning=message.reasoning_content or message.reasoning or "",
        tool_calls=tuple(calls),
        tool_call_id=message.tool_call_id or "",
        name=message.name or "",
        media=media,
    )


def content_of(
    content: str | Sequence[ContentPart] | None, where: str
) -> tuple[str, tuple[Mapping[str, Any], ...]]:
    """Text of the content, and its parts that are not text."""
    if content is None or isinstance(content, str):
        return content or "", ()
    texts, media = [], []
    for i, part in enumerate(content):
        if part.type in _TEXT_PARTS:
            extra = part.model_extra or {}
            texts.append(part.text or str(extra.get("refusal") or ""))
        elif part.type in ("image_url", "input_audio", "video_url"):
            media.append(part.model_dump(exclude_none=True))
        else:
            raise unsupported(f"{where}[{i}].type", f"'{part.type[:40]}' cannot be read here")
    return "".join(texts), tuple(media)


def merge_system(messages: Iterable[Message]) -> tuple[Message, ...]:
    """All system messages as one in front: many chat templates know no other place."""
    every = tuple(messages)
    systems = [m for m in every if m.role == "system"]
    if not systems or (len(systems) == 1 and every[0].role == "system"):
        return every
    joined = "\n\n".join(m.content for m in systems if m.content)
    rest = (m for m in every if m.role != "system")
    return (Message("system", joined), *rest)


def _arguments(call: FunctionCall) -> str:
    given = call.arguments
    return json.dumps(given, ensure_ascii=False) if isinstance(given, dict) else given or "{}"


def _tool_functions(body: ChatCompletionRequest) -> list[FunctionShape]:
    functions = []
    for i, tool in enumerate(body.tools or ()):
        if tool.type != "function":
            raise unsupported(f"tools[{i}].type", "only functions can be called here")
        if tool.function is None:
            raise invalid(f"tools[{i}].function", "is missing")
        functions.append(tool.function)
    return functions


def tools_of(functions: Iterable[FunctionShape]) -> tuple[Tool, ...]:
    """The functions the model may call."""
    return tuple(
        Tool(
            function.name,
            function.description or "",
            function.parameters or {"type": "object", "properties": {}},
            bool(function.strict),
        )
        for function in functions
    )


def _choice(body: ChatCompletionRequest, tools: Sequence[Tool]) -> ToolChoice:
    if body.tool_choice is None and body.function_call is not None:
        return choice_of(body.function_call, tools, "function_call")
    return choice_of(body.tool_choice, tools, "tool_choice")


def choice_of(
    given: str | Mapping[str, Any] | None, tools: Sequence[Tool], param: str
) -> ToolChoice:
    """OpenAI's tool choice, in any of its spellings.

    Raises:
        ApiError: 400, it is none of them or names a tool that was not given.
    """
    if given is None:
        return ToolChoice()
    if given in ("auto", "none", "required"):
        if given == "required" and not tools:
            raise invalid(param, "'required' needs tools")
        return ToolChoice(given)  # type: ignore[arg-type]
    if isinstance(given, str):
        raise invalid(param, "must be auto, none, required or name a function")
    inner = given.get("function", given)
    name = inner.get("name") if isinstance(inner, Mapping) else None
    if not isinstance(name, str) or name not in {tool.name for tool in tools}:
        raise invalid(param, "names no function that was given in tools")
    return ToolChoice("required", name)


def template_args(effort: str | None, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the chat template is told besides the messages."""
    args: dict[str, Any] = {}
    if effort in ("none", "minimal"):
        args["enable_thinking"] = False
    elif effort:
        args["reasoning_effort"] = effort
    return {**args, **(given or {})}
