"""Bytes of HTTP responses and little requests, for the scripted upstream."""

from __future__ import annotations

import json
from typing import Any

from zaohua.generate.request import ChatRequest, Message

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
DONE = b"data: [DONE]\n\n"
QUOTED = (
    "Repeat this text word for word: The old lighthouse keeper climbed the narrow stairs every "
    "evening, lit the great lamp and wrote the weather into a book bound in green leather."
)


def chunked(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def event(**fields: Any) -> bytes:
    return b"data: " + json.dumps(fields).encode() + b"\n\n"


def delta(text: str | None = None, *, index: int = 0, reason: str | None = None, **more) -> bytes:
    body = {**({} if text is None else {"content": text}), **more}
    return event(choices=[{"index": index, "delta": body, "finish_reason": reason}])


def reply(*events: bytes, done: bool = True) -> list[bytes]:
    return [HEAD, *map(chunked, events), *([chunked(DONE)] if done else []), END]


def refusal(status: int, body: Any, headers: str = "") -> list[bytes]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status} No\r\ncontent-length: {len(raw)}\r\n{headers}\r\n"
    return [head.encode() + raw]


def ask(text: str = "hi", **more: Any) -> ChatRequest:
    return ChatRequest((Message("user", text),), **more)
