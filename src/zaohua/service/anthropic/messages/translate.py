"""From Anthropic's request to ours."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from zaohua.generate.request import ChatRequest, Message, Sampling, Tool, ToolCall, ToolChoice
from zaohua.service.anthropic.messages.shapes import (
    Block,
    CountRequest,
    MessageParam,
    MessagesRequest,
    ToolChoiceParam,
)
from zaohua.service.errors import invalid, unsupported
from zaohua.service.openai.chat_completions.translate import merge_system
from zaohua.service.openai.sampling import stops


def chat_request(body: CountRequest) -> ChatRequest:
    """What the engine is to do.

    Raises:
        ApiError: 400, a field makes no sense or cannot be honoured.
    """
    system = _system(body.system)
    turns = [m for i, turn in enumerate(body.messages) for m in _messages(turn, i)]
    tools = tuple(
        Tool(tool.name or "", tool.description or "", tool.input_schema)
        for tool in body.tools or ()
        if tool.input_schema is not None and tool.name
    )
    choice = body.tool_choice
    return ChatRequest(
        messages=merge_system([*system, *turns]),
        sampling=_sampling(body) if isinstance(body, MessagesRequest) else Sampling(),
        tools=tools,
        tool_choice=_choice(choice, tools),
        parallel_tool_calls=not (choice and choice.disable_parallel_tool_use),
        template_args=_thinking(body),
    )


def _sampling(body: MessagesRequest) -> Sampling:
    return Sampling(
        max_tokens=body.max_tokens,
        temperature=body.temperature,
        top_p=body.top_p,
        top_k=body.top_k,
        stop=stops(body.stop_sequences),
    )


def _thinking(body: CountRequest) -> dict[str, Any]:
    return {} if body.thinking is None else {"enable_thinking": body.thinking.type != "disabled"}


def _system(given: str | list[Block] | None) -> list[Message]:
    text = given if isinstance(given, str) else _joined(given or (), "system")
    return [Message("system", text)] if text else []


def _joined(blocks: Iterable[Block], where: str) -> str:
    return "".join(_field(block, "text", where) for block in blocks if block.type == "text")


def _field(block: Block, name: str, where: str) -> str:
    value = (block.model_extra or {}).get(name)
    if not isinstance(value, str):
        raise invalid(where, f"a block of type '{block.type[:40]}' needs the text '{name}'")
    return value


def _messages(turn: MessageParam, index: int) -> list[Message]:
    """The messages one turn makes: tool results become messages of their own, in front."""
    if isinstance(turn.content, str):
        return [Message(turn.role, turn.content)]
    where = f"messages[{index}].content"
    results, texts, thoughts = [], [], []
    calls: list[ToolCall] = []
    media: list[dict[str, Any]] = []
    for block in turn.content:
        if block.type == "text":
            texts.append(_field(block, "text", where))
        elif block.type == "tool_use":
            calls.append(_call(block, where))
        elif block.type == "tool_result":
            results.append(_result(block, where))
        elif block.type == "thinking":
            thoughts.append(_field(block, "thinking", where))
        elif block.type == "image":
            media.append(_image(block, where))
        elif block.type != "redacted_thinking":
            raise unsupported(where, f"blocks of type '{block.type[:40]}' cannot be read here")
    if results and not texts and not media:
        return results
    text, thought = "\n\n".join(texts), "".join(thoughts)
    said = Message(turn.role, text, thought, tuple(calls), media=tuple(media))
    return [*results, said]


def _call(block: Block, where: str) -> ToolCall:
    given = (block.model_extra or {}).get("input")
    arguments = json.dumps(given if isinstance(given, dict) else {}, ensure_ascii=False)
    return ToolCall(_field(block, "id", where), _field(block, "name", where), arguments)


def _result(block: Block, where: str) -> Message:
    extra = block.model_extra or {}
    content = extra.get("content") or ""
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict)]
        content = "".join(str(p.get("text", "")) for p in parts if p.get("type") == "text")
    if not isinstance(content, str):
        raise invalid(where, "the content of a tool result must be text or blocks")
    text = f"Error: {content}" if extra.get("is_error") else content
    return Message("tool", text, tool_call_id=_field(block, "tool_use_id", where))


def _image(block: Block, where: str) -> dict[str, Any]:
    source = (block.model_extra or {}).get("source")
    if not isinstance(source, dict):
        raise invalid(where, "an image needs a source")
    if source.get("type") == "url":
        return {"type": "image_url", "image_url": {"url": source.get("url")}}
    url = f"data:{source.get('media_type')};base64,{source.get('data')}"
    return {"type": "image_url", "image_url": {"url": url}}


def _choice(given: ToolChoiceParam | None, tools: Sequence[Tool]) -> ToolChoice:
    if given is None or given.type == "auto":
        return ToolChoice()
    if given.type == "none":
        return ToolChoice("none")
    if given.type == "any":
        if not tools:
            raise invalid("tool_choice", "'any' needs tools")
        return ToolChoice("required")
    if given.name not in {tool.name for tool in tools}:
        raise invalid("tool_choice", "names no tool that was given")
    return ToolChoice("required", given.name or "")
