"""A pack is held against itself as a whole; all that is wrong is told at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.assistant.scenarios.conftest import CASES, HEAD, RULES, lines
from zaohua.assistant.scenarios.checking import check
from zaohua.assistant.scenarios.packs import Packs, shipped
from zaohua.assistant.scenarios.writing import new
from zaohua.errors import UsageError

Make = Callable[..., Path]


def test_a_sound_pack_has_no_faults(make: Make):
    assert check(make()) == []


def test_everything_is_told_at_once(make: Make):
    case = {**CASES[0], "expect": {"has": ["x"], "cites": ["hour.md"], "flow": "tickets"}}
    template = {**CASES[3], "template": "moto"}
    faults = check(make(changes={
        "scenario.yaml": HEAD.replace("[summary]", "[sumary]"),
        "guard.yaml": "topic: []\n",
        "rules/tickets.yaml": RULES.replace("age < 7", "aeg < 7"),
        "templates/motto.zh.md": "---\ntitel: x\n---\n{{ text }}\n",
        "cases/zh.jsonl": lines([case, template]),
        "knowlege/zh/a.md": "x",
        "knowledge/fr/a.md": "x",
    }))  # fmt: skip
    told = "\n".join(faults)
    for part in (
        "knowlege: is no part of a scenario, did you mean 'knowledge'?",
        "knowledge/fr: is not known there",
        "guard.yaml: line 1: topic: there is no such key, did you mean 'topics'?",
        "rules/tickets.yaml: line 5",
        "templates/motto.zh.md: line 2: titel",
        "scenario.yaml: templates: there is no prompt 'sumary', did you mean 'summary'?",
        "cases/zh.jsonl:1: expect.flow: there is no flow 'tickets'",
        "cases/zh.jsonl:1: expect.cites: there is no document 'hour.md', did you mean 'hours.md'?",
        "cases/zh.jsonl:2: template: there is no prompt 'moto'",
    ):
        assert part in told, told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"scenario.yaml": "version: 1\n"}, "line 1: title: is missing"),
        ({"knowledge/zh/hours.md": None, "scenario.yaml": HEAD.replace("check", "strict")},
         "scenario.yaml: grounding: 'strict' needs documents"),
        ({"rules/tickets.yaml": None}, "tools: 'rules' needs a file in rules"),
        ({"rules/more.yaml": RULES}, "two rule files have something named 'free'"),
        ({"cases/zh.jsonl": lines([{**CASES[3], "inputs": {"txt": "x"}}])}, "template: "),
    ],
)  # fmt: skip
def test_what_does_not_go_together(make: Make, changes: dict[str, str | None], told: str):
    assert told in "\n".join(check(make(changes=changes)))


def test_each_fault_stands_by_itself_and_what_follows_from_a_table_is_not_told(
    make: Make, packs: Packs
):
    make()
    folder = new(packs.own, "shop", Packs(packs.own).get("service"))
    orders = folder / "tables/orders.csv"
    orders.write_text(orders.read_text("utf-8").replace("eta", "due").replace("phone", "tel"))
    assert [one.partition(", there are")[0] for one in check(folder)] == [
        f"flows.yaml: line {line}: tables.order.columns.{name}: the table has no column '{name}'"
        for line, name in ((29, "eta"), (33, "phone"))
    ]


def test_shipped_ones_need_their_cards(make: Make):
    assert "card.md: is missing" in check(make(), yours=False)


def test_all_shipped_packs_are_sound():
    found = {
        folder.name: check(folder, yours=False)
        for folder in sorted(shipped().iterdir())
        if folder.is_dir() and (folder / "scenario.yaml").exists()
    }
    assert {name: faults for name, faults in found.items() if faults} == {}


class TestNew:
    def test_a_skeleton_is_sound(self, own: Path):
        folder = new(own, "library")
        assert folder == own / "library"
        assert check(folder) == []

    def test_a_copy(self, make: Make, own: Path, packs):  # type: ignore[no-untyped-def]
        make()
        folder = new(own, "gallery", packs.get("museum"))
        assert check(folder) == []
        assert (folder / "knowledge/zh/hours.md").exists()

    def test_nothing_is_written_over(self, make: Make, own: Path):
        make()
        with pytest.raises(UsageError, match="already"):
            new(own, "museum")

    @pytest.mark.parametrize("name", ["Ä", "../x", "", "all", "a" * 41, ".x"])
    def test_names(self, own: Path, name: str):
        with pytest.raises(UsageError, match="cannot be the name"):
            new(own, name)
        assert not own.exists()
