"""Policy files: read strictly; all that is wrong is told at once, each with its line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from zaohua.errors import NotFoundError, UsageError
from zaohua.problems import problems
from zaohua.safety.policy_form import PolicyForm

MOST_BYTES = 4 << 20


def read_form(path: Path) -> PolicyForm:
    """The policy of a YAML file.

    Raises:
        NotFoundError: it cannot be read.
        UsageError: it is not YAML, or something in it is wrong: all problems in one line.
    """
    try:
        return parse_form(path.read_bytes()[: MOST_BYTES + 1].decode("utf-8"), str(path))
    except UnicodeDecodeError:
        raise UsageError("a policy is UTF-8 text, and this is not", where=str(path)) from None
    except OSError as error:
        raise NotFoundError(
            f"the policy cannot be read: {error.strerror}", where=str(path)
        ) from None


def parse_form(text: str, where: str) -> PolicyForm:
    """As `read_form`, from the text itself."""
    import yaml  # type: ignore[import-untyped]

    if len(text) > MOST_BYTES:
        raise UsageError("the file is too large to be a policy", where=where)
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        table = {} if node is None else loader.construct_document(node)
    except yaml.YAMLError as error:
        raise UsageError(f"this is not YAML: {_told(error)}", where=_place(error, where)) from None
    except (ValueError, TypeError, RecursionError) as error:
        raise UsageError(f"this is not YAML: {error}", where=where) from None
    if not isinstance(table, dict):
        raise UsageError("a policy is a table of keys and values", where=where, mend="topics: []")
    try:
        return PolicyForm.model_validate(table)
    except ValidationError as error:
        raise UsageError(_all(error, node), where=where) from None


def _all(error: ValidationError, node: Any) -> str:
    """Every problem with its line: ``line 3: topics.0.answer.en: is missing; line 9: ...``."""
    told = problems(error, PolicyForm)
    lines = [_line(node, details["loc"]) for details in error.errors()]
    return "; ".join(f"line {line}: {one}" for line, one in zip(lines, told, strict=True))


def _line(node: Any, path: Sequence[str | int]) -> int:
    """Where the deepest part of ``path`` that is written stands, from 1."""
    line = int(node.start_mark.line)
    for part in path:
        key, node = _below(node, part)
        if node is None:
            break
        line = int((key or node).start_mark.line)
    return line + 1


def _below(node: Any, part: str | int) -> tuple[Any, Any]:
    """The key node and the value node at ``part`` of a table or a list."""
    if isinstance(part, int):
        whole = isinstance(node.value, list) and part < len(node.value)
        return None, node.value[part] if whole else None
    pairs = [pair for pair in node.value if isinstance(pair, tuple)]
    return next((pair for pair in pairs if pair[0].value == part), (None, None))


def _told(error: Any) -> str:
    return str(getattr(error, "problem", None) or error)


def _place(error: Any, where: str) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"{where}:{mark.line + 1}" if mark else where
