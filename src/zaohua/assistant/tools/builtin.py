"""The tools that come with zaohua."""

from __future__ import annotations

from dataclasses import replace

from zaohua.assistant.tools.asking import Ask, ask_tool, asked_of, models_tool
from zaohua.assistant.tools.calculator import calculate
from zaohua.assistant.tools.converter import convert_unit
from zaohua.assistant.tools.dates import date_tools
from zaohua.assistant.tools.functions import tool_of
from zaohua.assistant.tools.search import knowledge_tool
from zaohua.assistant.tools.toolbox import Toolbox
from zaohua.assistant.tools.values import BoundTool
from zaohua.assistant.tools.weighing import weigh
from zaohua.generate.engine import Models
from zaohua.knowledge import Knowledge


def plain_tools() -> tuple[BoundTool, ...]:
    """Those that need nothing: arithmetic, units, the calendar, options weighed by criteria."""
    tools = (tool_of(calculate), tool_of(convert_unit), *date_tools(), tool_of(weigh))
    return tuple(replace(one, harmless=True) for one in tools)


def shared_toolbox(knowledge: Knowledge, models: Models, ask: Ask | None = None) -> Toolbox:
    """What other programs may use of this zaohua; nothing in it changes anything.

    Args:
        knowledge: what is searched.
        models: what is asked.
        ask: how the default model is asked; straight, if not given.
    """
    ours = (ask_tool(ask or asked_of(models)), models_tool(models))
    return Toolbox((knowledge_tool(knowledge), *ours, *plain_tools()))
