"""A template from its file: all that is wrong in it is told in one message, with lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import jinja2
from pydantic import ValidationError

from zaohua.errors import UsageError
from zaohua.generate.prompts import outputs
from zaohua.generate.prompts.inputs import filled
from zaohua.generate.prompts.outputs import faults_of_schema
from zaohua.generate.prompts.rendering import Renderer, Unfit
from zaohua.generate.prompts.sections import Section, parted, sections
from zaohua.generate.prompts.spec import CheckSpec, PromptSpec
from zaohua.generate.prompts.template import Template
from zaohua.problems import problems
from zaohua.strict_yaml import Table, parse_table, read_text

MOST_BYTES: Final = 256 * 1024
SUFFIX: Final = ".md"

_NAMED = re.compile(r"([a-z][a-z0-9_-]{0,63})(?:\.([a-z]{2,3}))?")

Told = tuple[int, str]
"""A line of the file and what is wrong there."""


def name_of(path: Path) -> tuple[str, str] | None:
    """Name and language of a template's file: ``summary.zh.md``, ``summary.md``."""
    found = _NAMED.fullmatch(path.name.removesuffix(SUFFIX))
    return (found[1], found[2] or "") if found and path.suffix == SUFFIX else None


def read_file(path: Path, *, own: bool) -> Template:
    """The template in a file.

    Raises:
        NotFoundError: there is no such file.
        UsageError: it is no template, with all that is wrong in it.
    """
    named = name_of(path)
    if named is None:
        raise UsageError("the name of a prompt is of small letters, digits and -", where=str(path))
    text = read_text(path, "a prompt", MOST_BYTES)
    return read_template(text, *named, where=str(path), path=path, own=own)


def read_template(
    text: str,
    name: str,
    language: str = "",
    *,
    where: str,
    path: Path | None = None,
    own: bool = True,
) -> Template:
    """The template that ``text`` is; ``where`` is told in errors.

    Raises:
        UsageError: all that is wrong, each with its line.
    """
    text = text.replace("\r\n", "\n")
    head, body, line = parted(text)
    table = (
        parse_table("\n" + head, where, "the head of a prompt") if head.strip() else Table({}, {})
    )
    spec, found = _spec(table)
    parts, badly = sections(body, line)
    found += [(at, what) for what, at in badly]
    renderer = Renderer()
    compiled, faults = _compiled(renderer, _said(spec, table, parts), _inputs(spec, table))
    found += faults
    if spec is not None:
        found += _mismatches(spec, parts, table)
        if language and spec.language not in ("", language):
            told = f"language: is not that of the file's name, '{language}'"
            found.append((table.line(["language"]), told))
    if found or spec is None:
        told = "; ".join(f"line {at}: {what}" for at, what in sorted(found))
        raise UsageError(told, where=where)
    template = Template(
        name,
        language or spec.language,
        spec,
        text,
        path,
        own,
        MappingProxyType(dict(compiled)),
        renderer,
    )
    for fault in _schema_faults(template):
        raise UsageError(
            f"line {table.line(['output', 'json'])}: output.json: {fault}", where=where
        )
    return template


def _schema_faults(template: Template) -> Iterator[str]:
    """What is wrong with a schema that depends on what is given, as it is for each example."""
    if not outputs.depends(template.spec.output.schema_):
        return
    spec = template.spec
    given = [*(one.inputs for one in spec.shots), *(one.inputs for one in spec.examples)]
    if not given:
        yield "a schema that depends on inputs needs an example"
    for inputs in given:
        try:
            yield from faults_of_schema(template.schema(template.filled(inputs)) or {})
        except Unfit as unfit:
            yield unfit.faults[0].what
        except UsageError as error:
            yield error.what


def _spec(table: Table) -> tuple[PromptSpec | None, list[Told]]:
    try:
        return PromptSpec.model_validate(table.values), []
    except ValidationError as error:
        lines = [table.line(details["loc"]) for details in error.errors()]
        return None, list(zip(lines, problems(error, PromptSpec), strict=True))


