"""Builds a response from engine events, and the stream events that tell of it."""

from __future__ import annotations

import time
from typing import Any

from zaohua.generate.events import Chunk, FinishReason, TokenLogprob, ToolCallDelta, Usage
from zaohua.service.errors import ApiError
from zaohua.service.openai.responses.shapes import ResponsesRequest
from zaohua.service.openai.usage import logprob_json, new_id

Event = dict[str, Any]
_INCOMPLETE: dict[FinishReason, str] = {
    "length": "max_output_tokens",
    "content_filter": "content_filter",
}


class ResponseWriter:
    """A response that grows. Every method that changes it returns the events to send."""

    def __init__(self, body: ResponsesRequest, model: str) -> None:
        self.response = _empty(body, model)
        self.reasoning = ""
        self._sequence = 0
        self._item: dict[str, Any] | None = None
        self._call_index: int | None = None
        self._reason: FinishReason | None = None

    @property
    def id(self) -> str:
        """The id of the response."""
        found: str = self.response["id"]
        return found

    @property
    def output(self) -> list[dict[str, Any]]:
        """The items so far."""
        found: list[dict[str, Any]] = self.response["output"]
        return found

    def begin(self) -> list[Event]:
        """The response is being made."""
        return [
            self._event("response.created", response=self.snapshot()),
            self._event("response.in_progress", response=self.snapshot()),
        ]

    def add(self, chunk: Chunk) -> list[Event]:
        """Take one piece."""
        events: list[Event] = []
        if chunk.reasoning:
            self.reasoning += chunk.reasoning
            events += self._open("reasoning") + self._reason_delta(chunk.reasoning)
        if chunk.text:
            events += self._open("message") + self._text_delta(chunk.text, chunk.logprobs)
        for call in chunk.tool_calls:
            events += self._call(call)
        self._reason = chunk.finish_reason or self._reason
        return events

    def finish(self, usage: Usage) -> list[Event]:
        """The answer is over: complete, or cut by a limit."""
        cut = _INCOMPLETE.get(self._reason or "stop")
        events = self._close("incomplete" if cut else "completed")
        if not self.output:
            events += self._open("message") + self._close("completed")
        self.response["status"] = "incomplete" if cut else "completed"
        self.response["incomplete_details"] = {"reason": cut} if cut else None
        self.response["usage"] = usage_json(usage)
        return [*events, self._event(f"response.{self.response['status']}", **self._whole())]

    def fail(self, error: ApiError) -> list[Event]:
        """The answer broke off."""
        events = self._close("incomplete")
        self.response["status"] = "failed"
        self.response["error"] = {"code": error.code or error.type, "message": error.message}
        return [*events, self._event("response.failed", **self._whole())]

    def cancel(self) -> list[Event]:
        """Someone stopped it."""
        events = self._close("incomplete")
        self.response["status"] = "cancelled"
        return [*events, self._event("response.incomplete", **self._whole())]

    def snapshot(self) -> dict[str, Any]:
        """The response as it is now, safe from later changes."""
        return {**self.response, "output": [dict(item) for item in self.output]}

    def _whole(self) -> dict[str, Any]:
        return {"response": self.snapshot()}

    def _event(self, kind: str, **fields: Any) -> Event:
        event = {"type": kind, "sequence_number": self._sequence, **fields}
        self._sequence += 1
        return event

    def _here(self, kind: str, **fields: Any) -> Event:
        """An event about the open item."""
        item = self._item or {}
        return self._event(kind, item_id=item["id"], output_index=len(self.output) - 1, **fields)

    def _open(self, kind: str) -> list[Event]:
        """Make an item of this kind the open one."""
        if self._item is not None and self._item["type"] == kind:
            return []
        events = self._close("completed")
        if kind == "message":
            item = {"id": new_id("msg_"), "type": kind, "role": "assistant", "content": []}
            part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
        else:
            item = {"id": new_id("rs_"), "type": kind, "summary": [], "content": []}
            part = {"type": "reasoning_text", "text": ""}
        events.append(self._add_item({**item, "status": "in_progress"}))
        added = self._here("response.content_part.added", content_index=0, part=dict(part))
        self._current["content"] = [part]
        return [*events, added]

    @property
    def _current(self) -> dict[str, Any]:
        return self.output[-1]

    def _add_item(self, item: dict[str, Any]) -> Event:
        self.output.append(item)
        self._item = item
        return self._event(
            "response.output_item.added", output_index=len(self.output) - 1, item=dict(item)
        )

    def _reason_delta(self, text: str) -> list[Event]:
        self._current["content"][0]["text"] += text
        return [self._here("response.reasoning_text.delta", content_index=0, delta=text)]

    def _text_delta(self, text: str, logprobs: tuple[TokenLogprob, ...]) -> list[Event]:
        found = [logprob_json(token) for token in logprobs]
        part = self._current["content"][0]
        part["text"] += text
        part["logprobs"] += found
        return [
            self._here("response.output_text.delta", content_index=0, delta=text, logprobs=found)
        ]

    def _call(self, call: ToolCallDelta) -> list[Event]:
        events: list[Event] = []
        if self._call_index != call.index:
            events = self._close("completed")
            self._call_index = call.index
            item = {
                "id": new_id("fc_"),
                "type": "function_call",
                "call_id": call.id or new_id("call_"),
                "name": call.name,
                "arguments": "",
                "status": "in_progress",
            }
            events.append(self._add_item(item))
        if call.arguments:
            self._current["arguments"] += call.arguments
            delta = call.arguments
            events.append(self._here("response.function_call_arguments.delta", delta=delta))
        return events

    def _close(self, status: str) -> list[Event]:
        """End the open item, if there is one."""
        item = self._item
        if item is None:
            return []
        events = self._last_words(item)
        item["status"] = status
        self._item, self._call_index = None, None
        index = len(self.output) - 1
        done = self._event("response.output_item.done", output_index=index, item=dict(item))
        return [*events, done]

    def _last_words(self, item: dict[str, Any]) -> list[Event]:
        if item["type"] == "function_call":
            name, arguments = item["name"], item["arguments"]
            return [
                self._here("response.function_call_arguments.done", name=name, arguments=arguments)
            ]
        part = item["content"][0]
        if item["type"] == "reasoning":
            done = self._here("response.reasoning_text.done", content_index=0, text=part["text"])
        else:
            done = self._here(
                "response.output_text.done",
                content_index=0,
                text=part["text"],
                logprobs=part["logprobs"],
            )
        return [done, self._here("response.content_part.done", content_index=0, part=part)]


def usage_json(usage: Usage) -> dict[str, Any]:
    """Token counts as this endpoint names them."""
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.total_tokens,
    }


def _empty(body: ResponsesRequest, model: str) -> dict[str, Any]:
    text = body.text
    functions = [tool for tool in body.tools or () if tool.get("type") == "function"]
    return {
        "id": new_id("resp_"),
        "object": "response",
        "created_at": int(time.time()),
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": body.instructions,
        "max_output_tokens": body.max_output_tokens,
        "max_tool_calls": None,
        "metadata": body.metadata or {},
        "model": model,
        "output": [],
        "parallel_tool_calls": body.parallel_tool_calls is not False,
        "previous_response_id": body.previous_response_id,
        "reasoning": {
            "effort": body.reasoning.effort if body.reasoning else None,
            "summary": None,
        },
        "store": body.store is not False,
        "temperature": body.temperature,
        "text": {
            "format": (text.format if text else None) or {"type": "text"},
            "verbosity": (text.verbosity if text else None) or "medium",
        },
        "tool_choice": body.tool_choice or "auto",
        "tools": functions,
        "top_logprobs": body.top_logprobs or 0,
        "top_p": body.top_p,
        "truncation": "disabled",
        "usage": None,
        "user": body.user,
    }
