"""The smallest value that a JSON Schema admits, for the engine that only pretends to think."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DEPTH = 16


def minimal_instance(schema: Mapping[str, Any] | bool) -> Any:
    """A small valid instance of ``schema``, good for the everyday keywords.

    Follows local ``$ref``, ``const``, ``enum``, ``default``, ``anyOf``/``oneOf``/``allOf``, types,
    required properties, minimum lengths and bounds. Recursion ends at 16 levels with null.
    """
    return _instance(schema, schema, 0)


def _instance(schema: Any, root: Any, depth: int) -> Any:
    if not isinstance(schema, Mapping) or depth > _DEPTH:
        return None
    if "$ref" in schema:
        return _instance(_resolve(str(schema["$ref"]), root), root, depth + 1)
    fixed = [schema["const"]] if "const" in schema else schema.get("enum")
    if fixed:
        return fixed[0]
    joined = _join(schema)
    if joined is not None:
        return _instance(joined, root, depth + 1)
    return _of_type(_type_of(schema), schema, root, depth)


def _join(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """``schema`` with the first of its alternatives, or all its parts, drawn into it."""
    for key in ("anyOf", "oneOf"):
        if schema.get(key):
            return {**_without(schema, key), **schema[key][0]}
    if not schema.get("allOf"):
        return None
    joined = _without(schema, "allOf")
    for part in schema["allOf"]:
        joined.update(part)
    return joined


def _without(schema: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {k: v for k, v in schema.items() if k != key}


def _type_of(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = kind[0] if kind else None
    if isinstance(kind, str):
        return kind
    return "array" if "items" in schema and "properties" not in schema else "object"


def _of_type(kind: str, schema: Mapping[str, Any], root: Any, depth: int) -> Any:
    if kind == "object":
        properties = schema.get("properties", {})
        wanted = schema.get("required", list(properties))
        return {k: _instance(properties.get(k, {"type": "null"}), root, depth + 1) for k in wanted}
    if kind == "array":
        item = _instance(schema.get("items", {"type": "null"}), root, depth + 1)
        return [item] * int(schema.get("minItems", 0))
    if kind == "string":
        return "x" * int(schema.get("minLength", 0))
    if kind in {"integer", "number"}:
        low = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
        high = schema.get("maximum", schema.get("exclusiveMaximum", low + 1) - 1)
        return low if "minimum" in schema or "exclusiveMinimum" in schema else min(0, high)
    return False if kind == "boolean" else None


def _resolve(reference: str, root: Any) -> Any:
    found = root
    for part in reference.removeprefix("#").strip("/").split("/"):
        if part and isinstance(found, Mapping):
            found = found.get(part.replace("~1", "/").replace("~0", "~"))
    return found
