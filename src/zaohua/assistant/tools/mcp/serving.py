"""zaohua as a server of tools for others."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zaohua.assistant.tools.toolbox import Toolbox
from zaohua.errors import MissingExtraError
from zaohua.generate.request import ToolCall

if TYPE_CHECKING:
    from mcp.server import Server

INSTRUCTIONS = (
    "Search the documents of this zaohua with search_knowledge; ask its language model with ask."
)


def serving(toolbox_for: Callable[[Any], Toolbox], version: str) -> Server[Any]:
    """A server whose tools are those of a toolbox.

    Args:
        toolbox_for: gives the toolbox for an HTTP request; for None where there is none.
        version: of zaohua.

    Raises:
        MissingExtraError: the protocol's library is not installed.
    """
    try:
        import mcp_types as types
        from mcp.server import Server, ServerRequestContext
    except ModuleNotFoundError:
        raise MissingExtraError("mcp", "serving tools by MCP") from None

    async def list_tools(
        context: ServerRequestContext[Any, Any], _: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        told = [
            types.Tool(
                name=one.name, description=one.description, input_schema=dict(one.parameters)
            )
            for one in toolbox_for(context.request).definitions()
        ]
        return types.ListToolsResult(tools=told)

    async def call_tool(
        context: ServerRequestContext[Any, Any], asked: types.CallToolRequestParams
    ) -> types.CallToolResult:
        arguments = json.dumps(asked.arguments or {})
        called = ToolCall(str(context.request_id), asked.name, arguments)
        result = await toolbox_for(context.request).call(called)
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=result.text)],
            structured_content=result.value if isinstance(result.value, dict) else None,
            is_error=not result.ok,
        )

    return Server(
        "zaohua",
        version=version,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def serve_stdio(server: Server[Any]) -> None:
    """Serve one client on standard input and output until it leaves."""
    from mcp.server.stdio import stdio_server

    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
