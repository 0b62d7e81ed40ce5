"""``zaohua scenario`` and ``zaohua chat --scenario``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.assistant.scenarios.conftest import files
from tests.cli.conftest import Here, Run, one_line


def museum(home: Path, **changes: str) -> None:
    for path, text in {**files(), **changes}.items():
        (home / "scenarios" / "museum" / path).parent.mkdir(parents=True, exist_ok=True)
        (home / "scenarios" / "museum" / path).write_text(text, "utf-8")


def test_list_and_show(here: Here, home: Path):
    museum(home)
    (home / "scenarios" / "cellar").mkdir()
    done = here("scenario", "list")
    assert "博物馆 · Museum" in done.stdout
    assert "scenario 'cellar' is left out: a scenario cannot be read" in one_line(done.stderr)
    told = {one["name"]: one for one in json.loads(here("scenario", "list", "--json").stdout)}
    assert told["museum"]["yours"]
    assert "cellar" not in told
    shown = here("scenario", "show", "museum", "-l", "zh").stdout
    assert "tickets.yaml" in shown
    assert json.loads(here("scenario", "show", "museum", "--json").stdout)["cases"] == 4
    assert "did you mean 'museum'" in one_line(here("scenario", "show", "museun").stderr)


def test_new_and_check(here: Here, home: Path):
    told = json.loads(here("scenario", "new", "library", "--json").stdout)
    assert Path(told["folder"]) == home / "scenarios" / "library"
    assert here("scenario", "check", "library").stdout == "library: all is well\n"
    assert "edit it" in here("scenario", "new", "copy", "--from", "library").stdout
    assert here("scenario", "new", "copy").returncode == 2
    (home / "scenarios" / "copy" / "guard.yaml").write_text("topic: []\n")
    done = here("scenario", "check", "all")
    assert done.returncode == 1
    assert "copy: guard.yaml: line 1: topic: there is no such key" in done.stdout
    faults = {one["name"]: one["faults"] for one in
              json.loads(here("scenario", "check", "copy", "--json").stdout)}  # fmt: skip
    assert list(faults) == ["copy"]
    assert here("scenario", "check", "nothing").returncode == 1


def test_test(here: Here, home: Path, tmp_path: Path):
    museum(home)
    done = here("scenario", "test", "museum", "--show", "--report", "out")
    assert done.returncode == 0, done.stderr
    assert "museum    without" in done.stdout
    assert "museum zh-03: " in done.stdout
    assert "wanted: has '30元'" in done.stdout
    assert "zh-03" in (tmp_path / "out" / "scenarios.md").read_text("utf-8")
    [told] = json.loads((tmp_path / "out" / "scenarios.json").read_text("utf-8"))
    assert told["with"]["scores"]["all"]["share"] == 0.75
    done = here("scenario", "test", "museum", "--with-only", "--least", "0.9", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)[0]["without"] is None


def test_chat_goes_through_the_turn(here: Here, home: Path):
    museum(home)
    said = "[[say 星期一闭馆。]]博物馆星期一开放吗？"
    done = here("chat", "--scenario", "museum", said)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("星期一闭馆。")
    told = json.loads(here("chat", "--scenario", "museum", "--json", said).stdout)
    assert told["usage"]["prompt_tokens"] > 100, "the documents are in the prompt"
    assert "museum-zh" in here("knowledge", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("chat", "--scenario", "museun", "x"), "did you mean 'museum'?"),
        (("chat", "--scenario", "museum", "--tools", "x"), "has its own tools"),
        (("scenario", "test", "museum", "--only", "formats"), "did you mean 'format'?"),
        (("scenario", "new", "All"), "cannot be the name"),
    ],
)
def test_wrong_use_is_one_line(here: Here, home: Path, arguments: tuple[str, ...], told: str):
    museum(home)
    done = here(*arguments)
    assert done.returncode in (1, 2)
    assert told in one_line(done.stderr)


def test_one_that_is_not_there_is_told_before_a_model_is_fetched(run: Run, tmp_path: Path):
    settings = {"ZAOHUA_HOME": str(tmp_path), "ZAOHUA_ENGINE": "auto", "ZAOHUA_OFFLINE": "1"}
    done = run("chat", "--scenario", "servce", "hi", env=settings)
    assert done.returncode == 1
    assert "did you mean 'service'" in one_line(done.stderr)
