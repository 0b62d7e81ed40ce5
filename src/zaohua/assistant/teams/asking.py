"""What a role is asked: the entries it reads, then what it is to do."""

from __future__ import annotations

import re
from typing import Any, Final

from zaohua.assistant.teams.board import Board
from zaohua.assistant.teams.form import Language, said
from zaohua.assistant.teams.order import needs
from zaohua.assistant.teams.team import Team
from zaohua.assistant.teams.writing import as_text
from zaohua.generate.request import ChatRequest, Grammar, Message

OPINION: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "remarks": {"type": "array", "items": {"type": "string"}, "maxItems": 4},
        "passes": {"type": "boolean"},
    },
    "required": ["remarks", "passes"],
    "additionalProperties": False,
}
"""The form of a critic's opinion."""

_APART = re.compile(r"(?<![\d,])\d{1,3}(?:, ?\d{3})+(?!\d)")
_SYSTEM = {
    "zh": "你是{title}。直接写出要求的内容，不要解释，不要重复要求。",
    "en": "You are the {title}. Write only what is asked for. Do not explain or repeat the task.",
}
_HEADING = {"zh": "{title}：\n{text}", "en": "{title}:\n{text}"}
_JUDGE = {
    "zh": "{does}\n用 JSON 回答：remarks 是要改的地方（没有就是空列表），"
    "passes 为 true 表示可以用。",
    "en": "{does}\nAnswer in JSON: remarks is what must change (an empty list if nothing), "
    "passes is true if it can be used.",
}  # fmt: skip


def request(team: Team, name: str, board: Board, language: Language) -> ChatRequest:
    """The request for a turn of a role; entries that are not written yet are left out."""
    role = team.spec.roles[name]
    system = _SYSTEM[language].format(title=team.role_title(name, language))
    sampling = role.sampling.sampling()
    return ChatRequest(
        (Message("system", system), Message("user", task(team, name, board, language))),
        sampling,
        grammar=_grammar(team, name, language),
    )


def task(team: Team, name: str, board: Board, language: Language) -> str:
    """What a role is shown and told, for a model and for a person alike."""
    role = team.spec.roles[name]
    does = said(role.does, language)
    if role.judges and does and not role.person:
        does = _JUDGE[language].format(does=does)
    return "\n\n".join([*shown(team, name, board, language), *filter(None, [does])])


def shown(team: Team, name: str, board: Board, language: Language) -> list[str]:
    """The entries that a role is shown, each under its title."""
    found = [(entry, board.latest(entry)) for entry in needs(team.spec.roles[name])]
    return [
        _HEADING[language].format(title=team.entry_title(entry, language), text=as_text(message))
        for entry, message in found
        if message is not None and message.content.strip()
    ]


def tidied(team: Team, text: str, board: Board, language: Language) -> str:
    """An answer without what small models do to it.

    That is titles of entries repeated above it, and numbers of the board taken apart (12, 000).
    """
    given = "\n".join(one.content for one in board.standing if one.place == "0")
    text = _APART.sub(lambda found: _together(found[0], given), text)
    spec = team.spec
    entries = {*spec.inputs, *map(team.writes, spec.roles)}
    titles = "|".join(re.escape(team.entry_title(entry, language)) for entry in entries)
    return re.sub(
        rf"\A(?:[#*【\[\s]*(?:{titles})[】\]*\s]*[:：]?[*\s]*(?:\n|\Z))+", "", text
    ).strip()


def _together(number: str, given: str) -> str:
    joined = number.replace(" ", "")
    return joined if joined in given else number


def _grammar(team: Team, name: str, language: Language) -> Grammar | None:
    role = team.spec.roles[name]
    schema = OPINION if role.judges else role.output.schema_in(language)
    return None if schema is None else Grammar("json_schema", schema)
