"""From engine events to Anthropic's message, whole or as events."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import orjson

from zaohua.generate.collect import Answer, Collected
from zaohua.generate.events import Chunk, Finished, FinishReason, PromptProgress, Usage
from zaohua.service.errors import ApiError
from zaohua.service.inference import Run
from zaohua.service.openai.usage import new_id
from zaohua.service.sse import named_event

PING = named_event("ping", {"type": "ping"})
_STOP_REASONS: dict[FinishReason, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}


def failure(error: ApiError) -> bytes:
    """How an error is told within a stream."""
    return named_event("error", error.anthropic_envelope())


def whole(run: Run, collected: Collected) -> dict[str, Any]:
    """The body of an answer that was not streamed."""
    answer = collected.answers[0]
    return {
        **_message(run.model),
        "content": _blocks(answer),
        "stop_reason": _STOP_REASONS[answer.finish_reason],
        "usage": usage_json(collected.usage),
    }


def usage_json(usage: Usage) -> dict[str, int]:
    """Token counts as Anthropic names them."""
    return {
        "input_tokens": max(0, usage.prompt_tokens - usage.cached_tokens),
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.completion_tokens,
    }


def _message(model: str) -> dict[str, Any]:
    return {
        "id": new_id("msg_"),
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _blocks(answer: Answer) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    if answer.reasoning:
        blocks.append({"type": "thinking", "thinking": answer.reasoning, "signature": ""})
    if answer.text:
        blocks.append({"type": "text", "text": answer.text})
    for call in answer.tool_calls:
        blocks.append(
            {
                "type": "tool_use",
                "id": call.id or new_id("toolu_"),
                "name": call.name,
                "input": _arguments(call.arguments),
            }
        )
    return blocks


def _arguments(text: str) -> Any:
    """The arguments as an object; what the model wrote wrongly stays readable as text."""
    try:
        value = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        return {"arguments": text}
    return value if isinstance(value, dict) else {"arguments": value}


class EventWriter:
    """Writes the events of one streamed answer: blocks open and close one after the other."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._index = -1
        self._open: tuple[str, int] | None = None
        self._stop: FinishReason = "stop"

    async def events(self, run: Run) -> AsyncGenerator[bytes]:
        """The whole stream as bytes."""
        begun = False
        async for event in run:
            if not begun:
                begun = True
                yield self._start(event)
            if isinstance(event, Chunk):
                if out := self._piece(event):
                    yield out
            elif isinstance(event, Finished):
                yield self._end(event.usage)

    def _start(self, first: object) -> bytes:
        known = first if isinstance(first, PromptProgress) else PromptProgress(0, 0, 0)
        usage = usage_json(Usage(known.total, 0, known.cached))
        message = {**_message(self._model), "usage": usage}
        return named_event("message_start", {"type": "message_start", "message": message}) + PING

    def _piece(self, chunk: Chunk) -> bytes:
        out = b""
        if chunk.reasoning:
            block = {"type": "thinking", "thinking": "", "signature": ""}
            out += self._block(("thinking", 0), block)
            out += self._delta({"type": "thinking_delta", "thinking": chunk.reasoning})
        if chunk.text:
            out += self._block(("text", 0), {"type": "text", "text": ""})
            out += self._delta({"type": "text_delta", "text": chunk.text})
        for call in chunk.tool_calls:
            tool = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
            out += self._block(("tool_use", call.index), tool)
            if call.arguments:
                out += self._delta({"type": "input_json_delta", "partial_json": call.arguments})
        self._stop = chunk.finish_reason or self._stop
        return out

    def _block(self, kind: tuple[str, int], block: dict[str, Any]) -> bytes:
        """Open a block of this kind unless it is the open one."""
        if self._open == kind:
            return b""
        out = self._close()
        self._open = kind
        self._index += 1
        start = {"type": "content_block_start", "index": self._index, "content_block": block}
        return out + named_event("content_block_start", start)

    def _close(self) -> bytes:
        if self._open is None:
            return b""
        self._open = None
        stop = {"type": "content_block_stop", "index": self._index}
        return named_event("content_block_stop", stop)

    def _delta(self, delta: dict[str, Any]) -> bytes:
        event = {"type": "content_block_delta", "index": self._index, "delta": delta}
        return named_event("content_block_delta", event)

    def _end(self, usage: Usage) -> bytes:
        delta = {"stop_reason": _STOP_REASONS[self._stop], "stop_sequence": None}
        last = {"type": "message_delta", "delta": delta, "usage": usage_json(usage)}
        stop = named_event("message_stop", {"type": "message_stop"})
        return self._close() + named_event("message_delta", last) + stop
