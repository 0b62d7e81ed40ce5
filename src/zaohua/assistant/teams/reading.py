"""A team from its file: all that is wrong in it is told in one message, with lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from zaohua.assistant.teams.form import LANGUAGES, TeamSpec, is_name
from zaohua.assistant.teams.order import problems_of_order
from zaohua.assistant.teams.team import Team, entry_of
from zaohua.errors import UsageError
from zaohua.generate.prompts.outputs import faults_of_schema
from zaohua.problems import nearest, problems
from zaohua.strict_yaml import Place, parse_table, read_text

SUFFIX: Final = ".yaml"
MOST_BYTES: Final = 256 * 1024
TOOLS: Final = (
    "calculate", "convert_unit", "today", "days_between", "add_to_date", "weekday",
    "search_knowledge",
)  # fmt: skip
"""The built-in tools that a role may use."""

_MOST_PROBLEMS = 20
_RESERVED = frozenset({"runs"})


def name_of(path: Path) -> str:
    """The name of the team in a file; empty if the file is none of a team."""
    stem = path.name.removesuffix(SUFFIX)
    return stem if path.suffix == SUFFIX and is_name(stem) and stem not in _RESERVED else ""


def read_team_file(path: Path, *, own: bool = True) -> Team:
    """The team in a file.

    Raises:
        NotFoundError: it cannot be read.
        UsageError: it is no team, with all that is wrong in it.
    """
    name = name_of(path)
    if not name:
        mend = f"small letters, digits and -, then {SUFFIX}"
        raise UsageError("this cannot be the name of a team's file", where=str(path), mend=mend)
    text = read_text(path, "a team", MOST_BYTES)
    return read_team(text, name, where=str(path), path=path, own=own)


def read_team(
    text: str, name: str, *, where: str, path: Path | None = None, own: bool = True
) -> Team:
    """The team that ``text`` is; ``where`` is told in errors.

    Raises:
        UsageError: all that is wrong, each with its line: an unknown key with the nearest known
            one, roles without a step, entries that nobody writes in time, cycles.
    """
    table = parse_table(text, where, "a team", mend="it has inputs, roles and steps")
    try:
        spec = TeamSpec.model_validate(table.values)
    except ValidationError as error:
        places = [details["loc"] for details in error.errors()]
        told = list(zip(places, problems(error, TeamSpec), strict=True))
    else:
        told = [*_small_problems(spec), *problems_of_order(spec)]
        if not told:
            return Team(name, spec, text, path, own)
    lines = sorted({(table.line(place), what) for place, what in told})
    shown = [f"line {line}: {what}" for line, what in lines[:_MOST_PROBLEMS]]
    more = len(lines) - _MOST_PROBLEMS
    raise UsageError("; ".join([*shown, *([f"and {more} more"] if more > 0 else [])]), where=where)


def _small_problems(spec: TeamSpec) -> Iterator[tuple[Place, str]]:
    for name, role in spec.roles.items():
        here: Place = ("roles", name)
        if not is_name(entry_of(name, role)):
            yield (*here, "writes"), f"'{role.writes[:40]}' is no name of an entry"
        for tool in role.tools:
            if tool not in TOOLS:
                yield (*here, "tools"), f"there is no tool '{tool}', {nearest(tool, TOOLS)}"
        schemas = [role.output.schema_in(language) for language in LANGUAGES]
        for fault in dict.fromkeys(f for one in schemas for f in faults_of_schema(one or {})):
            yield (*here, "output", "json"), f"output.json: {fault}"
