"""What a person says in the place of a model."""

from __future__ import annotations

import json
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Floor:
    """The turn that a person has: of which role, where, before which board."""

    team: Team
    role: str
    place: str
    board: Board
    language: Language


def of_person(floor: Floor, content: str) -> Said:
    """The turn as the person takes it.

    Raises:
        UsageError: nothing was said where something must be, or it is not the JSON of the role.
    """
    text, role = content.strip(), floor.role
    if floor.team.spec.roles[role].judges:
        return _judgement(floor, text)
    if not text:
        raise UsageError(f"{role} has nothing to say", mend="write what the role is to write")
    value = _value(floor, text)
    return Said(floor.place, role, "person", floor.team.writes(role), text, value=value)


def _judgement(floor: Floor, text: str) -> Said:
    """What code finds, and what the person thinks."""
    role, language = floor.team.spec.roles[floor.role], floor.language
    judged = floor.board.latest(role.judges)
    told = (floor.board, floor.team, language)
    findings = findings_of(role, judged, *told) if judged else []
    agrees = text.lower().rstrip(".!。！") in AGREES
    findings.append(Finding("opinion", agrees, "OK" if agrees else text))
    return Said(
        floor.place,
        floor.role,
        "person",
        floor.team.writes(floor.role),
        remarks(findings, language),
        passes=all(one.holds for one in findings),
        findings=tuple(one.plain() for one in findings),
    )


def _value(floor: Floor, text: str) -> Any:
    schema = floor.team.spec.roles[floor.role].output.schema_in(floor.language)
    if schema is None:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError(f"{floor.role} is to write JSON, and this is none") from None
    if faults := schema_faults(value, schema):
        raise UsageError(f"this is not the JSON that {floor.role} is to write: {faults[0]}")
    return value
