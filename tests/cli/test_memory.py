"""``zaohua memory``: listed, added, edited, forgotten, switched, exported."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Here, Run


def ids(here: Here, *more: str) -> list[str]:
    return [one["id"] for one in json.loads(here("memory", "list", "--json", *more).stdout)]


def test_added_listed_edited_forgotten(here: Here) -> None:
    assert here("memory", "list").stdout == "nothing is remembered\n"
    assert here("memory", "add", "住在：成都", "--kind", "city").stdout.startswith(
        "remembered: 住在：成都 ("
    )
    here("memory", "add", "Lives in: Oslo", "--kind", "city")
    [oslo] = ids(here)
    shown = here("memory", "list").stdout
    assert "Lives in: Oslo" in shown
    assert "成都" not in shown
    past = here("memory", "history").stdout
    assert "住在：成都" in past
    assert "ended" in past
    changed = json.loads(here("memory", "edit", oslo, "Lives in: Rome", "--json").stdout)
    assert (changed["value"], changed["weight"]) == ("Rome", 1)
    assert here("memory", "forget", oslo).stdout == f"forgotten: Lives in: Rome ({oslo})\n"
    assert here("memory", "forget", "--all", "--yes").stdout == "1 memories are forgotten\n"
    assert json.loads(here("memory", "forget", "--all", "--json").stdout) == {"forgotten": 0}


def test_all_is_forgotten_only_when_sure(here: Here, run: Run) -> None:
    here("memory", "add", "has a boat")
    refused = run("memory", "forget", "--all", stdin="n\n")
    assert refused.returncode != 0
    assert "delete 1 memories for good?" in refused.stderr
    assert len(ids(here)) == 1
    assert run("memory", "forget", "--all", stdin="y\n").stdout.endswith(
        "1 memories are forgotten\n"
    )


def test_switched(here: Here) -> None:
    assert here("memory", "off").stdout == "the memory is off\n"
    assert "the memory is off" in here("memory", "list").stderr
    assert json.loads(here("memory", "export").stdout) == {
        "owner": "local",
        "on": False,
        "memories": [],
    }
    assert json.loads(here("memory", "on", "--json").stdout) == {"on": True}


def test_each_owner_has_their_own(here: Here) -> None:
    here("keys", "create", "alice")
    here("memory", "add", "has a boat", "--owner", "alice")
    assert ids(here) == []
    assert len(ids(here, "--owner", "alice")) == 1
    [key] = json.loads(here("keys", "list", "--json").stdout)
    assert json.loads(here("memory", "export", "--owner", "alice").stdout)["owner"] == key["id"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("forget",), 2, "give the id of a memory, or --all"),
        (("forget", "x", "--all"), 2, "give the id of a memory, or --all"),
        (("forget", "x"), 1, "there is no such memory (x)"),
        (("edit", "x", "y"), 1, "there is no such memory (x)"),
        (("add", " "), 2, "a memory has 1 to 500 characters"),
        (("add", "tea", "--kind", "hat"), 2, "there is no kind 'hat'"),
        (("add", "my password is hunter2"), 2, "are not remembered"),
        (("list", "--owner", "nobody"), 1, "there is no key 'nobody'"),
    ],
)
def test_what_cannot_be_is_one_line(here: Here, arguments, code, said) -> None:
    done = here("memory", *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
