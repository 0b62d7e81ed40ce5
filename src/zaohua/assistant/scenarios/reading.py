"""A pack from its folder: all that is wrong in ``scenario.yaml`` in one message, with lines."""

from __future__ import annotations

from operator import itemgetter
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from zaohua.assistant.scenarios.form import ScenarioSpec
from zaohua.assistant.scenarios.pack import HEAD, Pack, is_name
from zaohua.errors import SeveralError, UsageError
from zaohua.problems import problems
from zaohua.strict_yaml import parse_table

MOST_BYTES: Final = 256 * 1024


def read_pack(folder: Path, *, yours: bool) -> Pack:
    """The pack in a folder.

    Raises:
        UsageError: the folder's name is none, or all that is wrong in ``scenario.yaml``.
    """
    if not is_name(folder.name):
        raise UsageError(
            "not a name for a scenario",
            where=str(folder),
            mend="small letters, digits and -, 40 characters at most",
        )
    return Pack(folder.name, folder, yours, _head(folder / HEAD))


def text_of(path: Path, what: str) -> str:
    """The text of a file of a pack.

    Raises:
        UsageError: it cannot be read, is not UTF-8, or too large.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{what} is UTF-8 text, and this is not", where=str(path)) from None
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise UsageError(f"{what} cannot be read: {reason}", where=str(path)) from None
    if len(raw) > MOST_BYTES:
        raise UsageError(f"the file is too large to be {what}", where=str(path))
    return text


def _head(path: Path) -> ScenarioSpec:
    table = parse_table(text_of(path, "a scenario"), str(path), "a scenario", "version: 1")
    try:
        return ScenarioSpec.model_validate(table.values)
    except ValidationError as error:
        told = problems(error, ScenarioSpec)
        lines = [table.line(details["loc"]) for details in error.errors()]
        found = sorted(zip(lines, told, strict=True), key=itemgetter(0))
        raise SeveralError(
            [f"line {line}: {one}" for line, one in found], where=str(path)
        ) from None
