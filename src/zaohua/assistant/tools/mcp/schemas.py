"""Looks through what a server says of its tools before any of it is used.

A schema is rewritten with the keywords that engines and checks know; what they do not know (formats
and patterns, which could be made to run for ever) is left to the server. What cannot be true is
refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

LARGEST = 20_000
"""Characters of a schema as JSON."""
MOST_NODES = 400
"""Subschemas after all references are written out."""
LONGEST_DESCRIPTION = 1000
TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
_TEXTS = ("description",)
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_COUNTS = ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties")
_CHOICES = ("anyOf", "oneOf", "allOf")


class UnsoundSchema(Exception):
    """Why a schema cannot be used, in one clause."""


def sound_schema(raw: Any) -> dict[str, Any]:
    """A schema of arguments, rewritten without references.

    Raises:
        UnsoundSchema: it is no schema of an object, has wrong types, is too large or recursive.
    """
    if not isinstance(raw, dict):
        raise UnsoundSchema(f"its schema is no object but {_kind(raw)}")
    try:
        size = len(json.dumps(raw))
    except (TypeError, ValueError, RecursionError):
        raise UnsoundSchema("its schema cannot be written as JSON") from None
    if size > LARGEST:
        raise UnsoundSchema(f"its schema has {size:,} characters, {LARGEST:,} are the most")
    if raw.get("type") != "object":
        raise UnsoundSchema("its schema is not of type 'object'")
    return {"properties": {}, **_Rewriting(raw).node(raw, ())}


class _Rewriting:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._nodes = 0

    def node(self, raw: Any, within: tuple[str, ...]) -> dict[str, Any]:
        if raw is True:
            return {}
        if not isinstance(raw, dict):
            raise UnsoundSchema(f"a part of its schema is no schema but {_kind(raw)}")
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise UnsoundSchema(f"its schema has more than {MOST_NODES} parts")
        if "$ref" in raw:
            return self._followed(raw, within)
        kept = {**_plain(raw), **self._inner(raw, within)}
        if "required" in raw:
            kept["required"] = _required(raw)
        return kept

    def _followed(self, raw: Mapping[str, Any], within: tuple[str, ...]) -> dict[str, Any]:
        reference = raw["$ref"]
        if not isinstance(reference, str) or not reference.startswith("#"):
            raise UnsoundSchema(f"its schema refers to something outside it: {str(reference)[:60]}")
        if reference in within:
            raise UnsoundSchema(f"its schema is recursive: {reference[:60]}")
        target: Any = self._root
        for part in reference[1:].strip("/").split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if key and (not isinstance(target, dict) or key not in target):
                raise UnsoundSchema(f"its schema refers to what is not there: {reference[:60]}")
            target = target[key] if key else target
        return {**self.node(target, (*within, reference)), **_plain(raw)}

    def _inner(self, raw: Mapping[str, Any], within: tuple[str, ...]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        if "properties" in raw:
            properties = _table(raw["properties"], "properties")
            kept["properties"] = {str(k): self.node(v, within) for k, v in properties.items()}
        if "items" in raw:
            kept["items"] = self.node(raw["items"], within)
        for key in _CHOICES:
            if key in raw:
                parts = _filled(raw[key], key)
                kept[key] = [self.node(part, within) for part in parts]
        more = raw.get("additionalProperties")
        if isinstance(more, bool):
            kept["additionalProperties"] = more
        elif more is not None:
            kept["additionalProperties"] = self.node(more, within)
        return kept


def _plain(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords that hold no schemas."""
    kept = {k: raw[k] for k in ("const", "default") if k in raw}
    if "type" in raw:
        kept["type"] = _type(raw["type"])
    if "enum" in raw:
        kept["enum"] = _filled(raw["enum"], "enum")
    for key in _TEXTS:
        if isinstance(raw.get(key), str):
            kept[key] = raw[key][:LONGEST_DESCRIPTION]
    for key in (*_NUMBERS, *_COUNTS):
        if key in raw:
            kept[key] = _bound(raw[key], key)
    return kept


def _type(given: Any) -> Any:
    names = given if isinstance(given, list) else [given]
    for name in names:
        if name not in TYPES:
            raise UnsoundSchema(f"its schema names a type that does not exist: {str(name)[:40]}")
    if not names:
        raise UnsoundSchema("its schema has a list of types that is empty")
    return given


def _required(raw: Mapping[str, Any]) -> list[str]:
    names = raw["required"]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UnsoundSchema("'required' in its schema is no list of names")
    return names


def _bound(given: Any, key: str) -> Any:
    right = isinstance(given, int) if key in _COUNTS else isinstance(given, int | float)
    if isinstance(given, bool) or not right or (key in _COUNTS and given < 0):
        raise UnsoundSchema(f"'{key}' in its schema is no such number")
    if key == "multipleOf" and given <= 0:
        raise UnsoundSchema("'multipleOf' in its schema is no such number")
    return given


def _table(given: Any, key: str) -> dict[Any, Any]:
    if not isinstance(given, dict):
        raise UnsoundSchema(f"'{key}' in its schema is no object but {_kind(given)}")
    return given


def _filled(given: Any, key: str) -> list[Any]:
    if not isinstance(given, list) or not given:
        raise UnsoundSchema(f"'{key}' in its schema is no list with something in it")
    return given


def _kind(value: Any) -> str:
    names = {str: "a text", list: "a list", bool: "true or false", type(None): "null"}
    return names.get(
        type(value), "a number" if isinstance(value, int | float) else "something else"
    )
