"""Writes a `Grammar` in the fields of each worker.

Those with our pipeline follow schemas and expressions by llguidance, and say what they cannot. From
llama.cpp is kept what it would ignore or choke on:

llama.cpp follows JSON schemas with a converter of its own that passes over some keywords in
silence, and takes ``%llguidance`` grammars, of which a bad one is passed over in silence too. So
schemas with keywords the converter lacks, and regular expressions, go to llguidance, after a probe
has shown that it took them: a grammar that must begin with a mark is tried for a few tokens, and
the mark looked for.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson

from zaohua.generate.failures import RequestRefused
from zaohua.generate.request import Grammar

Probe = Callable[[str], Awaitable[str]]
"""Continues nothing under a grammar for a few tokens and returns the text."""

MAX_GRAMMAR_CHARACTERS = 64 * 1024
MAX_SCHEMA_BYTES = 256 * 1024
MAX_SCHEMA_DEPTH = 64
_MARK = "@@"
_LLGUIDANCE = "%llguidance {}\n"
_CONVERTED = frozenset({
    "type", "properties", "required", "items", "enum", "const", "anyOf", "oneOf", "allOf", "$ref",
    "$defs", "definitions", "additionalProperties", "minItems", "maxItems", "prefixItems",
    "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "format", "title", "description", "default", "examples", "$schema", "$id", "$comment",
    "deprecated", "readOnly", "writeOnly", "strict", "nullable",
})  # fmt: skip

_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}


class GrammarWriter:
    """Checks grammars with ``probe`` and remembers which passed."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._passed: dict[str, None] = {}

    async def fields(self, grammar: Grammar | None) -> dict[str, Any]:
        """The request fields that make llama.cpp follow ``grammar``.

        Raises:
            RequestRefused: it is not a grammar, or asks for what cannot be enforced.
        """
        if grammar is None:
            return {}
        if grammar.kind == "json":
            return {"response_format": {"type": "json_object"}}
        if grammar.kind == "json_schema":
            return await self._schema(_schema(grammar))
        text = _text(grammar)
        if grammar.kind == "regex":
            rule = f"/{_in_slashes(text)}/"
            await self._check(rule, "the engine cannot follow this regular expression", "regex")
            return {"grammar": f"{_LLGUIDANCE}start: {rule}\n"}
        if text.lstrip().startswith("%"):
            raise RequestRefused(
                "a gbnf must be in llama.cpp's own grammar format",
                param="grammar",
                mend="give regular expressions and JSON schemas as what they are",
            )
        return {"grammar": text}

    async def _schema(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        unknown = sorted(_keywords(schema) - _CONVERTED)
        if not unknown:
            return {"response_format": {"type": "json_schema", "json_schema": {"schema": schema}}}
        rule = f"%json {orjson.dumps(compact(schema)).decode()}"
        named = ", ".join(unknown)
        await self._check(
            rule, f"the engine cannot enforce this schema ({named})", "response_format"
        )
        return {"grammar": f"{_LLGUIDANCE}start: {rule}\n"}

    async def _check(self, rule: str, complaint: str, param: str) -> None:
        if rule in self._passed:
            return
        grammar = f'{_LLGUIDANCE}start: "{_MARK}" body\nbody: {rule}\n'
        if not (await self._probe(grammar)).startswith(_MARK):
            raise RequestRefused(complaint, param=param)
        if len(self._passed) >= 256:
            self._passed.pop(next(iter(self._passed)))
        self._passed[rule] = None


def form_fields(grammar: Grammar | None) -> dict[str, Any]:
    """The request fields that make a worker with our pipeline follow ``grammar``.

    Raises:
        RequestRefused: it is no such form, or none that it follows.
    """
    if grammar is None:
        return {}
    if grammar.kind == "gbnf":
        raise RequestRefused("this engine follows no gbnf", param="grammar")
    if grammar.kind == "json":
        return {"form": {"kind": "json", "value": None}}
    told = _schema(grammar) if grammar.kind == "json_schema" else _text(grammar)
    return {"form": {"kind": grammar.kind, "value": told}}


def _text(grammar: Grammar) -> str:
    """That of a regular expression or a gbnf."""
    if not isinstance(grammar.value, str) or not grammar.value.strip():
        raise RequestRefused(f"a {grammar.kind} must be a text", param="grammar")
    if len(grammar.value) > MAX_GRAMMAR_CHARACTERS:
        raise RequestRefused(
            f"a {grammar.kind} may have {MAX_GRAMMAR_CHARACTERS} characters at most",
            param="grammar",
        )
    return grammar.value


def _schema(grammar: Grammar) -> Mapping[str, Any]:
    if isinstance(grammar.value, str):
        raise RequestRefused("a JSON schema must be an object", param="response_format")
    _check_size(grammar.value)
    _keywords(grammar.value)
    return grammar.value


def _in_slashes(pattern: str) -> str:
    escaped = re.sub(r"(\\.)|/", lambda m: m.group(1) or r"\/", pattern, flags=re.DOTALL)
    return escaped.replace("\n", r"\n").replace("\r", r"\r")


def compact(schema: Mapping[str, Any]) -> dict[str, Any]:
    """``schema`` with the wish that llguidance let no free white space in, where small models
    would get lost."""
    wish = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
    return {"x-guidance": wish, **schema}


def _check_size(schema: Mapping[str, Any]) -> None:
    try:
        size = len(orjson.dumps(schema))
    except TypeError:
        raise RequestRefused("this is not a JSON schema", param="response_format") from None
    if size > MAX_SCHEMA_BYTES:
        raise RequestRefused(
            f"a JSON schema may have {MAX_SCHEMA_BYTES} bytes at most", param="response_format"
        )


def _keywords(schema: Any, depth: int = 0) -> set[str]:
    """All keywords used in ``schema`` and in the schemas inside it."""
    if depth > MAX_SCHEMA_DEPTH:
        raise RequestRefused(
            f"a JSON schema may be {MAX_SCHEMA_DEPTH} levels deep at most", param="response_format"
        )
    if isinstance(schema, list):
        return set().union(*(_keywords(s, depth + 1) for s in schema))
    if not isinstance(schema, Mapping):
        return set()
    found = set(schema)
    if schema.get("type") != "integer" and found & _BOUNDS:
        found.add("bounds of numbers")
    for key, value in schema.items():
        if key in {"properties", "$defs", "definitions", "patternProperties"}:
            parts = list(value.values()) if isinstance(value, Mapping) else []
            found |= _keywords(parts, depth + 1)
        elif key not in {"enum", "const", "default", "examples"}:
            found |= _keywords(value, depth + 1)
    return found
