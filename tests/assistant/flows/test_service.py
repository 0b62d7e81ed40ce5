"""The sample shop: its dialogues on its own cases, its tables, and its two languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.assistant.flows.conftest import Talk
from zaohua.assistant import scenarios
from zaohua.assistant.flows import Flows, read_flows
from zaohua.knowledge.rules import load_rules

SHOP = Path(scenarios.__path__[0]) / "shipped" / "service"
LANGUAGES = ("zh", "en")
SORRY = ("抱歉", "Sorry")


@pytest.fixture(scope="module")
def shop() -> Flows:
    book = load_rules(SHOP / "rules" / "returns.yaml")
    return read_flows(SHOP / "flows.yaml", SHOP / "tables", book)


def cases(language: str) -> list[dict]:
    text = (SHOP / "cases" / f"{language}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def missed(shop: Flows, language: str, case: dict) -> list[str]:
    """What the dialogues answer and not as the case wants; what they leave is not theirs."""
    expect = case["expect"] if isinstance(case["expect"], list) else [case["expect"]]
    expect = [None] * (len(case["turns"]) - len(expect)) + expect
    talk, found = Talk(shop, language), []
    for text, wanted in zip(case["turns"], expect, strict=True):
        step = talk.step(text)
        if step is None or step.reply is None or wanted is None:
            continue
        reply = step.reply.replace(" ", "")
        said = {
            "has": all(
                any(one.replace(" ", "") in reply for one in words)
                for words in wanted.get("has", [])
            ),
            "lacks": not any(one.replace(" ", "") in reply for one in wanted.get("lacks", [])),
            "cites": not wanted.get("cites")
            or bool({record.source for record in step.records} & set(wanted["cites"])),
            "flow": wanted.get("flow", step.flow) == step.flow,
            "hands_over": wanted.get("hands_over", bool(step.handover)) == bool(step.handover),
            "declines": not wanted.get("declines") or step.reply.startswith(SORRY),
        }
        found += [f"{case['id']}: {text}: {key}" for key, holds in said.items() if not holds]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_dialogues_do_what_its_cases_want(shop, language) -> None:
    tuned = [case for case in cases(language) if not case.get("held_out")]
    assert [one for case in tuned for one in missed(shop, language, case)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_dialogues_of_several_turns_are_right_also_the_held_out_ones(shop, language) -> None:
    several = [case for case in cases(language) if case["kind"] == "multi-turn"]
    assert len(several) >= 10
    assert [one for case in several for one in missed(shop, language, case)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_it_cannot_know_it_declines_or_leaves_to_the_documents(shop, language) -> None:
    for case in cases(language):
        if case["kind"] == "unanswerable":
            step = Talk(shop, language).step(case["turns"][0])
            assert step is None or (step.reply or "").startswith(SORRY), case["id"]


def test_a_third_of_each_language_is_held_out() -> None:
    for language in LANGUAGES:
        found = cases(language)
        assert len(found) >= 45
        assert 0.3 <= sum(case.get("held_out", False) for case in found) / len(found) <= 0.37


@pytest.mark.parametrize("number", ["A1004", "A1011", "A1012", "A1014", "A1018", "A1022", "A1024"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_an_order_has_its_answer(shop, language, number: str) -> None:
    step = Talk(shop, language).step(number)
    assert step and step.flow == "order_status" and step.reply and number in step.reply
    assert "{" not in step.reply and "None" not in step.reply


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (("退货 A1015，没坏", "4093"), "可以退货：签收 14 天"),
        (("我想退货 A1006，没坏", "5193"), "换尺码或颜色"),
        (("我想退 A1008，没坏", "8852"), "定制商品没有质量问题的不能退货"),
        (("我要退货 A1010，灯坏了", "9027"), "可以按保修政策报修"),
        (("我要退 A1019，没有质量问题，没拆封", "9914"), "可以退货"),
        (("我要退 A1019，没有质量问题，已经泡过了", "9914"), "食品拆封以后"),
        (("我要退货 A1004", "2208"), "直接取消就可以"),
        (("我要退货 A1003", "6615"), "签收以后才能申请退货"),
    ],
)
def test_returns_by_the_rules(shop, said: tuple[str, ...], outcome: str) -> None:
    reply = Talk(shop, "zh").say(*said)
    assert reply and outcome in reply


def test_nothing_personal_is_told_before_the_digits_are_right(shop) -> None:
    talk = Talk(shop, "en")
    for text in ("I want to return A1014", "0000", "9999", "1234"):
        step = talk.step(text)
        assert step and "157" not in (step.reply or "") and step.records == ()
    assert step and step.handover is None
    last = talk.step("a person, please")
    assert last and last.handover and "157" not in last.handover.summary


def test_both_languages_tell_the_same() -> None:
    """The same files, sections and figures."""
    folders = [SHOP / "knowledge" / language for language in LANGUAGES]
    names = [sorted(path.name for path in folder.iterdir()) for folder in folders]
    assert names[0] == names[1] and len(names[0]) >= 11
    for name in names[0]:
        zh, en = ((folder / name).read_text("utf-8") for folder in folders)
        assert len(re.findall("^#", zh, re.M)) == len(re.findall("^#", en, re.M)), name
        assert zh.count("\n") == en.count("\n"), name


def test_the_example_of_the_manual_works(tmp_path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "flows.md").read_text("utf-8")
    example = re.search(r"```yaml\n(.*?)```", page, re.S)
    assert example
    (tmp_path / "flows.yaml").write_text(example[1], "utf-8")
    (tmp_path / "orders.csv").write_text("number,status,eta,phone\nA1003,sent,today+2,6615\n")
    talk = Talk(read_flows(tmp_path / "flows.yaml", tmp_path), "zh")
    assert talk.say("我的订单到哪了", "a1003", "6615") == "订单 A1003 已发货，还有 2 天。"
