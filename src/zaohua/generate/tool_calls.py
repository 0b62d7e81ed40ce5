"""Makes tools work with models whose calls the engine does not recognise.

Small models often answer with a bare JSON object ``{"name": ..., "arguments": ...}`` instead of the
tagged form their template asks for. `ToolCallFinder` turns such answers into tool calls;
`forced_schema` and `ForcedCallReader` make a call happen where one is required, by constrained
decoding.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from zaohua.generate.events import Chunk, TokenLogprob, ToolCallDelta
from zaohua.generate.request import Tool

_OPENERS = ("<tool_call>", "```json", "```tool_call", "```", "[")
_WRAPPING = re.compile(r"</?tool_call>|```(?:json|tool_call)?|[;,\s]+")
_HEAD_CHARACTERS = 400
_ARGUMENTS = r'"(?:arguments|parameters)"\s*:\s*'
_LOOSE_CALL = re.compile(r'\{\s*"name"\s*:\s*"([^"]+)"\s*,\s*' + _ARGUMENTS + r"(.*)\}", re.DOTALL)
_FORCED_HEAD = re.compile(
    r'\s*\{\s*"name"\s*:\s*"((?:[^"\\]|\\.)*)"\s*,\s*"arguments"\s*:\s*(?=\S)'
)


def new_call_id() -> str:
    """A fresh id for a tool call."""
    return f"call_{secrets.token_hex(12)}"


class ToolCallFinder:
    """Watches the text of one answer for tool calls.

    Text is held back only as long as the whole answer may still be a call of one of ``tools``.
    """

    def __init__(self, index: int, tools: Sequence[Tool]) -> None:
        self._index = index
        self._names = tuple(t.name for t in tools)
        self._heads = _heads(self._names)
        self._held: list[str] = []
        self._logprobs: list[TokenLogprob] = []
        self._plain = False

    def feed(self, chunk: Chunk) -> Iterator[Chunk]:
        """The chunks to pass on in place of ``chunk``."""
        if self._plain or (chunk.tool_calls and not self._held):
            self._plain = True
            yield chunk
            return
        self._held.append(chunk.text)
        self._logprobs.extend(chunk.logprobs)
        if chunk.reasoning:
            yield Chunk(self._index, reasoning=chunk.reasoning)
        if chunk.finish_reason is not None or chunk.tool_calls:
            yield from self._finish(chunk)
        elif not self._may_be_call():
            yield self._release(chunk)

    def _may_be_call(self) -> bool:
        text = "".join(self._held)
        if len(text) > _HEAD_CHARACTERS:
            return True
        return may_be_call(text, self._heads)

    def _release(self, last: Chunk) -> Chunk:
        self._plain = True
        text, self._held = "".join(self._held), []
        return Chunk(
            self._index,
            text,
            tool_calls=last.tool_calls,
            logprobs=tuple(self._logprobs),
            finish_reason=last.finish_reason,
        )

    def _finish(self, last: Chunk) -> Iterator[Chunk]:
        text = "".join(self._held)
        calls = parse_calls(text, self._names) if last.finish_reason == "stop" else ()
        if not calls:
            yield self._release(last)
            return
        deltas = tuple(ToolCallDelta(i, new_call_id(), n, a) for i, (n, a) in enumerate(calls))
        yield Chunk(self._index, tool_calls=deltas, logprobs=tuple(self._logprobs))
        yield Chunk(self._index, finish_reason="tool_calls")


def _heads(names: Sequence[str]) -> tuple[str, ...]:
    called = [f'{{"name":{json.dumps(name, ensure_ascii=False)}' for name in names]
    return (*called, '{"arguments":', '{"parameters":', '{"type":"function"', '{"function":')


def may_be_call(text: str, heads: Sequence[str]) -> bool:
    """Whether an answer that begins with ``text`` may turn out to be a call (see `_heads`)."""
    rest = text.strip()
    for opener in _OPENERS:
        if rest and opener.startswith(rest):
            return True
        if rest.startswith(opener):
            rest = rest[len(opener) :].lstrip()
    compact = "".join(rest.split())
    return any(h.startswith(compact) or compact.startswith(h) for h in map(_compact, heads))


def _compact(text: str) -> str:
    return "".join(text.split())


def parse_calls(text: str, names: Sequence[str]) -> list[tuple[str, str]]:
    """The calls that ``text`` consists of, as name and JSON arguments; none if it is anything else.

    Arguments that are not valid JSON are passed on as the model wrote them.
    """
    found: list[tuple[str, str]] = []
    decoder = json.JSONDecoder()
    position = _skip(text, 0)
    while position < len(text):
        try:
            value, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            loose = _loose(text[position:], names)
            return [*found, loose] if loose else []
        for part in value if isinstance(value, list) else [value]:
            call = _call(part, names)
            if call is None:
                return []
            found.append(call)
        position = _skip(text, end)
    return found


def _skip(text: str, position: int) -> int:
    while match := _WRAPPING.match(text, position):
        position = match.end()
    return position


def _call(value: Any, names: Sequence[str]) -> tuple[str, str] | None:
    if isinstance(value, Mapping) and isinstance(value.get("function"), Mapping):
        value = value["function"]
    if not isinstance(value, Mapping) or value.get("name") not in names:
        return None
    arguments = value.get("arguments", value.get("parameters", {}))
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False)
    return str(value["name"]), arguments


def _loose(text: str, names: Sequence[str]) -> tuple[str, str] | None:
    bare = text.removesuffix("```").rstrip().removesuffix("</tool_call>").rstrip()
    match = _LOOSE_CALL.fullmatch(bare)
    return (match.group(1), match.group(2).strip()) if match and match.group(1) in names else None


def forced_schema(tools: Sequence[Tool]) -> dict[str, Any]:
    """The JSON schema of a call of one of ``tools``."""
    parts = []
    definitions: dict[str, Any] = {}
    for tool in tools:
        parameters = dict(tool.parameters)
        for key in ("$defs", "definitions"):
            definitions.setdefault(key, {}).update(parameters.pop(key, None) or {})
        if "properties" in parameters:
            parameters.setdefault("additionalProperties", False)
        parts.append(
            {
                "type": "object",
                "properties": {"name": {"const": tool.name}, "arguments": parameters},
                "required": ["name", "arguments"],
                "additionalProperties": False,
            }
        )
    schema: dict[str, Any] = parts[0] if len(parts) == 1 else {"anyOf": parts}
    return {**schema, **{k: v for k, v in definitions.items() if v}}


class ForcedCallReader:
    """Turns the text of one answer under `forced_schema` into pieces of a tool call."""

    def __init__(self, index: int) -> None:
        self._index = index
        self._text = ""
        self._sent = 0
        self._begun = False

    def feed(self, chunk: Chunk) -> Iterator[Chunk]:
        """The chunks to pass on in place of ``chunk``."""
        self._text += chunk.text
        if not self._begun:
            yield from self._begin()
        if self._begun:
            yield from self._advance(last=chunk.finish_reason is not None)
        if chunk.finish_reason is not None:
            reason = chunk.finish_reason if chunk.finish_reason != "stop" else "tool_calls"
            yield Chunk(self._index, finish_reason=reason)

    def _begin(self) -> Iterator[Chunk]:
        head = _FORCED_HEAD.match(self._text)
        if head is None:
            return
        self._begun = True
        self._sent = head.end()
        name = json.loads(f'"{head.group(1)}"')
        yield Chunk(self._index, tool_calls=(ToolCallDelta(0, new_call_id(), name),))

    def _advance(self, *, last: bool) -> Iterator[Chunk]:
        """Pass on arguments, but not the brace that closes the call itself."""
        end = len(self._text.rstrip().rstrip("}").rstrip())
        if last:
            whole = self._text.rstrip()
            end = max(end, len(whole) - 1 if whole.endswith("}") else len(whole))
        piece = self._text[self._sent : end]
        if last:
            piece = piece.rstrip()
        if piece:
            self._sent = end
            yield Chunk(self._index, tool_calls=(ToolCallDelta(0, arguments=piece),))


def tool_instructions(tools: Sequence[Tool]) -> str:
    """What to tell a model whose chat template has no place for tools."""
    listed = "\n".join(
        json.dumps(
            {"name": t.name, "description": t.description, "parameters": dict(t.parameters)},
            ensure_ascii=False,
        )
        for t in tools
    )
    return (
        "You may call these functions, one JSON description a line:\n"
        f"{listed}\n"
        'To call one, answer only with {"name": <function name>, "arguments": <object>}.'
    )
