"""What a critic finds in code, and what it can put right in code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zaohua.assistant.teams.arithmetic import (
    calculations,
    corrected,
    exercises,
    with_right_answers,
)
from zaohua.assistant.teams.bearing import borne, completed, untold
from zaohua.assistant.teams.board import Board
from zaohua.assistant.teams.form import Language, RoleSpec
from zaohua.assistant.teams.team import Team
from zaohua.assistant.teams.values import TeamMessage
from zaohua.generate.prompts.checks import check
from zaohua.generate.prompts.outputs import as_json
from zaohua.knowledge.grounding import Claim, claims

LONGEST_QUOTE = 60

_SAID = {
    "zh": {
        "no source": "“{sentence}”：{sources}里没有这样说",
        "missing": "“{sentence}”：{sources}里没有{missing}",
        "borne": "每一句都有{sources}作依据",
        "untold": "没有写到：{sentence}",
        "told": "{sources}都写到了",
        "wrong": "{calculation} 不等于 {given}，应是 {right}",
        "unknown": "“{calculation}”算不出来",
        "strange": "算式 {calculation} 里的 {numbers} 不在题目里",
        "calculated": "{count} 处计算都对",
        "nothing": "没有可核对的计算",
        "holds": "符合：{rule}",
        "fails": "不符合：{rule}",
        "passed": "通过。",
        "all": "、",
    },
    "en": {
        "no source": '"{sentence}": the {sources} do not say so',
        "missing": '"{sentence}": {missing} is not in the {sources}',
        "borne": "every sentence stands on the {sources}",
        "untold": "not told: {sentence}",
        "told": "all of the {sources} is told",
        "wrong": "{calculation} is not {given}, it is {right}",
        "unknown": '"{calculation}" cannot be computed',
        "strange": "{numbers} of {calculation} is not in the question",
        "calculated": "{count} calculations, all right",
        "nothing": "no calculation to check",
        "holds": "holds: {rule}",
        "fails": "does not hold: {rule}",
        "passed": "It passes.",
        "all": ", ",
    },
}
_RULES_ZH = tuple(
    (re.compile(pattern), told)
    for pattern, told in (
        (r"^contains one of ", "至少包含其中之一："),
        (r"^contains ", "包含"),
        (r"^lacks ", "不出现"),
        (r"^equals ", "就是"),
        (r"^matches ", "符合格式 "),
        (r"^has (\d+) characters at least$", r"至少 \1 个字符"),
        (r"^has (\d+) characters at most$", r"最多 \1 个字符"),
        (r"^is in '(\w+)'$", r"语言是 \1"),
        (r"^has only numbers of ([^(]+?)(?: \(not (.+)\))?$", r"数字都来自 \1（\2 不是）"),
    )
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a critic looked at. ``check`` is its kind, ``said`` is told to the others."""

    check: str
    holds: bool
    said: str

    def plain(self) -> dict[str, Any]:
        """For keeping."""
        return {"check": self.check, "holds": self.holds, "said": self.said}


def findings_of(
    role: RoleSpec, judged: TeamMessage, board: Board, team: Team, language: Language
) -> list[Finding]:
    """All that a critic finds in code."""
    return [
        *(_against(role, judged.content, board, team, language) if role.against else ()),
        *(_covers(role, judged.content, board, team, language) if role.covers else ()),
        *(_arithmetic(judged, language) if role.arithmetic else ()),
        *_checks(role, judged, board, language),
    ]


def remarks(findings: list[Finding], language: Language) -> str:
    """What is wrong, a line each, or that nothing is: the critic's entry."""
    wrong = [f"- {one.said}" for one in findings if not one.holds]
    return "\n".join(wrong) or _SAID[language]["passed"]


