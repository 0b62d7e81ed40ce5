"""The plan of a conversation is made from its pack, whose documents become collections."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.assistant.scenarios.conftest import HEAD, HOURS, RULES
from tests.service.conftest import HashEmbedder
from zaohua.assistant.conversations import Conversations
from zaohua.assistant.ids import LOCAL_OWNER
from zaohua.assistant.scenarios import Packs
from zaohua.assistant.scenarios.plans import PackPlans, conversation_defaults
from zaohua.assistant.tools.tickets import Tickets
from zaohua.assistant.turn.plan import PlainPlans, Plan
from zaohua.assistant.values import Conversation
from zaohua.errors import NotFoundError, UsageError
from zaohua.generate.request import ToolCall
from zaohua.knowledge import Filters, Knowledge, Reader, Shelves
from zaohua.store.database import Database

Make = Callable[..., Path]


@pytest.fixture
def knowledge(sqlite: Database) -> Knowledge:
    return Knowledge(sqlite, HashEmbedder())


@pytest.fixture
def plans(packs: Packs, sqlite: Database, knowledge: Knowledge, tmp_path: Path) -> PackPlans:
    return PackPlans(packs, knowledge, Shelves(sqlite), sqlite, home=tmp_path)


@pytest.fixture
def chat(sqlite: Database) -> Conversation:
    return Conversations(sqlite).create("alice", {"scenario": "museum"})


def test_a_plan_has_what_the_pack_has(make: Make, plans: PackPlans, chat: Conversation):
    make()
    plan = plans.of(chat)
    assert (plan.scenario, plan.grounding, plan.label, plan.graph) == (
        "museum", "check", False, False,
    )  # fmt: skip
    assert plan.system == {"zh": "你是讲解员。", "en": "You are a guide."}
    assert plan.decline["en"] == "The museum does not say."
    assert plan.notice["zh"] == "仅供参考。"
    assert plan.collections == {"zh": ("museum-zh",)}
    assert plan.guard is not None
    assert plan.guard.question("金库在哪？", "zh").action == "refuse"
    assert plan.rules is not None
    assert plan.rules.rules == ("free",)
    assert plan.flows is None
    assert plan.toolbox is not None
    assert {"calculate", "today", "search_knowledge", "check_rules", "open_ticket"} <= {
        tool.name for tool in plan.toolbox
    }


def test_without_a_scenario_the_plain_plan(packs: Packs, sqlite: Database, knowledge: Knowledge):
    plain = PlainPlans(label=True)
    plans = PackPlans(packs, knowledge, Shelves(sqlite), sqlite, plain=plain)
    chat = Conversations(sqlite).create(LOCAL_OWNER)
    assert plans.of(chat) == Plan(label=True)


def test_a_scenario_that_is_gone_or_broken(make: Make, plans: PackPlans, chat: Conversation):
    with pytest.raises(NotFoundError, match="museum"):
        plans.of(chat)
    make(changes={"guard.yaml": "topic: []\n"})
    with pytest.raises(UsageError, match="topics"):
        plans.of(chat)
    make(changes={"scenario.yaml": "version: 2\n", "guard.yaml": None})
    with pytest.raises(UsageError, match=r"is broken: .*'zaohua scenario check museum' tells all"):
        plans.prepare("museum")
    make()
    assert plans.of(chat).scenario == "museum"


def test_the_operators_policy_comes_last(
    make: Make, plans: PackPlans, chat: Conversation, tmp_path: Path
):
    (tmp_path / "safety.yaml").write_text("topics: [{name: gold, remove: true}]\n", "utf-8")
    make()
    guard = plans.of(chat).guard
    assert guard is not None
    assert guard.question("金库在哪？", "zh").action == "pass"


def test_documents_are_found_at_once_and_follow_the_files(
    make: Make, plans: PackPlans, chat: Conversation, knowledge: Knowledge
):
    told: list[str] = []
    knowledge.listen(lambda: told.append("new"))
    folder = make()

    def found(query: str) -> list[str]:
        plans.of(chat)
        filters = Filters(collections=("museum-zh",))
        return [one.passage.text for one in knowledge.search_with(query, None, filters=filters)]

    assert any("成人票30元" in text for text in found("成人票"))
    assert told == ["new"]
    made = plans.of(chat)
    assert plans.of(chat).guard is made.guard
    (folder / "knowledge/zh/hours.md").write_text(HOURS.replace("30元", "45元"), "utf-8")
    assert any("成人票45元" in text for text in found("成人票"))
    assert len(told) == 2
    (folder / "knowledge/zh/hours.md").rename(folder / "knowledge/zh/other.md")
    found("成人票")
    assert [Path(file.path).name for file in knowledge.files("museum-zh")] == ["other.md"]


def test_a_pack_of_the_users_stands_in(
    make: Make, own: Path, tmp_path: Path, sqlite: Database, knowledge: Knowledge,
    chat: Conversation,
):  # fmt: skip
    make()
    PackPlans(Packs(own), knowledge, Shelves(sqlite), sqlite).of(chat)
    other = tmp_path / "elsewhere"
    own.rename(other)
    PackPlans(Packs(other), knowledge, Shelves(sqlite), sqlite).of(chat)
    [file] = knowledge.files("museum-zh")
    assert file.path.startswith(str(other))


def test_its_collections_are_read_by_all_and_changed_by_nobody(
    make: Make, plans: PackPlans, chat: Conversation, sqlite: Database
):
    make()
    plans.of(chat)
    shelf = Shelves(sqlite).named("museum-zh", Reader("bob"))
    assert not shelf.may_change(Reader("bob"))
    assert not shelf.may_change(Reader(LOCAL_OWNER, everything=True))


def test_a_collection_of_somebody_else_is_left_alone(
    make: Make, plans: PackPlans, chat: Conversation, sqlite: Database, knowledge: Knowledge
):
    make()
    Shelves(sqlite).make("museum-zh", "bob", shared=False)
    with pytest.raises(UsageError, match="is not the scenario's"):
        plans.of(chat)
    assert knowledge.files("museum-zh") == []


async def test_tickets_are_of_the_owner(
    make: Make, plans: PackPlans, chat: Conversation, sqlite: Database
):
    make()
    toolbox = plans.of(chat).toolbox
    assert toolbox is not None
    await toolbox.call(ToolCall("", "open_ticket", '{"summary": "票", "reason": "退"}'))
    [ticket] = Tickets(sqlite).list()
    assert (ticket.owner, ticket.conversation) == ("alice", chat.id)


def test_several_rule_files_are_one_book(make: Make, plans: PackPlans, chat: Conversation):
    more = RULES.replace("name: free", "name: half\n    priority: 5").replace("age < 7", "age < 18")
    make(changes={"rules/more.yaml": more})
    rules = plans.of(chat).rules
    assert rules is not None
    assert rules.rules == ("half", "free")
    assert [one.holds for one in rules.evaluate({"age": 8})] == [True, False]


def test_defaults_of_its_conversations(make: Make, packs: Packs):
    make()
    assert conversation_defaults(packs.get("museum")) == {
        "scenario": "museum",
        "sampling": {"temperature": 0.2, "stop": ["完"]},
        "memory": False,
    }
    make(changes={"scenario.yaml": HEAD.split("memory")[0]})
    assert conversation_defaults(packs.get("museum"))["sampling"] == {}