def _inputs(spec: PromptSpec | None, table: Table) -> list[str]:
    """The names of the inputs, also of a head with other problems."""
    given = table.values.get("inputs") if spec is None else spec.inputs
    return [str(name) for name in given] if isinstance(given, Mapping) else []


def _said(
    spec: PromptSpec | None, table: Table, parts: Mapping[str, Section]
) -> Iterator[tuple[str, Section]]:
    """All templates of the file, by role."""
    if spec is not None:
        yield "instruction", Section(spec.instruction, table.line(["instruction"]))
        for number, text in enumerate(spec.paraphrases):
            yield f"paraphrases.{number}", Section(text, table.line(["paraphrases", number]))
    yield from parts.items()


def _compiled(
    renderer: Renderer, said: Iterable[tuple[str, Section]], inputs: Sequence[str]
) -> tuple[dict[str, jinja2.Template], list[Told]]:
    """What the template says, by role, and what cannot be understood of it."""
    made: dict[str, jinja2.Template] = {}
    found: list[Told] = []
    for role, section in said:
        try:
            made[role] = renderer.compile(section.source, names(inputs, role))
        except Unfit as unfit:
            found += [
                (section.line + fault.line - 1, f"{role}: {fault.what}") for fault in unfit.faults
            ]
    return made, found


def names(inputs: Iterable[str], role: str) -> list[str]:
    """What a part of a template may speak of."""
    extra = {
        "combine": ["parts", "of"],
        "refine": ["so_far"],
        "channel": ["label"],
        "output": ["output"],
        "faults": ["output"],
    }
    own = [] if role == "instruction" or role.startswith("paraphrases") else ["instruction"]
    return [*inputs, *own, *extra.get(role, [])]


def _mismatches(spec: PromptSpec, parts: Mapping[str, Section], table: Table) -> Iterable[Told]:
    """What is right by itself and does not fit together."""
    if not parts.get("user", Section("", 1)).source:
        yield 1, "there is nothing that the user says: '# user' is missing or empty"
    if spec.long and spec.long.how == "refine" and "refine" not in parts:
        yield table.line(["long"]), "long: refine needs a part '# refine'"
    if "channel" in parts and not (spec.output.choice and spec.main):
        yield 1, "'# channel' is for an output that is a choice, of an input of type text"
    plain = not outputs.depends(spec.output.schema_)
    for fault in faults_of_schema(spec.output.schema_ or {}) if plain else ():
        yield table.line(["output", "json"]), f"output.json: {fault}"
    if spec.output.form and spec.output.schema_ and "output" not in parts:
        yield table.line(["output", "form"]), "output.form: JSON as a text needs a part '# output'"
    for number, shot in enumerate(spec.shots):
        yield from _unfit(spec, shot.inputs, table, ("shots", number))
    for number, example in enumerate(spec.examples):
        yield from _unfit(spec, example.inputs, table, ("examples", number))
        yield from _unknown(spec, example.expect, table, ("examples", number, "expect"))
    yield from _unknown(spec, spec.checks, table, ("checks",))


def _unfit(
    spec: PromptSpec, given: Mapping[str, Any], table: Table, path: tuple[str | int, ...]
) -> Iterable[Told]:
    try:
        filled(spec, given, "")
    except UsageError as error:
        yield table.line([*path, "inputs"]), f"{'.'.join(map(str, path))}: {error.what}"


def _unknown(
    spec: PromptSpec, checks: CheckSpec, table: Table, path: tuple[str | int, ...]
) -> Iterable[Told]:
    for name in checks.numbers_from:
        if name not in spec.inputs:
            told = f"{'.'.join(map(str, path))}.numbers_from: '{name}' is no input"
            yield table.line([*path, "numbers_from"]), told
