"""Tools over the things of zaohua: knowledge, rules, tickets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.knowledge.conftest import TermEmbedder
from zaohua.assistant.tools import Toolbox
from zaohua.assistant.tools.rules import Value, rules_tool
from zaohua.assistant.tools.search import knowledge_tool
from zaohua.assistant.tools.tickets import Tickets, ticket_tool
from zaohua.errors import NotFoundError, UsageError
from zaohua.generate.request import ToolCall
from zaohua.knowledge import Knowledge
from zaohua.store.database import Database


async def test_search_gives_numbered_sources(database: Database, tmp_path: Path) -> None:
    (tmp_path / "shop.md").write_text("# 手册\n\n## 退货\n\n收货后七天内可以退货。\n", "utf-8")
    knowledge = Knowledge(database, TermEmbedder())
    knowledge.add([tmp_path / "shop.md"], "shop")
    box = Toolbox([knowledge_tool(knowledge, ["shop"])])
    found = await box.call(ToolCall("", "search_knowledge", '{"query": "几天内可以退货"}'))
    assert found.text.startswith("[1] 手册 › 退货\n")
    assert found.text.endswith("收货后七天内可以退货。")
    [cited] = found.value
    assert (cited["number"], cited["collection"], cited["headings"]) == (
        1,
        "shop",
        ["手册", "退货"],
    )
    text = knowledge.text(cited["document"])
    assert text[cited["start"] : cited["end"]] == cited["text"]
    missing = Toolbox([knowledge_tool(knowledge, ["nowhere"])])
    failed = await missing.call(ToolCall("", "search_knowledge", '{"query": "x"}'))
    assert failed.text.startswith("Error: no such collection (nowhere)")


@dataclass(frozen=True)
class Outcome:
    rule: str
    holds: bool | None
    says: str
    because: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class Returns:
    """A book with one rule."""

    def evaluate(self, facts: Mapping[str, Value]) -> list[Outcome]:
        days = facts.get("days")
        if not isinstance(days, int):
            return [Outcome("returns", None, "可以退货", missing=("days",))]
        return [Outcome("returns", days <= 7, "可以退货", (f"days = {days}",))]


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"days": 3}, "returns: applies: 可以退货 (because days = 3)"),
        ({"days": 9}, "returns: does not apply: 可以退货 (because days = 9)"),
        ({}, "returns: unknown, missing days"),
    ],
)
async def test_rules(facts: dict[str, Value], text: str) -> None:
    box = Toolbox([rules_tool(Returns(), ["days"])])
    assert "Facts: days." in box.definitions()[0].description
    result = await box.call(ToolCall("", "check_rules", json.dumps({"facts": facts})))
    assert result.text == text
    assert result.value[0]["rule"] == "returns"


async def test_a_ticket_is_kept(database: Database) -> None:
    tickets = Tickets(database)
    box = Toolbox([ticket_tool(tickets, owner="ann", conversation="c1")])
    written = json.dumps({"summary": "客户要退款 ", "reason": "超过七天"})
    result = await box.call(ToolCall("", "open_ticket", written))
    number = result.value["ticket"]
    assert result.text == f"Ticket {number} is open. A person will take over."
    [kept] = tickets.list()
    assert (kept.id, kept.summary, kept.reason, kept.state) == (
        number,
        "客户要退款",
        "超过七天",
        "open",
    )
    assert (kept.owner, kept.conversation) == ("ann", "c1")
    empty = await box.call(ToolCall("", "open_ticket", '{"summary": " ", "reason": ""}'))
    assert empty.text == "Error: a ticket needs a summary"


def test_tickets_are_closed_once(database: Database) -> None:
    tickets = Tickets(database)
    first, second = tickets.open("one"), tickets.open("two")
    closed = tickets.close(first.id, "refunded")
    assert (closed.state, closed.note) == ("closed", "refunded")
    assert tickets.close(first.id, "again").note == "refunded"
    assert [t.id for t in tickets.list()] == [second.id]
    assert [t.id for t in tickets.list("closed")] == [first.id]
    assert [t.id for t in tickets.list(None)] == [second.id, first.id]
    with pytest.raises(NotFoundError, match="no such ticket"):
        tickets.show(10**6)
    with pytest.raises(UsageError):
        tickets.open("  ")
