"""Packs are found and read strictly; one that is broken does not stand in the others' way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.assistant.scenarios.conftest import HEAD
from zaohua.assistant.scenarios import Broken, Pack, Packs
from zaohua.assistant.scenarios.facts import details, facts
from zaohua.errors import NotFoundError, UsageError

Make = Callable[..., Path]


def test_a_pack_with_all_its_parts(make: Make, packs: Packs):
    folder = make()
    pack = packs.get("museum")
    assert (pack.name, pack.folder, pack.yours) == ("museum", folder, True)
    assert pack.spec.system is not None
    assert (pack.spec.system.zh, pack.spec.grounding) == ("你是讲解员。", "check")
    assert [path.name for path in pack.documents("zh")] == ["hours.md"]
    assert pack.documents("en") == []
    assert pack.collection("zh") == "museum-zh"
    assert packs.get("museum") is pack


def test_what_changed_is_read_again(make: Make, packs: Packs):
    make()
    before = packs.get("museum")
    make(changes={"scenario.yaml": HEAD + "graph: true\n"})
    assert packs.get("museum").spec.graph
    assert before.stamp() != ()


def test_one_text_counts_in_both_languages(make: Make, packs: Packs):
    make(changes={"scenario.yaml": "version: 1\ntitle: 馆\nabout: 一句\n"})
    assert packs.get("museum").spec.title.en == "馆"


def test_all_that_is_wrong_is_told_with_lines(make: Make, packs: Packs):
    head = "version: 2\ntitel: x\nabout: {zh: 好, fr: bon}\ngrounding: stricter\ntools: [calc]\n"
    make(changes={"scenario.yaml": head})
    with pytest.raises(UsageError) as caught:
        packs.get("museum")
    told = caught.value.what
    for part in (
        "line 1: version",
        "line 2: titel: there is no such key, did you mean 'title'?",
        "line 3: about.en: is missing",
        "line 3: about.fr: there is no such key",
        "line 4: grounding",
        "line 5: tools.0",
        "title: is missing",
    ):
        assert part in told, told
    assert "scenario.yaml" in caught.value.where


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "is a table"), ("a: [", "not YAML"), ("version: 1\nversion: 1\n", "stands twice")],
)
def test_what_is_no_yaml(make: Make, packs: Packs, text: str, told: str):
    make(changes={"scenario.yaml": text})
    with pytest.raises(UsageError, match=told):
        packs.get("museum")


def test_broken_ones_are_told_and_the_others_work(make: Make, packs: Packs, own: Path):
    make()
    make("cellar", {"scenario.yaml": "version: 1\n"})
    make("Attic!")
    (own / "empty").mkdir()
    (own / ".hidden").mkdir()
    (own / "notes.txt").write_text("x")
    found = {one.name: one for one in packs.all() if one.name in packs.names()}
    assert isinstance(found["museum"], Pack)
    broken = {name: one.problem for name, one in found.items() if isinstance(one, Broken)}
    assert set(broken) == {"cellar", "Attic!", "empty"}
    assert "title: is missing" in broken["cellar"]
    assert "small letters" in broken["Attic!"]
    assert "cannot be read" in broken["empty"]


def test_an_unknown_name_gets_the_nearest(make: Make, packs: Packs):
    make()
    with pytest.raises(NotFoundError, match="did you mean 'museum'"):
        packs.get("musem")


def test_no_folder_no_packs_of_the_user(packs: Packs):
    assert all(not one.yours for one in packs.all() if isinstance(one, Pack))


def test_what_is_told_of_a_pack(make: Make, packs: Packs):
    make(changes={"card.zh-CN.md": "# 卡片\n"})
    told = details(packs.get("museum"))
    assert told["templates"] == ["motto", "summary"]
    assert (told["documents"], told["cases"], told["yours"]) == (1, 4, True)
    assert told["card"] == {"zh": "# 卡片\n", "en": ""}
    assert told["notice"] == {"zh": "仅供参考。", "en": "For information only."}
    make("bare", {"scenario.yaml": "version: 1\ntitle: b\nabout: b\n"})
    told = facts(packs.get("bare"))
    assert told["notice"] is None
    assert told["greeting"] == {"zh": "", "en": ""}
    assert told["suggestions"] == {"zh": [], "en": []}
