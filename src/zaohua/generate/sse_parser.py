"""Reads server-sent events as OpenAI-compatible servers send them: one JSON object a ``data:``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import orjson

from zaohua.generate.failures import EngineFailed

MAX_EVENT_BYTES = 16 * 2**20


class SseParser:
    """Turns the bytes of a stream into JSON objects.

    Takes ``data:`` with or without a blank, CRLF, comments, events split at any byte, and
    llama.cpp's ``error:`` lines. ``done`` tells whether ``[DONE]`` has come. Bytes that are not
    UTF-8 come out as lone surrogates (``surrogateescape``), to be joined with the next piece.
    """

    def __init__(self) -> None:
        self._rest = b""
        self.done = False

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The objects completed by ``data``.

        Raises:
            EngineFailed: a line is not JSON, or has no end.
        """
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_EVENT_BYTES:
            raise EngineFailed("the engine sent an event without end")
        for line in lines:
            found = self._line(line)
            if found is not None:
                yield found

    def finish(self) -> Iterator[dict[str, Any]]:
        """What a last line without a line break holds."""
        found = self._line(self._rest)
        self._rest = b""
        if found is not None:
            yield found

    def _line(self, line: bytes) -> dict[str, Any] | None:
        if line.startswith(b"data:"):
            return self._value(line[5:].strip())
        if line.startswith(b"error:"):
            return {"error": self._value(line[6:].strip()) or "unknown"}
        return None

    def _value(self, value: bytes) -> dict[str, Any] | None:
        if value == b"[DONE]":
            self.done = True
        if not value or self.done:
            return None
        try:
            parsed = orjson.loads(value)
        except orjson.JSONDecodeError:
            parsed = _lenient(value)
        return parsed if isinstance(parsed, dict) else None


def _lenient(value: bytes) -> Any:
    try:
        return json.loads(value.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        raise EngineFailed("the engine sent an event that is not JSON") from None
