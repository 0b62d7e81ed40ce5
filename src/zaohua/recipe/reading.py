"""Recipes as YAML: read strictly, changed from the command line, errors with their line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from zaohua import strict_yaml
from zaohua.errors import UsageError
from zaohua.problems import form_at
from zaohua.strict_yaml import parse_table, parse_value


def read_table(path: Path) -> dict[str, Any]:
    """The top-level table of a YAML file.

    Raises:
        NotFoundError: there is no such file.
        UsageError: it is not YAML, a key stands twice, or its top is no table; with the line.
    """
    return strict_yaml.read_table(path, "a recipe", mend="name: mine").values


def parse(text: str, where: str) -> dict[str, Any]:
    """As `read_table`, from the text itself."""
    return parse_table(text, where, "a recipe", mend="name: mine").values


def changed(
    table: Mapping[str, Any], changes: Sequence[str], form: type[BaseModel]
) -> dict[str, Any]:
    """A copy of ``table`` with ``path.to.key=value`` set for each of ``changes``.

    A number in the path is the place in a list, which may be the one after its end. Values are
    YAML, but where ``form`` wants text they are taken as they are.

    Raises:
        UsageError: a change without ``=``, or a path that leads nowhere.
    """
    whole: Any = dict(table)
    for change in changes:
        path, equals, text = change.partition("=")
        if not equals or not path.strip(" ."):
            raise UsageError(f"'{change}' sets nothing", where="--set", mend="--set key.key=value")
        parts = path.strip().split(".")
        whole = _with(whole, parts, _value(text, parts, form), path)
    return dict(whole)


def _with(here: Any, parts: Sequence[str], value: Any, path: str) -> Any:
    if not parts:
        return value
    part, rest = parts[0], parts[1:]
    if isinstance(here, list):
        number = int(part) if part.isdecimal() else len(here) + 1
        if number > len(here):
            raise UsageError(
                f"'{part}' is no place in a list of {len(here)}", where=f"--set {path}"
            )
        below = here[number] if number < len(here) else None
        return [*here[:number], _with(below, rest, value, path), *here[number + 1 :]]
    if here is None:
        here = {}
    if not isinstance(here, dict):
        raise UsageError(f"'{part}' is below a value, not a table", where=f"--set {path}")
    return {**here, part: _with(here.get(part), rest, value, path)}


def _value(text: str, parts: Sequence[str], form: type[BaseModel]) -> Any:
    path = [int(part) if part.isdecimal() else part for part in parts]
    place = form_at(path[:-1], form)
    field = place.model_fields.get(parts[-1]) if place else None
    if field is not None and _is_text(field.annotation) and not text.startswith("["):
        return text
    return parse_value(text)


def _is_text(annotation: Any) -> bool:
    return annotation is str or str in getattr(annotation, "__args__", ())
