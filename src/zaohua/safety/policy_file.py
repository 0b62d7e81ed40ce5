"""Policy files: read strictly; all that is wrong is told at once, each with its line."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import ValidationError

from zaohua.errors import UsageError
from zaohua.problems import problems
from zaohua.safety.policy_form import PolicyForm
from zaohua.strict_yaml import Table, parse_table, read_text

MOST_BYTES = 4 << 20
_NOTHING = re.compile(r"(?:[ \t]*(?:#.*)?\r?\n?)*")


def read_form(path: Path) -> PolicyForm:
    """The policy of a YAML file.

    Raises:
        NotFoundError: it cannot be read.
        UsageError: it is not YAML, or something in it is wrong: all problems in one line.
    """
    return parse_form(read_text(path, "a policy", MOST_BYTES), str(path))


def parse_form(text: str, where: str) -> PolicyForm:
    """As `read_form`, from the text itself; one that is all comments changes nothing."""
    if len(text) > MOST_BYTES:
        raise UsageError("the file is too large to be a policy", where=where)
    if _NOTHING.fullmatch(text):
        return PolicyForm()
    table = parse_table(text, where, "a policy", mend="topics: []")
    try:
        return PolicyForm.model_validate(table.values)
    except ValidationError as error:
        raise UsageError(_all(error, table), where=where) from None


def _all(error: ValidationError, table: Table) -> str:
    """Every problem with its line: ``line 3: topics.0.answer.en: is missing; line 9: ...``."""
    told = problems(error, PolicyForm)
    lines = [table.line(details["loc"]) for details in error.errors()]
    return "; ".join(f"line {line}: {one}" for line, one in zip(lines, told, strict=True))
