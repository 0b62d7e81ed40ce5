"""What a server's tool gave, as text and JSON value; never more than data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from zaohua.assistant.tools.values import ToolFailed, ToolOutput

if TYPE_CHECKING:
    from mcp_types import CallToolResult


def output_of(result: CallToolResult) -> ToolOutput:
    """The text of a result, and what it gave as JSON.

    Raises:
        ToolFailed: the tool says that it failed.
    """
    text = "\n".join(filter(None, (_part(block) for block in result.content)))
    value = result.structured_content
    if result.is_error:
        raise ToolFailed(text or "the tool failed and does not say why")
    if not text and value is not None:
        text = json.dumps(value, ensure_ascii=False)
    return ToolOutput(text or "The tool gave nothing.", value)


def _part(block: Any) -> str:
    """A text as it is; of anything else what it is."""
    if block.type == "text":
        return str(block.text)
    if block.type == "resource":
        held = getattr(block.resource, "text", None)
        return held if isinstance(held, str) else f"[{block.resource.uri}]"
    if block.type == "resource_link":
        return f"[{block.name}: {block.uri}]"
    return f"[{block.type}, {getattr(block, 'mime_type', '')}, {len(block.data):,} characters]"
