"""From a Responses request to ours: items become messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from zaohua.generate.request import ChatRequest, Grammar, Message, Tool, ToolCall
from zaohua.service.errors import ApiError, invalid, unsupported
from zaohua.service.openai.chat_completions.shapes import ContentPart, FunctionShape
from zaohua.service.openai.chat_completions.translate import (
    choice_of,
    content_of,
    merge_system,
    template_args,
    tools_of,
)
from zaohua.service.openai.responses.shapes import ResponsesRequest
from zaohua.service.openai.sampling import grammar_of, sampling_of

_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}


def response_request(body: ResponsesRequest, before: Iterable[Message]) -> ChatRequest:
    """What the engine is to do; ``before`` is the conversation so far.

    Raises:
        ApiError: 400, a field makes no sense or cannot be honoured.
    """
    _refuse(body)
    tools = function_tools(body)
    instructions = [Message("system", body.instructions)] if body.instructions else []
    return ChatRequest(
        messages=merge_system([*instructions, *before, *input_messages(body.input)]),
        sampling=sampling_of(
            body, body.max_output_tokens, (body.top_logprobs or 0) if body.wants_logprobs else None
        ),
        tools=tools,
        tool_choice=choice_of(body.tool_choice, tools, "tool_choice"),
        parallel_tool_calls=body.parallel_tool_calls is not False,
        grammar=_grammar(body),
        template_args=template_args(
            body.reasoning.effort if body.reasoning else None, body.chat_template_kwargs
        ),
        user=body.user or "",
        batch=body.batch,
    )


def _refuse(body: ResponsesRequest) -> None:
    if body.background:
        raise unsupported("background", "stream the response instead")
    if body.conversation is not None:
        raise unsupported("conversation", "use previous_response_id")
    if body.prompt is not None:
        raise unsupported("prompt", "there are no stored prompts here")
    if (body.n or 1) > 1:
        raise unsupported("n", "a response is one answer")


def _grammar(body: ResponsesRequest) -> Grammar | None:
    form = dict(body.text.format) if body.text and body.text.format else None
    if form and form.get("type") == "json_schema":
        form = {"type": "json_schema", "json_schema": form}
    return grammar_of(body, form, "text.format")


def function_tools(body: ResponsesRequest) -> tuple[Tool, ...]:
    """The functions among the tools; tools of other kinds (web search ...) are left out."""
    functions = []
    for i, tool in enumerate(body.tools or ()):
        if tool.get("type") != "function":
            continue
        try:
            functions.append(FunctionShape.model_validate(tool.get("function") or tool))
        except ValidationError as error:
            raise invalid(f"tools[{i}]", error.errors()[0]["msg"]) from None
    return tools_of(functions)


def input_messages(given: str | list[dict[str, Any]]) -> list[Message]:
    """The messages that the input items make; calls and reasoning join the assistant's turn."""
    if isinstance(given, str):
        return [Message("user", given)]
    messages: list[Message] = []
    for i, item in enumerate(given):
        _add(messages, item, f"input[{i}]")
    if not messages:
        raise invalid("input", "holds nothing to answer")
    return _join_turns(messages)


def _add(messages: list[Message], item: Mapping[str, Any], where: str) -> None:
    kind = item.get("type", "message")
    if kind == "message":
        messages.append(_message(item, where))
    elif kind == "function_call":
        call = ToolCall(*(_text(item, key, where) for key in ("call_id", "name", "arguments")))
        turn = _open_turn(messages)
        messages[-1] = replace(turn, tool_calls=(*turn.tool_calls, call))
    elif kind == "function_call_output":
        output = item.get("output")
        text = output if isinstance(output, str) else _parts(output, f"{where}.output")[0]
        messages.append(Message("tool", text, tool_call_id=_text(item, "call_id", where)))
    elif kind == "reasoning":
        messages.append(Message("assistant", reasoning=_reasoning(item)))
    elif kind == "item_reference":
        raise unsupported(f"{where}.type", "send the item itself, or previous_response_id")


def _open_turn(messages: list[Message]) -> Message:
    """The assistant's turn that a call belongs to: the last message, made if it is another's."""
    if not messages or messages[-1].role != "assistant":
        messages.append(Message("assistant"))
    return messages[-1]


def _message(item: Mapping[str, Any], where: str) -> Message:
    role = _ROLES.get(str(item.get("role")))
    if role is None:
        raise invalid(f"{where}.role", "must be system, developer, user or assistant")
    content = item.get("content")
    text, media = (content, ()) if isinstance(content, str) else _parts(content, where)
    return Message(role, text, media=media)  # type: ignore[arg-type]


def _parts(content: Any, where: str) -> tuple[str, tuple[Mapping[str, Any], ...]]:
    if content is None:
        return "", ()
    if not isinstance(content, list):
        raise invalid(where, "must be text or a list of parts")
    try:
        parts = [ContentPart.model_validate(_as_chat_part(part)) for part in content]
    except ValidationError:
        raise invalid(where, "holds a part without a type") from None
    return content_of(parts, where)


def _as_chat_part(part: Any) -> Any:
    if isinstance(part, dict) and part.get("type") == "input_image":
        return {"type": "image_url", "image_url": {"url": part.get("image_url")}}
    return part


def _reasoning(item: Mapping[str, Any]) -> str:
    parts = item.get("content") or item.get("summary") or ()
    texts = (part.get("text") for part in parts if isinstance(part, Mapping))
    return "".join(text for text in texts if isinstance(text, str))


def _text(item: Mapping[str, Any], key: str, where: str) -> str:
    value = item.get(key)
    if not isinstance(value, str):
        raise ApiError(
            400, f"{where}.{key}: text is needed", param=f"{where}.{key}", code="invalid_value"
        )
    return value


def _join_turns(messages: Iterable[Message]) -> list[Message]:
    """Reasoning that stands alone joins the assistant's message that comes after it."""
    joined: list[Message] = []
    for message in messages:
        last = joined[-1] if joined else None
        alone = last and last.role == "assistant" and not last.content and not last.tool_calls
        if last and alone and message.role == "assistant":
            joined[-1] = replace(message, reasoning=last.reasoning + message.reasoning)
        else:
            joined.append(message)
    return joined


def to_json(message: Message) -> dict[str, Any]:
    """A message as it is stored."""
    return {
        "role": message.role,
        "content": message.content,
        "reasoning": message.reasoning,
        "tool_calls": [[call.id, call.name, call.arguments] for call in message.tool_calls],
        "tool_call_id": message.tool_call_id,
        "media": [dict(part) for part in message.media],
    }


def from_json(stored: Mapping[str, Any]) -> Message:
    """A stored message."""
    return Message(
        role=stored["role"],
        content=stored["content"],
        reasoning=stored["reasoning"],
        tool_calls=tuple(ToolCall(*call) for call in stored["tool_calls"]),
        tool_call_id=stored["tool_call_id"],
        media=tuple(stored["media"]),
    )
