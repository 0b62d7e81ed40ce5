"""Dialogues, rules, graph, notices: each step alone, and their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.assistant.turn.conftest import Talk, add, details, steps
from zaohua.assistant.exports import as_markdown
from zaohua.assistant.ids import LOCAL_OWNER
from zaohua.assistant.tools import Toolbox
from zaohua.assistant.tools.builtin import plain_tools
from zaohua.assistant.turn.plan import plain_plans
from zaohua.assistant.values import Message
from zaohua.knowledge.rules import RuleBook, load_rules
from zaohua.safety import Guard
from zaohua.settings import Settings

RULES = """
name: returns
title: {zh: 退货政策, en: Return policy}
facts:
  delivered:
    type: date
    title: {zh: 签收日期, en: day of delivery}
    words: {zh: [签收, 收到], en: [delivered, received]}
  used:
    type: yes/no
    title: {zh: 使用过, en: used}
    words: {zh: [用过], en: [used]}
    opposites: {zh: [全新], en: [brand new]}
derived:
  days: today - delivered
rules:
  - name: in-time
    if: days <= 14 and not used
    then: {zh: "可以退货，还剩 {14 - days} 天。", en: "It can be, {14 - days} days are left."}
    else: {zh: "不能退货。", en: "It cannot be returned."}
    because: {zh: 第 3 条, en: section 3}