def mended(role: RoleSpec, judged: TeamMessage, board: Board) -> tuple[str, Any] | None:
    """Text and value of what is judged, put right as far as code can; None if it cannot.

    Never nothing: if no sentence is borne, all stay as they are.
    """
    content, value = judged.content, judged.value
    if role.arithmetic and value is not None:
        value = with_right_answers(value)
        content = as_json(value)
    elif role.arithmetic:
        content = corrected(content)
    if role.against and value is None:
        sources = [board.text(entry) for entry in role.against]
        content = borne(content, _claims(role, content, board), sources)
    if role.covers and value is None:
        content = completed(content, [board.text(entry) for entry in role.covers])
    return (content, value) if content.strip() and content != judged.content else None


def _claims(role: RoleSpec, text: str, board: Board) -> list[Claim]:
    """Sentences held against what they must stand on; what else was asked for may be repeated."""
    given = [m.content for m in board.messages if m.place == "0" and m.entry not in role.against]
    return claims(text, [board.text(entry) for entry in role.against], "\n".join(given))


def _against(
    role: RoleSpec, text: str, board: Board, team: Team, language: Language
) -> Iterator[Finding]:
    said = _SAID[language]
    sources = said["all"].join(team.entry_title(entry, language) for entry in role.against)
    found = [one for one in _claims(role, text, board) if one.verdict == "unsupported"]
    for one in found:
        sentence = _short(text[one.start : one.end])
        missing = said["all"].join(one.missing)
        told = said["missing" if missing else "no source"]
        yield Finding(
            "against", False, told.format(sentence=sentence, missing=missing, sources=sources)
        )
    if not found:
        yield Finding("against", True, said["borne"].format(sources=sources))


def _covers(
    role: RoleSpec, text: str, board: Board, team: Team, language: Language
) -> Iterator[Finding]:
    said = _SAID[language]
    left_out = untold(text, [board.text(entry) for entry in role.covers])
    for sentence in left_out:
        yield Finding("covers", False, said["untold"].format(sentence=_short(sentence)))
    if not left_out:
        sources = said["all"].join(team.entry_title(entry, language) for entry in role.covers)
        yield Finding("covers", True, said["told"].format(sources=sources))


def _arithmetic(judged: TeamMessage, language: Language) -> Iterator[Finding]:
    said = _SAID[language]
    if judged.value is not None:
        found = exercises(judged.value)
        count, wrong = len(found), [line for one in found if (line := _of_exercise(one, said))]
    else:
        count, faults = calculations(judged.content)
        wrong = [
            said["wrong"].format(calculation=o.calculation, given=o.given, right=o.right)
            for o in faults
        ]
    for line in wrong:
        yield Finding("arithmetic", False, line)
    if not wrong:
        told = said["calculated"].format(count=count) if count else said["nothing"]
        yield Finding("arithmetic", True, told)


def _of_exercise(one: Any, said: Mapping[str, str]) -> str:
    if one.right is None:
        return said["unknown"].format(calculation=_short(one.calculation))
    if one.strange:
        numbers = said["all"].join(one.strange)
        return said["strange"].format(calculation=one.calculation, numbers=numbers)
    if one.holds:
        return ""
    return said["wrong"].format(calculation=one.calculation, given=one.given, right=one.right)


def _checks(
    role: RoleSpec, judged: TeamMessage, board: Board, language: Language
) -> Iterator[Finding]:
    wanted = role.checks_in(language)
    if wanted is None:
        return
    values = {name: board.text(name) for name in wanted.numbers_from}
    output = judged.content if judged.value is None else judged.value
    for one in check(wanted, output, values):
        rule = _rule(one.rule, language)
        told = _SAID[language]["holds" if one.holds else "fails"].format(rule=rule)
        yield Finding("check", one.holds, told)


def _rule(rule: str, language: Language) -> str:
    for pattern, told in _RULES_ZH if language == "zh" else ():
        if pattern.search(rule):
            return pattern.sub(told, rule).replace("（ 不是）", "")
    return rule


def _short(text: str) -> str:
    line = " ".join(text.split()).lstrip("#-*> ")
    return line if len(line) <= LONGEST_QUOTE else f"{line[:LONGEST_QUOTE]}…"
