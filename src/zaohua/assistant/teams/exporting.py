"""A run told whole: as JSON for programs, as Markdown for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from zaohua.assistant.teams.board import Result, result_of
from zaohua.assistant.teams.form import said
from zaohua.assistant.teams.order import roles_in
from zaohua.assistant.teams.reading import read_team
from zaohua.assistant.teams.team import Team
from zaohua.assistant.teams.values import Run, TeamMessage
from zaohua.assistant.teams.writing import as_text
from zaohua.safety.labels import notice


def team_facts(team: Team) -> dict[str, Any]:
    """What a team is, as plain values."""
    spec = team.spec
    return {
        "name": team.name,
        "own": team.own,
        "title": spec.title,
        "about": spec.about,
        "inputs": [
            {"name": name, "about": one.about, "required": one.required}
            for name, one in spec.inputs.items()
        ],
        "roles": [_role_facts(team, name) for name in dict.fromkeys(roles_in(spec.steps))],
        "board": dict(spec.board),
        "steps": [step.model_dump(exclude_defaults=True) for step in spec.steps],
        "limits": spec.limits.model_dump(),
        "result": list(spec.result),
    }


def _role_facts(team: Team, name: str) -> dict[str, Any]:
    role = team.spec.roles[name]
    by = "person" if role.person else "model" if role.asks_model else "code"
    return {
        "name": name,
        "title": role.title,
        "does": role.does,
        "by": by,
        "reads": list(role.reads),
        "judges": role.judges,
        "against": list(role.against),
        "covers": list(role.covers),
        "writes": team.writes(name),
        "tools": list(role.tools),
        "model": role.model,
    }


def run_facts(run: Run) -> dict[str, Any]:
    """The state of a run as plain values, without its team's file."""
    plain = asdict(run)
    del plain["source"], plain["owner"], plain["waiting_place"]
    plain["spent"]["tokens"] = run.spent.tokens
    return {**plain, "persons": list(run.persons)}


def whole(run: Run, messages: Sequence[TeamMessage]) -> dict[str, Any]:
    """A run with its team as it was when it began, its result and every message."""
    team = read_team(run.source, run.team, where=run.team)
    return {
        **run_facts(run),
        "design": team_facts(team),
        "result": asdict(result_of(team, messages, run.language)),
        "messages": [asdict(one) for one in messages],
    }


def outcome(run: Run, messages: Sequence[TeamMessage]) -> Result:
    """What there is of the result."""
    return result_of(read_team(run.source, run.team, where=run.team), messages, run.language)


def report(run: Run, messages: Sequence[TeamMessage]) -> str:
    """The result, who wrote what, and all that was said, as Markdown with the notice of AI."""
    return "\n\n".join(_parts(run, messages)) + "\n"


_WORDS = {
    "zh": {
        "ended": "结束：", "left": "仍有异议", "who": "谁写了什么", "all": "全部记录",
        "head": "| 步骤 | 角色 | 由谁 | 写了 | 词元 | 秒 | 备注 |", "you": "你",
        "complete": "完成", "limited": "到了上限", "stopped": "被停止", "failed": "出错",
        "interrupted": "中断", "waiting": "在等人", "running": "进行中",
        "yes": "通过", "no": "未通过",
        "spent": "用了 {turns} 轮、{tokens} 个词元、{seconds:.0f} 秒。",
    },
    "en": {
        "ended": "Ended: ", "left": "Still objected to", "who": "Who wrote what",
        "all": "All that was said", "you": "you", "yes": "passes",
        "no": "does not pass",
        "head": "| step | role | by | wrote | tokens | seconds | note |",
        "spent": "It took {turns} turns, {tokens} tokens, {seconds:.0f} s.",
    },
}  # fmt: skip


def _parts(run: Run, messages: Sequence[TeamMessage]) -> Iterator[str]:
    team = read_team(run.source, run.team, where=run.team)
    words, found = _WORDS[run.language], result_of(team, messages, run.language)
    yield f"# {said(team.spec.title, run.language) or team.name}"
    yield notice(run.language)
    yield found.text
    if found.objections:
        yield "\n".join([f"## {words['left']}", "", *(f"- {one}" for one in found.objections)])
    yield f"## {words['who']}"
    spent = words["spent"].format(
        turns=run.spent.turns, tokens=run.spent.tokens, seconds=run.spent.seconds
    )
    reason = f" ({run.reason})" if run.reason else ""
    yield f"{words['ended']}{words.get(run.state, run.state)}{reason}. {spent}"
    yield "\n".join(
        [words["head"], "|---|---|---|---|---:|---:|---|", *(_row(one, words) for one in messages)]
    )
    yield f"## {words['all']}"
    for one in messages:
        title = words["you"] if one.place == "0" else team.role_title(one.role, run.language)
        yield f"### {title}: {team.entry_title(one.entry, run.language)} {one.version}"
        yield as_text(one)


def _row(one: TeamMessage, words: Mapping[str, str]) -> str:
    wrote = f"{one.entry} {one.version}" + ("" if one.state == "complete" else f" ({one.state})")
    verdict = "" if one.passes is None else words["yes" if one.passes else "no"]
    note = "; ".join(filter(None, (verdict, one.note))).replace("|", "/").replace("\n", " ")
    tokens = one.prompt_tokens + one.completion_tokens
    by = one.model or one.by
    cells = (one.place, one.role, by, wrote, str(tokens or ""), f"{one.seconds:.1f}", note)
    return f"| {' | '.join(cells)} |"
