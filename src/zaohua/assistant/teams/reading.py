"""A team from its file: all that is wrong in it is told in one message, with lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from zaohua.assistant.teams.form import LANGUAGES, TeamSpec, is_name
from zaohua.assistant.teams.order import problems_of_order
from zaohua.assistant.teams.team import Team, entry_of
from zaohua.errors import UsageError
from zaohua.generate.prompts.outputs import faults_of_schema
from zaohua.problems import nearest, problems
from zaohua.strict_yaml import Place, YamlError, parse_table, read_text

SUFFIX: Final = ".yaml"
MOST_BYTES: Final = 256 * 1024
TOOLS: Final = (
    "calculate", "convert_unit", "today", "days_between", "add_to_date", "weekday",
    "search_knowledge",
)  # fmt: skip
"""The built-in tools that a role may use."""

_MOST_PROBLEMS = 20
_RESERVED = frozenset({"runs"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the text of a team, and in which line, from 1."""

    line: int
    what: str


class FaultyTeam(UsageError):
    """A text is no team; ``faults`` are all that is wrong with it, by line."""

    def __init__(self, faults: Sequence[Fault], where: str) -> None:
        shown = [f"line {one.line}: {one.what}" for one in faults[:_MOST_PROBLEMS]]
        more = len(faults) - _MOST_PROBLEMS
        super().__init__(
            "; ".join([*shown, *([f"and {more} more"] if more > 0 else [])]), where=where
        )
        self.faults = tuple(faults)


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
        YamlError: it is no table of YAML.
        FaultyTeam: all that is wrong, each with its line: an unknown key with the nearest known
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
    raise FaultyTeam([Fault(line, what) for line, what in lines], where)


def checked(text: str, name: str) -> tuple[Team | None, tuple[Fault, ...]]:
    """The team that ``text`` is, or all that is wrong with it, by line."""
    try:
        return read_team(text, name, where=name), ()
    except FaultyTeam as error:
        return None, error.faults
    except YamlError as error:
        return None, (Fault(error.number or 1, error.what),)


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
