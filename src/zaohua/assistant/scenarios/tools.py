"""The built-in tools by the names that packs call them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from zaohua.assistant.scenarios.form import ToolName
from zaohua.assistant.tools import BoundTool, Toolbox, tool_of
from zaohua.assistant.tools.calculator import calculate
from zaohua.assistant.tools.converter import convert_unit
from zaohua.assistant.tools.dates import date_tools
from zaohua.assistant.tools.rules import rules_tool
from zaohua.assistant.tools.search import knowledge_tool
from zaohua.assistant.tools.tickets import Tickets, ticket_tool
from zaohua.assistant.tools.weighing import weigh
from zaohua.knowledge import Knowledge
from zaohua.knowledge.rules import RuleBook


@dataclass(frozen=True, slots=True)
class Kit:
    """What the tools of one conversation work with.

    Attributes:
        knowledge: what is searched, in ``collections``.
        rules: what is checked; None if the pack has none.
        tickets: where what is handed over goes.
        owner, conversation: whose ticket it is.
    """

    knowledge: Knowledge
    collections: Sequence[str]
    rules: RuleBook | None
    tickets: Tickets
    owner: str
    conversation: str


def toolbox_of(names: Sequence[ToolName], kit: Kit) -> Toolbox | None:
    """The tools called ``names``; None if there are none."""
    tools = [tool for name in dict.fromkeys(names) for tool in _MADE[name](kit)]
    return Toolbox(tools) if tools else None


def _rules(kit: Kit) -> Sequence[BoundTool]:
    return (rules_tool(kit.rules, list(kit.rules.facts)),) if kit.rules else ()


def _search(kit: Kit) -> Sequence[BoundTool]:
    return (knowledge_tool(kit.knowledge, kit.collections),) if kit.collections else ()


def _ticket(kit: Kit) -> Sequence[BoundTool]:
    return (ticket_tool(kit.tickets, owner=kit.owner, conversation=kit.conversation),)


_MADE: Final[Mapping[ToolName, Callable[[Kit], Sequence[BoundTool]]]] = {
    "calculator": lambda kit: (tool_of(calculate),),
    "units": lambda kit: (tool_of(convert_unit),),
    "date": lambda kit: date_tools(),
    "search": _search,
    "rules": _rules,
    "ticket": _ticket,
    "weigh": lambda kit: (tool_of(weigh),),
}
