"""From engine events to OpenAI's chat answer, whole or in chunks."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from typing import Any

import orjson

from zaohua.generate.collect import Answer, Collected
from zaohua.generate.events import Chunk, Finished, PromptProgress, TokenLogprob, ToolCallDelta
from zaohua.service.inference import Run
from zaohua.service.openai.usage import logprob_json, new_id, usage_json
from zaohua.service.sse import DONE


def whole(run: Run, collected: Collected, *, legacy: bool) -> dict[str, Any]:
    """The body of an answer that was not streamed; ``legacy`` for `function_call`."""
    return {
        "id": new_id("chatcmpl-"),
        "object": "chat.completion",
        "created": int(time.time()),
        "model": run.model,
        "system_fingerprint": run.fingerprint,
        "choices": [_choice(answer, legacy) for answer in collected.answers],
        "usage": usage_json(collected.usage),
    }


def _choice(answer: Answer, legacy: bool) -> dict[str, Any]:
    message: dict[str, Any] = {
        "role": "assistant",
        "content": answer.text if answer.text or not answer.tool_calls else None,
        "refusal": None,
    }
    if answer.reasoning:
        message["reasoning_content"] = message["reasoning"] = answer.reasoning
    calls = [
        {
            "id": call.id or new_id("call_"),
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }
        for call in answer.tool_calls
    ]
    if calls and legacy:
        message["function_call"] = calls[0]["function"]
    elif calls:
        message["tool_calls"] = calls
    return {
        "index": answer.index,
        "message": message,
        "logprobs": _logprobs(answer.logprobs),
        "finish_reason": _reason(answer.finish_reason, legacy),
    }


def _logprobs(tokens: tuple[TokenLogprob, ...]) -> dict[str, Any] | None:
    return {"content": [logprob_json(t) for t in tokens], "refusal": None} if tokens else None


def _reason(reason: str, legacy: bool) -> str:
    return "function_call" if legacy and reason == "tool_calls" else reason


class ChunkWriter:
    """Writes the chunks of one streamed answer.

    What all chunks share is encoded once: at many streams the gateway's time goes into this.
    """

    def __init__(
        self, run: Run, *, include_usage: bool, legacy: bool, progress: bool = False
    ) -> None:
        head = {
            "id": new_id("chatcmpl-"),
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": run.model,
            "system_fingerprint": run.fingerprint,
        }
        self._head = b"data: " + orjson.dumps(head)[:-1] + b',"choices":['
        self._tail = b'],"usage":null}\n\n' if include_usage else b"]}\n\n"
        self._include_usage = include_usage
        self._legacy = legacy
        self._progress = progress
        self._begun: set[int] = set()

    async def events(self, run: Run) -> AsyncGenerator[bytes]:
        """The whole stream as bytes."""
        async for event in run:
            if isinstance(event, Chunk):
                yield self.chunk(event)
            elif isinstance(event, PromptProgress) and self._progress:
                yield self._head + b'],"prompt_progress":' + _progress(event) + b"}\n\n"
            elif isinstance(event, Finished) and self._include_usage:
                usage = orjson.dumps(usage_json(event.usage))
                yield self._head + b'],"usage":' + usage + b"}\n\n"
        yield DONE

    def chunk(self, chunk: Chunk) -> bytes:
        """The SSE events for one piece: at most its role, its delta and its end."""
        index = chunk.index
        out = b""
        if index not in self._begun:
            self._begun.add(index)
            out = self._write(index, {"role": "assistant", "content": "", "refusal": None})
        delta = self._delta(chunk)
        if delta or chunk.logprobs:
            out += self._write(index, delta, _logprobs(chunk.logprobs))
        if chunk.finish_reason:
            out += self._write(index, {}, None, _reason(chunk.finish_reason, self._legacy))
        return out

    def _delta(self, chunk: Chunk) -> dict[str, Any]:
        delta: dict[str, Any] = {}
        if chunk.text:
            delta["content"] = chunk.text
        if chunk.reasoning:
            delta["reasoning_content"] = delta["reasoning"] = chunk.reasoning
        if chunk.tool_calls and self._legacy:
            delta["function_call"] = _function(chunk.tool_calls[0])
        elif chunk.tool_calls:
            delta["tool_calls"] = [_tool_call(call) for call in chunk.tool_calls]
        return delta

    def _write(
        self,
        index: int,
        delta: dict[str, Any],
        logprobs: dict[str, Any] | None = None,
        reason: str | None = None,
    ) -> bytes:
        choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": reason}
        return self._head + orjson.dumps(choice) + self._tail


def _progress(event: PromptProgress) -> bytes:
    """As llama.cpp's server tells it."""
    return orjson.dumps({"total": event.total, "cache": event.cached, "processed": event.processed})


def _tool_call(call: ToolCallDelta) -> dict[str, Any]:
    """Id and name come once: clients join what comes again."""
    if not call.name:
        return {"index": call.index, "function": {"arguments": call.arguments}}
    return {
        "index": call.index,
        "id": call.id or new_id("call_"),
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    }


def _function(call: ToolCallDelta) -> dict[str, str]:
    return {"arguments": call.arguments, **({"name": call.name} if call.name else {})}
