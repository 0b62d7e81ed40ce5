"""Packs are tried through the real turn, then the model alone; what is wrong counts as wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.assistant.scenarios.conftest import CASES, lines
from tests.service.conftest import HashEmbedder
from zaohua.assistant.scenarios import Packs
from zaohua.assistant.scenarios.journal import Journal, journal_of
from zaohua.assistant.scenarios.judging import Said
from zaohua.assistant.scenarios.report import kind_rows, markdown, plain, rows, wrong
from zaohua.assistant.scenarios.scoring import Tried, scores
from zaohua.assistant.scenarios.trial import Choice, try_packs
from zaohua.errors import UsageError
from zaohua.generate.fake import FakeModels

Make = Callable[..., Path]


@pytest.fixture
def models() -> FakeModels:
    return FakeModels()


async def tried(packs: Packs, models: FakeModels, tmp_path: Path, **choice: object) -> Tried:
    [found] = await try_packs(
        [packs.get("museum")],
        packs,
        models,
        HashEmbedder(),
        tmp_path / "work",
        choice=Choice(**choice),  # type: ignore[arg-type]
    )
    return found


async def test_with_the_pack_and_without(
    make: Make, packs: Packs, models: FakeModels, tmp_path: Path
):
    make()
    found = await tried(packs, models, tmp_path)
    right = {one.case.spec.id: one.right for one in found.judged}
    assert right == {"zh-01": True, "zh-02": True, "zh-03": False, "zh-04": True}, [
        (one.said, one.wrong) for one in found.judged
    ]
    assert found.judged[0].said[0].cited == ("zh/hours.md",)
    assert [one.wanted for one in found.judged[2].findings if not one.holds] == ["has '30元'"]
    assert {one.case.spec.id: one.right for one in found.bare} == {
        "zh-01": False, "zh-02": True, "zh-03": False, "zh-04": False,
    }  # fmt: skip
    with_pack, without = scores(found.judged), scores(found.bare)
    assert (with_pack["groundedness"].right, with_pack["groundedness"].of) == (1, 1)
    assert (without["groundedness"].right, without["groundedness"].of) == (0, 1)
    assert (with_pack["accuracy"].right, with_pack["accuracy"].of) == (2, 3)
    assert (without["format"].right, with_pack["format"].right) == (0, 1)
    assert (with_pack["all"].value, without["all"].value) == (0.75, 0.25)
    assert list((tmp_path / "work").glob("*.jsonl")) == []


async def test_the_report(make: Make, packs: Packs, models: FakeModels, tmp_path: Path):
    make()
    found = await tried(packs, models, tmp_path)
    assert list(rows([found])) == [
        ("museum", "with", "4", "67 %", "100 %", "100 %", "100 %", "75 %"),
        ("museum", "without", "4", "67 %", "0 %", "100 %", "0 %", "25 %"),
    ]
    assert ("museum", "format", "1", "100 %", "0 %") in list(kind_rows([found]))
    [(case, said)] = wrong(found)
    assert (case.case.spec.id, said) == ("zh-03", "20元。")
    page = markdown([found])
    assert "**zh-03**" in page
    assert "> 20元。" in page
    told = json.loads(json.dumps(plain(found), ensure_ascii=False))
    assert told["with"]["scores"]["all"] == {"right": 3, "of": 4, "share": 0.75}
    assert told["without"]["cases"][0]["wrong"]


async def test_which_cases(make: Make, packs: Packs, models: FakeModels, tmp_path: Path):
    make(changes={"cases/en.jsonl": lines([{**CASES[0], "id": "en-01"}])})
    pack = packs.get("museum")
    assert len(Choice().of(pack)) == 5
    assert [case.spec.id for case in Choice(languages=["en"]).of(pack)] == ["en-01"]
    assert [case.spec.id for case in Choice(limit=1).of(pack)] == ["zh-01", "en-01"]
    assert [case.spec.id for case in Choice(kind="format").of(pack)] == ["zh-04"]
    with pytest.raises(UsageError, match="did you mean 'format'"):
        Choice(kind="formats").of(pack)
    found = await tried(packs, models, tmp_path, kind="format", without=False)
    assert (len(found.judged), found.bare) == (1, ())


async def test_no_cases_and_wrong_ones(
    make: Make, packs: Packs, models: FakeModels, tmp_path: Path
):
    make(changes={"cases/zh.jsonl": ""})
    with pytest.raises(UsageError, match="has no cases"):
        await tried(packs, models, tmp_path)
    make(changes={"cases/zh.jsonl": "{}"})
    with pytest.raises(UsageError, match=r"zh\.jsonl:1"):
        await tried(packs, models, tmp_path)


async def test_an_answer_that_fails_is_not_right(
    make: Make, packs: Packs, models: FakeModels, tmp_path: Path
):
    case = {
        "id": "a",
        "kind": "answerable",
        "turns": ["[[fail]]几点开放？"],
        "expect": {"lacks": ["x"]},
    }
    make(changes={"cases/zh.jsonl": lines([case])})
    found = await tried(packs, models, tmp_path)
    assert not found.judged[0].right
    assert "an answer (" in found.judged[0].wrong[0]


async def test_a_stopped_trial_goes_on(
    make: Make, packs: Packs, models: FakeModels, tmp_path: Path
):
    make()
    journal = journal_of(tmp_path / "work", packs.get("museum"), "fake")
    journal.put("with/zh-03", [Said("30元"), Said("30元")])
    found = await tried(packs, models, tmp_path, without=False)
    assert all(one.right for one in found.judged)
    assert not (await tried(packs, models, tmp_path, without=False)).judged[2].right


def test_a_journal_forgets_half_a_line_and_other_packs(make: Make, packs: Packs, tmp_path: Path):
    journal = Journal(tmp_path / "j.jsonl")
    journal.put("a", [Said("x", cited=("y",))])
    with (tmp_path / "j.jsonl").open("a") as file:
        file.write('["b", [{"te')
    again = Journal(tmp_path / "j.jsonl")
    assert again.get("a") == (Said("x", cited=("y",)),)
    assert again.get("b") is None
    make()
    journal_of(tmp_path, packs.get("museum"), "m").put("a", [Said("x")])
    make(changes={"guard.yaml": "topics: []\n"})
    assert journal_of(tmp_path, packs.get("museum"), "m").get("a") is None
