"""The form of an output: enforced while it is decoded, checked when it is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from zaohua.errors import ZaohuaError
from zaohua.generate.collect import Answer
from zaohua.generate.prompts.inputs import Value
from zaohua.generate.prompts.spec import PromptSpec


class AnswerBroken(ZaohuaError):
    """The model's answer is not what the template promises."""


def schema(spec: PromptSpec, values: Mapping[str, Value]) -> dict[str, Any] | None:
    """The JSON Schema of the output; None for text."""
    if spec.output.schema_ is not None:
        return spec.output.schema_
    kind = spec.output.kind
    if kind == "choice":
        return {"type": "string", "enum": list(_words(values[spec.output.choice]))}
    if kind == "fields":
        named = _words(values[spec.output.fields])
        field = {"anyOf": [{"type": "string"}, {"type": "null"}]}
        return {
            "type": "object",
            "properties": dict.fromkeys(named, field),
            "required": list(named),
            "additionalProperties": False,
        }
    return None


def depends(schema: Any) -> bool:
    """Whether a schema has texts that are templates."""
    if isinstance(schema, Mapping):
        return any(map(depends, schema.values()))
    if isinstance(schema, list):
        return any(map(depends, schema))
    return isinstance(schema, str) and ("{{" in schema or "{%" in schema)


def filled(schema: Any, say: Callable[[str], str]) -> Any:
    """A schema with its templates said by ``say``; where that is JSON, its value."""
    if isinstance(schema, Mapping):
        return {key: filled(below, say) for key, below in schema.items()}
    if isinstance(schema, list):
        return [filled(below, say) for below in schema]
    if not depends(schema):
        return schema
    said = say(schema)
    try:
        return json.loads(said)
    except ValueError:
        return said


def read(wanted: Mapping[str, Any] | None, answer: Answer) -> Any:
    """A text without the white space around it; JSON of the schema ``wanted`` as its value.

    Raises:
        AnswerBroken: nothing came, or it is no JSON of the promised schema.
    """
    text = answer.text.strip()
    if wanted is None:
        if not text:
            raise AnswerBroken("the model gave no answer", mend="ask again, or another model")
        return text
    if answer.finish_reason == "length":
        raise AnswerBroken(
            f"the answer was cut off before its end: {_shown(text)}", mend="raise --max-tokens"
        )
    return _json(text, wanted)


def spoken(spec: PromptSpec, output: str) -> str:
    """An output as the model writes it: a choice is a JSON text."""
    return as_json(output) if spec.output.kind == "choice" else output


def shown(value: Any) -> str:
    """An output as it is printed."""
    return value if isinstance(value, str) else as_json(value)


def as_json(value: Any) -> str:
    """As JSON, on one line."""
    return json.dumps(value, ensure_ascii=False)


def _json(text: str, wanted: Mapping[str, Any]) -> Any:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise AnswerBroken(f"the answer is not JSON ({error}): {_shown(text)}") from None
    if faults := schema_faults(value, wanted):
        raise AnswerBroken(f"the answer is not what was asked for ({faults[0]}): {_shown(text)}")
    return value


def schema_faults(value: Any, wanted: Mapping[str, Any]) -> list[str]:
    """In what ``value`` is not as a schema wants it; nothing outside of the schema is fetched."""
    from jsonschema import Draft202012Validator
    from referencing import Registry

    validator = Draft202012Validator(dict(wanted), registry=Registry())
    errors = sorted(validator.iter_errors(value), key=lambda error: list(map(str, error.path)))
    return [f"{error.json_path}: {error.message}"[:200] for error in errors]


def faults_of_schema(wanted: Mapping[str, Any]) -> list[str]:
    """Why something is no JSON Schema that can be followed."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    outside = [reference for reference in _references(wanted) if not reference.startswith("#")]
    if outside:
        return [f"$ref leads outside of the schema: {outside[0][:60]}"]
    try:
        Draft202012Validator.check_schema(dict(wanted))
    except SchemaError as error:
        return [f"not a JSON Schema: {error.json_path}: {error.message}"[:200]]
    return []


def _references(node: Any) -> list[str]:
    if isinstance(node, Mapping):
        here = [str(node["$ref"])] if "$ref" in node else []
        return here + [found for below in node.values() for found in _references(below)]
    if isinstance(node, list):
        return [found for below in node for found in _references(below)]
    return []


def _words(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)


def _shown(text: str) -> str:
    return text if len(text) <= 80 else text[:80] + "…"
