"""Tools that a model may call: Python functions, what comes with zaohua, servers of MCP.

What lives here runs calls and tells their results. Who may use which tool, and what becomes of an
answer, is decided above.
"""

from zaohua.assistant.tools.closing import ClosingToolbox, Consent
from zaohua.assistant.tools.functions import tool, tool_of
from zaohua.assistant.tools.loop import LoopEvent, run_with_tools
from zaohua.assistant.tools.toolbox import Toolbox
from zaohua.assistant.tools.values import (
    BoundTool,
    ToolEnded,
    ToolFailed,
    ToolOutput,
    ToolResult,
    ToolStarted,
    WrongArguments,
)

__all__ = [
    "BoundTool",
    "ClosingToolbox",
    "Consent",
    "LoopEvent",
    "ToolEnded",
    "ToolFailed",
    "ToolOutput",
    "ToolResult",
    "ToolStarted",
    "Toolbox",
    "WrongArguments",
    "run_with_tools",
    "tool",
    "tool_of",
]
