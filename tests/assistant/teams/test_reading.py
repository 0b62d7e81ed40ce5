from __future__ import annotations

from pathlib import Path

import pytest

from zaohua.assistant.teams import team_library
from zaohua.assistant.teams.order import roles_in
from zaohua.errors import NotFoundError, UsageError
from zaohua.settings import Settings

from .conftest import team_of

GOOD = """\
inputs: {task: {}}
roles:
  planner: {does: plan, reads: task, writes: plan}
  writer: {does: write, reads: [plan, notes], writes: draft}
  critic: {judges: draft, against: task, writes: notes}
steps:
  - planner
  - repeat: [writer, critic]
    until: critic
"""


def refused(text: str) -> str:
    with pytest.raises(UsageError) as caught:
        team_of(text)
    assert caught.value.exit_code == 2
    return caught.value.line()


def test_a_good_team_is_read():
    team = team_of(GOOD)
    assert list(roles_in(team.spec.steps)) == ["planner", "writer", "critic"]
    assert team.spec.steps[1].rounds == 3
    assert team.writes("critic") == "notes"


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("judges: draft", "judge: draft", 5, "did you mean 'judges'?"),
        ("until: critic", "untill: critic", 9, "did you mean 'until'?"),
        ("inputs:", "input:", 1, "did you mean 'inputs'?"),
        ("- planner", "- planer", 7, "did you mean 'planner'?"),
        ("reads: task,", "reads: taks,", 3, "there is no entry 'taks', did you mean 'task'?"),
        ("against: task", "against: plann", 5, "did you mean 'plan'?"),
        ("reads: task,", "reads: draft,", 7, "planner waits for writer, writer waits for planner"),
        ("reads: task,", "reads: notes,", 7, "planner needs 'notes' before it is written, a cycle"),
        ("  - planner\n", "", 3, "roles.planner: is never reached, no step is its turn"),
        ("until: critic", "until: planner", 9, "'planner' is no critic of this loop"),
        ("until: critic", "rounds: 2", 8, "repeat and until go together"),
        ("does: plan,", "does: plan, tools: [calculater],", 3, "did you mean 'calculate'?"),
        ("does: plan,", "does: plan, mends: true,", 3, "for a role that 'judges' an entry"),
        ("against: task,", "", 5, "judges by nothing"),
        ("against: task,", "checks: {longets: 3},", 5, "did you mean 'longest'?"),
        ("writes: plan}", "writes: task}", 3, "writes 'task', which is given"),
        ("does: plan,", "output: {json: {type: 5}}, does: plan,", 3, "not a JSON Schema"),
        ("- planner", "- {parallel: [planner]}", 7, "two different roles at least"),
        ("- planner", "- {parallel: [planner, writer]}", 7, "written at the same time"),
        ("roles:", "limits: {turns: 1}\nroles:", 9, "writer is never reached: it is turn 2"),
        ("roles:", "limits: {turns: 0}\nroles:", 2, "greater than or equal to 1"),
        ("roles:", "result: artcle\nroles:", 2, "there is no entry 'artcle'"),
        ("  planner:", "  Planner:", 2, "'Planner' is no name"),
        ("until: critic", "until: critic\n    until: critic", 10, "stands twice"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, line: int, said: str):
    assert old in GOOD
    told = refused(GOOD.replace(old, new, 1))
    assert said in told
    assert f"line {line}:" in told or f":{line})" in told, told


def test_all_problems_come_at_once_and_not_a_model_is_asked():
    bad = GOOD.replace("judges", "judge").replace("until", "til").replace("does: plan", "do: plan")
    assert refused(bad).count("line ") >= 3
    assert refused("[]")
    assert refused("a: [")
    assert refused("steps: &a [*a]\ninputs: {t: {}}\nroles: {r: {does: x}}")


def test_shipped_teams_are_in_order_and_bilingual(tmp_path: Path):
    library = team_library(Settings(home=tmp_path))
    found = {one.name: one for one in library.list()}
    assert set(found) >= {"newsroom", "debate", "lesson"}
    for one in found.values():
        assert one.team is not None, one.problem
        spec = one.team.spec
        texts = [spec.title, spec.about, *spec.board.values()]
        texts += [text for role in spec.roles.values() for text in (role.title, role.does) if text]
        texts += [given.about for given in spec.inputs.values()]
        assert all(set(text) == {"zh", "en"} for text in texts), one.name


def test_ones_own_stands_in_and_a_broken_file_says_why(tmp_path: Path):
    library = team_library(Settings(home=tmp_path))
    path = library.new("mine", "debate")
    with pytest.raises(UsageError, match="such a team already"):
        library.new("mine")
    with pytest.raises(UsageError, match="cannot be the name"):
        library.new("../x")
    assert library.get("mine").own
    (path.parent / "newsroom.yaml").write_text(GOOD, "utf-8")
    (path.parent / "bad.yaml").write_text("roles: 1\n", "utf-8")
    (path.parent / "big.yaml").write_bytes(b"#" * 300_000)
    (path.parent / "odd.yaml").write_bytes(b"\xff\xfe\x00")
    found = {one.name: one for one in library.list()}
    assert found["newsroom"].own
    assert all(found[name].problem for name in ("bad", "big", "odd"))
    with pytest.raises(NotFoundError, match="did you mean 'lesson'"):
        library.get("leson")
