"""Messages of a conversation, however a file spells them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import orjson

from zaohua.data.readers.options import Fields
from zaohua.data.records import Role, Turn

_ROLES: Mapping[str, Role] = MappingProxyType(
    {
        "system": "system",
        "developer": "system",
        "user": "user",
        "human": "user",
        "prompter": "user",
        "assistant": "assistant",
        "gpt": "assistant",
        "chatgpt": "assistant",
        "bot": "assistant",
        "bing": "assistant",
        "bard": "assistant",
        "model": "assistant",
        "function_call": "assistant",
        "tool": "tool",
        "function": "tool",
        "observation": "tool",
        "ipython": "tool",
    }
)


class RowError(Exception):
    """A row that is no record; the message is the reason."""


def turns(value: Any, fields: Fields, *, plain: Role) -> tuple[Turn, ...]:
    """A list of messages, one message, or a string (then one turn of the role ``plain``).

    Raises:
        RowError: it is none of them, or a message has no known role or no text.
    """
    if isinstance(value, str):
        parsed = _from_json(value)
        if parsed is None:
            if not value.strip():
                raise RowError("an empty message")
            return (Turn(plain, value),)
        value = parsed
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list | tuple):
        raise RowError(f"messages are {type(value).__name__}: a list was expected")
    return tuple(_turn(number, item, fields) for number, item in enumerate(value, start=1))


def _from_json(value: str) -> Any | None:
    """A list of messages written as JSON into a CSV field."""
    if not value.lstrip().startswith("[{"):
        return None
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return None


def _turn(number: int, item: Any, fields: Fields) -> Turn:
    if not isinstance(item, Mapping):
        raise RowError(f"message {number} is {type(item).__name__}: an object was expected")
    said = item.get(fields.role, item.get("from"))
    role = _ROLES.get(str(said).strip().lower())
    if role is None:
        raise RowError(f"message {number} has the role {said!r}")
    content = item.get(fields.content, item.get("value"))
    if isinstance(content, list | tuple):
        content = "".join(_part(number, part) for part in content)
    if not isinstance(content, str):
        raise RowError(f"message {number} has no text")
    if item.get("tool_calls"):
        raise RowError(f"message {number} has tool calls, which are not read")
    return Turn(role, content)


def _part(number: int, part: Any) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Mapping) and isinstance(part.get("text"), str):
        return str(part["text"])
    kind = part.get("type", "unknown") if isinstance(part, Mapping) else type(part).__name__
    raise RowError(f"message {number} has a part that is not text: {kind}")