"""


@dataclass(frozen=True)
class Record:
    source: str = "orders.csv"
    title: str = "A1003"
    text: str = "订单 A1003：11 月 3 日发货。"


@dataclass(frozen=True)
class Handover:
    reason: str = "complaint"
    summary: str = "The lamp of order A1003 is broken."


@dataclass(frozen=True)
class Step:
    reply: str | None = None
    records: Sequence[Record] = (Record(),)
    facts: Mapping[str, str] = field(default_factory=dict)
    handover: Handover | None = None
    flow: str = "orders"
    said: str = "order A1003 was looked up"


@dataclass
class Flows:
    """Gives one step for questions about orders."""

    found: Step
    seen: list[str] = field(default_factory=list)

    def step(self, branch: Sequence[Message], language: str, today: date) -> Step | None:
        self.seen.append(branch[-1].content)
        return self.found if "A1003" in branch[-1].content else None


@pytest.fixture
def book(tmp_path: Path) -> RuleBook:
    (tmp_path / "returns.yaml").write_text(RULES, "utf-8")
    return load_rules(tmp_path / "returns.yaml")


async def test_a_dialogue_answers_without_the_model(talk: Talk) -> None:
    talk.plan(flows=Flows(Step("您的订单 11 月 3 日发货。")), label=True)
    message = await talk.ask("我的订单 A1003 到哪了？")
    assert message.content == "您的订单 11 月 3 日发货。"
    assert (steps(message), message.notice, message.claims) == (["flows"], None, None)
    [source] = message.citations or []
    assert (source.get("kind"), source["source"], source["cited"]) == ("record", "orders.csv", True)
    assert talk.engine.requests == []
    assert steps(await talk.ask("别的事呢？", message)) == ["engine", "label"]


async def test_what_a_dialogue_found_goes_before_the_question(talk: Talk) -> None:
    talk.plan(flows=Flows(Step()))
    message = await talk.ask("[[say 订单 A1003 在 11 月 3 日发货。]]我的订单 A1003 到哪了？")
    assert "11 月 3 日发货" in talk.engine.requests[0].messages[-1].content
    assert steps(message) == ["flows", "compose", "engine", "cite"]
    assert [one["cited"] for one in message.citations or []] == [True]


async def test_a_dialogue_sees_what_the_model_does_not(talk: Talk, guard: Guard) -> None:
    flows = Flows(Step())
    talk.plan(flows=flows, guard=guard)
    await talk.ask("我的手机号是 13812345678，订单 A1003 到哪了？")
    assert "13812345678" in flows.seen[0]
    assert "13812345678" not in talk.engine.read


async def test_a_handover_opens_one_ticket(talk: Talk) -> None:
    talk.plan(flows=Flows(Step("A person will write to you.", handover=Handover())))
    message = await talk.ask("A1003 is broken!")
    [ticket] = talk.tickets.list()
    assert (ticket.summary, ticket.conversation) == (Handover().summary, message.conversation_id)
    assert details(message, "flows")["ticket"] == ticket.id
    again = await talk.answers.regenerate(LOCAL_OWNER, message.id)
    await talk.end(again)
    assert len(talk.tickets.list()) == 1


async def test_a_rule_is_told_and_cited(talk: Talk, book: RuleBook) -> None:
    talk.plan(rules=book)
    day = date.today() - timedelta(days=5)
    question = f"{day.year}年{day.month}月{day.day}日签收的，全新，能退货吗？"
    message = await talk.ask(f"[[say 可以退货，还剩 9 天。]]{question}")
    prompt = talk.engine.requests[0].messages[-1].content
    assert "可以退货，还剩 9 天。" in prompt.replace("[[say 可以退货，还剩 9 天。]]", "")
    assert steps(message) == ["understand", "rules", "compose", "engine", "cite"]
    [source] = message.citations or []
    assert (source.get("kind"), source["source"]) == ("rule", "returns.yaml")
    assert (source["headings"], source["cited"]) == (["in-time"], True)
    assert "第 3 条" in source["text"]


async def test_a_rule_that_lacks_a_fact_says_nothing(talk: Talk, book: RuleBook) -> None:
    talk.plan(rules=book)
    message = await talk.ask("It is brand new, can I return it?")
    assert message.citations is None
    assert details(message, "rules")["would_decide"] == {"in-time": "delivered"}
    assert talk.engine.requests[0].messages[-1].content == "It is brand new, can I return it?"
    assert "rules" not in steps(await talk.ask("Hello there, how is it going?"))


async def test_relations_are_sources(talk: Talk, tmp_path: Path) -> None:
    table = "subject,relation,object\n星河科技,总部,青岛\n林远,创办,星河科技\n"
    (tmp_path / "who.csv").write_text(table, "utf-8")
    add(talk.knowledge, tmp_path, "firm.md", "# 林远\n\n林远爱好登山和下棋。\n", "firm")
    talk.graph.add(tmp_path / "who.csv", "firm")
    talk.plan(graph=True, grounding="none")
    message = await talk.ask("林远创办的公司总部在哪里？", collections=["firm"])
    assert "graph" in steps(message)
    [one] = [c for c in message.citations or [] if c.get("kind") == "relation"]
    assert "青岛" in one["text"]
    assert one["source"] == "who.csv"
    talk.plan(graph=True)
    assert "graph" not in steps(await talk.ask("林远创办的公司总部在哪里？"))


async def test_a_notice_stands_beside_the_answer(talk: Talk) -> None:
    talk.plan(label=True, notice={"zh": "不能代替医生。", "en": "No doctor."})
    first = await talk.ask("头疼怎么办？")
    assert first.notice == "不能代替医生。\n\n本内容由 AI 生成"
    assert "AI 生成" not in first.content
    second = await talk.ask("And in English?", first)
    assert second.notice == "No doctor.\n\nAI-generated"
    assert "医生" not in talk.engine.requests[1].messages[1].content
    exported = as_markdown(*talk.store.rows(LOCAL_OWNER, first.conversation_id))
    assert "No doctor.\n\nAI-generated" in exported.decode()
    own = await talk.ask("[[say 好的。\n\n本内容由 AI 生成]]写一段话")
    assert own.notice == "不能代替医生。"


async def test_a_scenario_that_is_gone(talk: Talk) -> None:
    talk.plans.plan = None
    message = await talk.ask("还在吗？")
    assert "场景已经不在" in message.content
    assert (message.status, message.trace) == ("complete", None)


async def test_the_prompt_of_a_scenario_begins_the_same(talk: Talk, guard: Guard) -> None:
    talk.plan(guard=guard, system={"zh": "你是客服。", "en": "You are a clerk."})
    first = await talk.ask("我的邮箱是 li@example.org，可以吗？", system="简短回答。")
    second = await talk.ask("Do you speak English?", first)
    await talk.ask("那就好。", second)
    one, two, three = (request.messages for request in talk.engine.requests)
    assert one[0].content == "你是客服。\n\n简短回答。"
    assert two[: len(one)] == one
    assert three[: len(two)] == two


async def test_the_order_of_all_steps(
    talk: Talk, guard: Guard, book: RuleBook, tmp_path: Path
) -> None:
    add(
        talk.knowledge,
        tmp_path,
        "shop.md",
        "# 退货运费\n\n订单 A1003 签收后全新，退货运费由买家承担。\n",
        "shop",
    )
    talk.plan(
        guard=guard, rules=book, flows=Flows(Step()), toolbox=Toolbox(plain_tools()), graph=True,
        label=True, collections={"zh": ("shop",)},
    )  # fmt: skip
    message = await talk.ask("订单 A1003 今天签收，全新，退货运费 17 * 23 等于多少？")
    assert steps(message) == [
        "guard_in", "flows", "understand", "knowledge", "graph", "rules", "compose", "tools",
        "engine", "guard_out", "cite", "label",
    ]  # fmt: skip
    kinds = [one.get("kind") for one in message.citations or []]
    assert kinds == ["passage", "record", "rule", "tool"]
    assert [one["number"] for one in message.citations or []] == [1, 2, 3, 4]
    assert all(line["said"] and line["milliseconds"] >= 0 for line in message.trace or ())


def test_settings_of_the_plain_plan(tmp_path: Path) -> None:
    anything: Any = None
    plan = plain_plans(Settings(home=tmp_path)).of(anything)
    assert plan.guard is not None
    assert plan.label
    off = plain_plans(Settings(home=tmp_path, guard=False, label=False)).of(anything)
    assert (off.guard, off.label) == (None, False)
