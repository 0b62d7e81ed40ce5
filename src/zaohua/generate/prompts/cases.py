"""Cases to judge a template by: its own examples, or a file of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError, model_validator

from zaohua.errors import UsageError
from zaohua.generate.prompts.outputs import shown
from zaohua.generate.prompts.spec import CheckSpec
from zaohua.generate.prompts.template import Template
from zaohua.problems import problems
from zaohua.spec import Spec
from zaohua.strict_yaml import read_text

_MOST_BYTES = 64 << 20


class CaseSpec(Spec):
    """A line of a file of cases: what is given, and the right output or what must hold of it."""

    inputs: dict[str, Any]
    expect: CheckSpec | None = None
    output: Any = None

    @model_validator(mode="after")
    def _says_what_is_right(self) -> CaseSpec:
        if self.expect is None and self.output is None:
            raise ValueError("needs expect or output")
        return self


@dataclass(frozen=True, slots=True)
class Case:
    """What is given, what must hold of what comes out, and a right output where one is known."""

    inputs: dict[str, Any]
    expect: CheckSpec
    output: Any = None


def examples(template: Template) -> list[Case]:
    """The template's own examples, its checks for every output apart."""
    return [Case(one.inputs, one.expect) for one in template.spec.examples]


def read_cases(path: Path, template: Template) -> list[Case]:
    """The cases of a JSONL file.

    Raises:
        NotFoundError: it cannot be read.
        UsageError: all that is wrong, each with its line; or it is too large.
    """
    lines = read_text(path, "a file of cases", _MOST_BYTES).split("\n")
    found, wrong = [], []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(_case(line, template))
            except (ValueError, UsageError) as error:
                told = error.what if isinstance(error, UsageError) else str(error)
                wrong.append(f"line {number}: {told}")
    if wrong:
        raise UsageError("; ".join(wrong[:10]), where=str(path))
    if not found:
        raise UsageError("there are no cases in it", where=str(path))
    return found


def divided(cases: Sequence[Case], seed: int) -> tuple[list[Case], list[Case]]:
    """Cases to choose by, and two in five held out to judge the choice; the same every time."""

    def place(case: Case) -> str:
        whole = json.dumps([seed, case.inputs], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(whole.encode()).hexdigest()

    mixed = sorted(cases, key=place)
    held_out = max(len(mixed) * 2 // 5, 1)
    return mixed[held_out:], mixed[:held_out]


def _case(line: str, template: Template) -> Case:
    try:
        spec = CaseSpec.model_validate_json(line)
    except ValidationError as error:
        raise ValueError("; ".join(problems(error, CaseSpec))) from None
    template.filled(spec.inputs)
    return Case(spec.inputs, spec.expect or _equal(spec.output), spec.output)


def _equal(output: Any) -> CheckSpec:
    """What must hold of an output that is right only as ``output`` is."""
    return CheckSpec(values=output) if isinstance(output, dict) else CheckSpec(equals=shown(output))
