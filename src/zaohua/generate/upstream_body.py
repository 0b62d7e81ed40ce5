"""Writes requests in OpenAI's form, for each dialect of server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import orjson

from zaohua.generate.request import ChatRequest, CompletionRequest, Message, Sampling, Tool
from zaohua.generate.sampling import llamacpp_fields, openai_fields
from zaohua.text.chat_tokens import broken

WorkerKind = Literal["llamacpp", "ik", "openvino"]
Dialect = Literal["llamacpp", "ik", "openvino", "openai", "zaohua"]
"""``llamacpp`` has the fields and endpoints of llama.cpp's server; ``openvino`` most of them;
``openai`` only the standard; ``zaohua`` the standard, and tells how far it has read the prompt."""


def is_worker(dialect: Dialect) -> bool:
    """Whether a worker of ours speaks so: it renders, counts tokens and takes token ids."""
    return dialect == "llamacpp" or is_ours(dialect)


def is_ours(dialect: Dialect) -> bool:
    """Whether `generate.pipeline` is in that worker: it looks up where a request wishes, follows
    forms by itself, and takes an answer that is forced."""
    return dialect in ("ik", "openvino")


def to_json(body: Mapping[str, Any]) -> bytes:
    """``body`` as JSON; lone surrogates, which UTF-8 cannot carry, become U+FFFD."""
    try:
        return orjson.dumps(body)
    except (orjson.JSONEncodeError, TypeError):
        return orjson.dumps(_clean(body))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {_clean(str(k)): _clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(v) for v in value]
    return value


def chat_body(request: ChatRequest, model: str, dialect: Dialect) -> dict[str, Any]:
    """The body of a streamed ``/chat/completions`` request, without grammar."""
    body = {
        "model": model,
        "messages": messages_of(request.messages, dialect),
        **_streaming(dialect, batch=request.batch),
        **_sampling(request.sampling, dialect),
        **_guessing(request, dialect),
        **_chat_logprobs(request.sampling),
    }
    if request.tools and request.tool_choice.mode != "none":
        body["tools"] = tools_of(request.tools)
        body["tool_choice"] = _tool_choice(request)
        body["parallel_tool_calls"] = request.parallel_tool_calls
    if request.template_args:
        body["chat_template_kwargs"] = dict(request.template_args)
    return body


def completion_body(request: CompletionRequest, model: str, dialect: Dialect) -> dict[str, Any]:
    """The body of a streamed ``/completions`` request, without grammar."""
    prompt = request.prompt if isinstance(request.prompt, str) else list(request.prompt)
    body = {
        "model": model,
        "prompt": prompt,
        **_streaming(dialect, batch=request.batch),
        **_sampling(request.sampling, dialect),
        **_guessing(request, dialect),
    }
    if request.sampling.logprobs:
        body["logprobs"] = max(request.sampling.top_logprobs, 1)
    if request.suffix:
        body["suffix"] = request.suffix
    return body


def _streaming(dialect: Dialect, *, batch: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}
    if is_worker(dialect):
        return {**fields, "return_progress": True, "cache_prompt": True}
    if dialect == "openai":
        return fields
    return {**fields, "return_progress": True, **({"service_tier": "flex"} if batch else {})}


def _guessing(request: ChatRequest | CompletionRequest, dialect: Dialect) -> dict[str, Any]:
    if not is_ours(dialect) or request.prompt_lookup is None:
        return {}
    return {"prompt_lookup": request.prompt_lookup}


def _sampling(sampling: Sampling, dialect: Dialect) -> dict[str, Any]:
    if is_worker(dialect):
        return llamacpp_fields(sampling)
    fields = openai_fields(sampling)
    extras = {
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "repetition_penalty": sampling.repeat_penalty,
    }
    return {**fields, **{k: v for k, v in extras.items() if v is not None}}


def _chat_logprobs(sampling: Sampling) -> dict[str, Any]:
    if not sampling.logprobs:
        return {}
    return {"logprobs": True, "top_logprobs": max(sampling.top_logprobs, 1)}


def _tool_choice(request: ChatRequest) -> Any:
    if request.tool_choice.name:
        return {"type": "function", "function": {"name": request.tool_choice.name}}
    return request.tool_choice.mode


def tools_of(tools: Sequence[Tool]) -> list[dict[str, Any]]:
    """``tools`` in OpenAI's form."""
    return [{"type": "function", "function": _function(tool)} for tool in tools]


def _function(tool: Tool) -> dict[str, Any]:
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
    }
    return {**function, "strict": True} if tool.strict else function


def messages_of(messages: Sequence[Message], dialect: Dialect) -> list[dict[str, Any]]:
    """``messages`` in OpenAI's form; earlier reasoning is only sent to workers.

    A worker reads a rendered prompt, and would take a chat token that somebody typed for a real
    one: they are broken.
    """
    return [_message(message, dialect) for message in messages]


def _message(message: Message, dialect: Dialect) -> dict[str, Any]:
    said = broken if is_worker(dialect) else str
    body: dict[str, Any] = {"role": message.role, "content": _content(message, said)}
    if message.tool_calls:
        calls = [{"name": c.name, "arguments": said(c.arguments)} for c in message.tool_calls]
        body["tool_calls"] = [
            {"id": c.id, "type": "function", "function": call}
            for c, call in zip(message.tool_calls, calls, strict=True)
        ]
        body["content"] = body["content"] or None
    if message.reasoning and is_worker(dialect):
        body["reasoning_content"] = said(message.reasoning)
    if message.tool_call_id:
        body["tool_call_id"] = message.tool_call_id
    if message.name:
        body["name"] = message.name
    return body


def _content(message: Message, said: Callable[[str], str]) -> Any:
    if not message.media:
        return said(message.content)
    text = [{"type": "text", "text": said(message.content)}] if message.content else []
    return [*text, *map(dict, message.media)]
