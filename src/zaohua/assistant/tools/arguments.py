"""Reads the arguments that a model wrote for a call; repairs only what can mean one thing."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from typing import Any

from zaohua.assistant.tools.values import WrongArguments

LONGEST = 100_000
SHOWN = 80
_FENCE = re.compile(r"^```\w*\s*(.*?)\s*```$", re.DOTALL)
_WRAPPERS = ("arguments", "parameters", "args", "input")


def read_arguments(text: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as an object.

    Understood besides JSON objects: nothing at all, a fence, commas before a closing bracket,
    brackets left open, Python's quotes, JSON within a JSON string, the object within
    ``{"arguments": …}``, and the bare value of a tool's only argument.

    Raises:
        WrongArguments: it is none of these.
    """
    bare = _unfenced(text.strip())
    if not bare:
        return {}
    if len(bare) > LONGEST:
        raise WrongArguments(f"the arguments are longer than {LONGEST} characters")
    value = _value(bare)
    if isinstance(value, str) and value is not bare and value.lstrip().startswith("{"):
        value = _value(value)
    if not isinstance(value, dict):
        return _only_argument(value, schema)
    return _unwrapped(value, schema)


def _unfenced(text: str) -> str:
    found = _FENCE.fullmatch(text)
    return found[1] if found else text


def _value(text: str) -> Any:
    for attempt in (text, _mended(text)):
        try:
            return json.loads(attempt)
        except (ValueError, RecursionError):
            continue
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
        raise WrongArguments(f"the arguments are not a JSON object: {shown}") from None
    return value


def _mended(text: str) -> str:
    """Without commas that nothing follows, and with the brackets that were left open closed."""
    kept: list[str] = []
    open_brackets: list[str] = []
    quoted = escaped = False
    for character in text:
        if quoted:
            quoted = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            quoted = True
        elif character in "[{":
            open_brackets.append("]" if character == "[" else "}")
        elif character in "]}":
            _drop_comma(kept)
            if open_brackets:
                open_brackets.pop()
        kept.append(character)
    if quoted or not open_brackets:
        return "".join(kept)
    _drop_comma(kept)
    return "".join(kept) + "".join(reversed(open_brackets))


def _drop_comma(kept: list[str]) -> None:
    while kept and kept[-1].isspace():
        kept.pop()
    if kept and kept[-1] == ",":
        kept.pop()


def _only_argument(value: Any, schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = list(schema.get("properties", {}))
    if len(properties) != 1 or value is None:
        raise WrongArguments("the arguments must be a JSON object")
    return {properties[0]: value}


def _unwrapped(value: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    if len(value) != 1:
        return value
    [(key, inner)] = value.items()
    known = schema.get("properties", {})
    return inner if key in _WRAPPERS and key not in known and isinstance(inner, dict) else value
