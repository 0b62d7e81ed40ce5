"""What a run begins with, checked: inputs, language, roles that persons take, limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from zaohua.assistant.teams.form import LANGUAGES, Language, LimitsSpec
from zaohua.assistant.teams.team import Team
from zaohua.assistant.teams.values import Limits, Said
from zaohua.errors import UsageError
from zaohua.problems import nearest, problems
from zaohua.safety import Guard
from zaohua.text.instructions import is_chinese
from zaohua.text.wholesome import storable

MOST_CHARACTERS: Final = 200_000
"""Of one input."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a team is asked to do.

    Attributes:
        inputs: by name.
        language: of the run; that of the inputs if empty.
        model: of roles that name none; the default one if empty.
        persons: roles that persons take.
        limits: that count instead of the team's.
    """

    inputs: Mapping[str, str]
    language: str = ""
    model: str = ""
    persons: Sequence[str] = ()
    limits: Mapping[str, Any] = field(default_factory=dict)


def language_of(order: Order) -> Language:
    """The language of a run.

    Raises:
        UsageError: it is none that teams speak.
    """
    if order.language:
        for language in LANGUAGES:
            if language == order.language:
                return language
        raise UsageError(f"teams do not speak '{order.language[:20]}'", mend="zh or en")
    return "zh" if is_chinese(max(order.inputs.values(), key=len, default="")[:20_000]) else "en"


def inputs_of(team: Team, order: Order, guard: Guard | None) -> list[Said]:
    """The first entries of the board.

    Raises:
        UsageError: all that is wrong with the inputs in one line; the guard refuses one.
    """
    wrong = [
        f"there is no input '{name[:40]}', {nearest(name, team.spec.inputs)}"
        for name in order.inputs
        if name not in team.spec.inputs
    ]
    for name, spec in team.spec.inputs.items():
        text = order.inputs.get(name, "")
        if spec.required and not text.strip():
            wrong.append(f"input '{name}' is missing")
        if len(text) > MOST_CHARACTERS:
            wrong.append(f"input '{name}' has over {MOST_CHARACTERS:,} characters")
    if wrong:
        raise UsageError("; ".join(wrong), where=team.name)
    language = language_of(order)
    if guard is not None:
        for text in order.inputs.values():
            check_guarded(guard, text, language)
    given = {name: storable(text).strip() for name, text in order.inputs.items()}
    return [Said("0", "you", "person", name, text) for name, text in given.items() if text]


def check_persons(team: Team, roles: Sequence[str]) -> None:
    """Be sure that there are such roles.

    Raises:
        UsageError: one is none; names the nearest.
    """
    for role in roles:
        if role not in team.spec.roles:
            raise UsageError(f"there is no role '{role[:40]}', {nearest(role, team.spec.roles)}")


def limits_of(base: LimitsSpec | Limits, changes: Mapping[str, Any]) -> Limits:
    """Limits with those of ``changes`` that are not None.

    Raises:
        UsageError: one makes no sense; an unknown one names the nearest.
    """
    told = base.model_dump() if isinstance(base, LimitsSpec) else asdict(base)
    try:
        table = {**told, **{name: one for name, one in changes.items() if one is not None}}
        return Limits(**LimitsSpec.model_validate(table).model_dump())
    except ValidationError as error:
        raise UsageError("; ".join(problems(error, LimitsSpec)), where="limits") from None


def check_guarded(guard: Guard, text: str, language: Language) -> None:
    """Be sure that the guard lets pass what a person wrote.

    Raises:
        UsageError: it does not; with what it says.
    """
    ruling = guard.question(text, language)
    if ruling.action == "refuse":
        raise UsageError(ruling.text)
