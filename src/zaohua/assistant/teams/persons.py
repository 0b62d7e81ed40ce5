"""What a person says in the place of a model."""

from __future__ import annotations

import json
from typing import Any, Final

from zaohua.assistant.teams.board import Board
from zaohua.assistant.teams.form import Language
from zaohua.assistant.teams.judging import Finding, findings_of, remarks
from zaohua.assistant.teams.team import Team
from zaohua.assistant.teams.values import Said
from zaohua.errors import UsageError
from zaohua.generate.prompts.outputs import schema_faults

AGREES: Final = frozenset(
    {"", "ok", "okay", "yes", "y", "pass", "passes", "通过", "可以", "好", "同意"}
)
"""With which a person lets pass what they judge."""


def of_person(
    team: Team, role: str, place: str, board: Board, language: Language, content: str
) -> Said:
    """The turn of a role that a person takes.

    Raises:
        UsageError: nothing was said where something must be, or it is not the JSON of the role.
    """
    text = content.strip()
    if team.spec.roles[role].judges:
        return _judgement(team, role, place, board, language, text)
    if not text:
        raise UsageError(f"{role} has nothing to say", mend="write what the role is to write")
    value = _value(team, role, language, text)
    return Said(place, role, "person", team.writes(role), text, value=value)


def _judgement(
    team: Team, role: str, place: str, board: Board, language: Language, text: str
) -> Said:
    """What code finds, and what the person thinks."""
    spec = team.spec.roles[role]
    judged = board.latest(spec.judges)
    findings = findings_of(spec, judged, board, team, language) if judged else []
    agrees = text.lower().rstrip(".!。！") in AGREES
    findings.append(Finding("opinion", agrees, "OK" if agrees else text))
    return Said(
        place,
        role,
        "person",
        team.writes(role),
        remarks(findings, language),
        passes=all(one.holds for one in findings),
        findings=tuple(one.plain() for one in findings),
    )


def _value(team: Team, role: str, language: Language, text: str) -> Any:
    schema = team.spec.roles[role].output.schema_in(language)
    if schema is None:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError(f"{role} is to write JSON, and this is none") from None
    if faults := schema_faults(value, schema):
        raise UsageError(f"this is not the JSON that {role} is to write: {faults[0]}")
    return value
