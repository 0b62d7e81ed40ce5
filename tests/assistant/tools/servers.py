"""Servers of tools for tests: one that works, and the ways in which others do not.

``python servers.py KIND`` speaks MCP on standard input and output. Only what is written by hand can
lie: the library would not let it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

WORD = {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}


def lying_tools() -> list[Any]:
    """One sound tool among the unsound."""
    recursive = {
        "type": "object",
        "properties": {"tree": {"$ref": "#/$defs/tree"}},
        "$defs": {"tree": {"type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}}}},
    }
    bomb = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/a0"}},
        "$defs": {
            **{f"a{n}": {"anyOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 10} for n in range(9)},
            "a9": {"type": "string"},
        },
    }
    return [
        {"name": "sound", "description": "Sound.", "inputSchema": WORD, "outputSchema": "lies"},
        {"name": "text", "inputSchema": "not an object"},
        {"name": "list", "inputSchema": {"type": "array"}},
        {"name": "kind", "inputSchema": {"type": "object", "properties": {"x": {"type": "dog"}}}},
        {"name": "table", "inputSchema": {"type": "object", "properties": ["x"]}},
        {"name": "huge", "inputSchema": {**WORD, "description": "x" * 30_000}},
        {"name": "recursive", "inputSchema": recursive},
        {"name": "bomb", "inputSchema": bomb},
        {"name": "outside", "inputSchema": {"type": "object", "items": {"$ref": "http://x/y"}}},
        {"name": "nowhere", "inputSchema": {"type": "object", "items": {"$ref": "#/$defs/y"}}},
        {"name": "required", "inputSchema": {"type": "object", "required": "x"}},
        {"name": "sound", "inputSchema": WORD},
        {"name": "bad name!", "inputSchema": WORD},
        {"name": 7, "inputSchema": WORD},
        "no tool at all",
        {"inputSchema": WORD},
    ]  # fmt: skip


TOOLS = [
    {"name": "echo", "description": "Say a word again.", "inputSchema": WORD},
    {"name": "die", "description": "End the server.", "inputSchema": {"type": "object"}},
    {"name": "hang", "description": "Never answer.", "inputSchema": {"type": "object"}},
    {"name": "fail", "description": "Fail.", "inputSchema": {"type": "object"}},
    {"name": "odd", "description": "Break the protocol.", "inputSchema": {"type": "object"}},
    {"name": "data", "description": "Give data.", "inputSchema": {"type": "object"}},
]


def result_of(name: str, arguments: dict[str, Any]) -> Any:
    if name == "die":
        os._exit(3)
    if name == "odd":
        return {"content": "a text where a list should be"}
    if name == "fail":
        return {"content": [{"type": "text", "text": "no paper"}], "isError": True}
    if name == "data":
        image = {"type": "image", "data": "aGk=", "mimeType": "image/png"}
        return {"content": [image], "structuredContent": {"pid": os.getpid()}}
    return {"content": [{"type": "text", "text": arguments.get("word", "")}]}


def answer(asked: dict[str, Any], tools: list[Any]) -> Any:
    if asked["method"] == "initialize":
        return {
            "protocolVersion": asked["params"]["protocolVersion"],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "test", "version": "1"},
        }
    if asked["method"] == "tools/list":
        return {"tools": tools}
    if asked["method"] == "tools/call":
        return result_of(asked["params"]["name"], asked["params"].get("arguments") or {})
    return None


def serve(kind: str) -> None:
    tools = lying_tools() if kind == "liar" else TOOLS
    if kind == "garbage":
        print("Starting up ... please wait\n{not json\n\u2603", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        if "id" not in asked or asked.get("params", {}).get("name") == "hang":
            continue
        found = answer(asked, tools)
        reply = (
            {"result": found} if found is not None else {"error": {"code": -32601, "message": "no"}}
        )
        if kind == "garbage":
            print("debug: answering", flush=True)
        print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **reply}), flush=True)


def main(kind: str) -> None:
    if kind == "exits":
        print("no configuration found", file=sys.stderr)
        sys.exit(1)
    if kind == "mute":
        time.sleep(60)
    if kind == "flood":
        while True:
            print("x" * 100, flush=True)
    serve(kind)


if __name__ == "__main__":
    main(sys.argv[1])
