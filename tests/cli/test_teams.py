from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from .conftest import Here, environment, one_line

PAIR = """\
inputs: {task: {}}
roles:
  author: {does: write, reads: task, writes: text}
  boss: {does: judge, judges: text, person: true}
steps: [{repeat: [author, boss], until: boss}]
"""


def own(home: Path, name: str, text: str) -> Path:
    path = home / "teams" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_list_show_new(here: Here, home: Path):
    assert "newsroom" in here("team", "list").stdout
    plain = json.loads(here("team", "list", "--json").stdout)
    assert [one["name"] for one in plain] == ["debate", "lesson", "newsroom"]
    shown = here("team", "show", "newsroom").stdout
    assert "code, judges draft" in shown
    made = here("team", "new", "mine", "--from", "debate")
    assert str(home / "teams" / "mine.yaml") in made.stdout
    assert json.loads(here("team", "show", "mine", "--json").stdout)["own"]
    missing = here("team", "show", "newsrom")
    assert missing.returncode == 1
    assert "did you mean 'newsroom'" in one_line(missing.stderr)
    own(home, "bad", PAIR.replace("does: write", "dos: write"))
    broken = here("team", "run", "bad", "x")
    assert broken.returncode == 2
    assert "did you mean 'does'" in one_line(broken.stderr)
    assert "line 3" in broken.stderr


def test_a_run_from_beginning_to_export(here: Here, tmp_path: Path):
    done = here("team", "run", "debate", "Should we rent an office?")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("## For\n")
    assert "proponent wrote for 1" in done.stderr
    assert "run 1 is complete: " in done.stderr
    shown = here("team", "show", "1")
    assert "opponent" in shown.stdout
    assert "run 1 is complete" in shown.stdout
    listed = json.loads(here("team", "list", "--runs", "--json").stdout)
    assert [(one["id"], one["team"], one["state"]) for one in listed] == [(1, "debate", "complete")]
    text = here("team", "export", "1").stdout
    assert "## Who wrote what" in text
    assert "AI-generated" in text
    out = tmp_path / "run.json"
    assert here("team", "export", "1", "--format", "json", "-o", str(out)).returncode == 0
    assert json.loads(out.read_text("utf-8"))["messages"]
    again = here("team", "resume", "1")
    assert again.returncode == 2
    assert "is complete" in one_line(again.stderr)
    assert here("team", "export", "9").returncode == 1
    assert here("team", "export", "1", "--format", "pdf").returncode == 2


def test_limits_and_what_is_missing(here: Here):
    missing = here("team", "run", "debate", "--set", "background=none")
    assert missing.returncode == 2
    assert "input 'question' is missing" in one_line(missing.stderr)
    plain = here("team", "run", "debate", "Rent?", "--turns", "2", "--json")
    told = json.loads(plain.stdout)
    assert told["state"] == "limited"
    assert told["reason"].startswith("limits.turns")
    assert told["result"]["text"].startswith("## For\n")


def test_a_person_speaks_without_a_terminal(here: Here, home: Path):
    own(home, "pair", PAIR)
    waits = here("team", "run", "pair", "say hello")
    assert waits.returncode == 1
    assert "run 1 is waiting (boss is a person's turn)" in waits.stderr
    assert "zaohua team resume 1 --say" in waits.stderr
    no = here("team", "resume", "1", "--say", "longer", "--json")
    assert no.returncode == 1
    assert json.loads(no.stdout)["messages"][2]["passes"] is False
    yes = here("team", "resume", "1", "--say", "ok", "--json")
    assert yes.returncode == 0
    assert json.loads(yes.stdout)["state"] == "complete"


def test_ctrl_c_keeps_what_is_there_and_says_how_to_go_on(home: Path, tmp_path: Path):
    slow = PAIR.replace("does: write", "does: '[[words 400]] [[slow 0.05]]'")
    own(home, "slow", slow)
    process = subprocess.Popen(
        [sys.executable, "-m", "zaohua", "team", "run", "slow", "x"],
        env=environment(home, ZAOHUA_ENGINE="fake"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    end = time.monotonic() + 30
    while not _runs(home) and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.7)
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert "run 1 is stopped" in err
    assert "to go on: zaohua team resume 1" in err
    assert out.strip()


def _runs(home: Path) -> int:
    path = home / "zaohua.db"
    if not path.exists():
        return 0
    with sqlite3.connect(path) as database:
        try:
            return int(database.execute("select count(*) from team_messages").fetchone()[0])
        except sqlite3.OperationalError:
            return 0
