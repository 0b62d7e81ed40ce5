"""``zaohua tools``, ``tickets`` and ``mcp``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.assistant.tools import servers
from tests.cli.conftest import Here, environment


def configure(folder: Path, kind: str, name: str = "test") -> None:
    (folder / "zaohua.toml").write_text(
        f"[mcp.servers.{name}]\ncommand = {json.dumps(sys.executable)}\n"
        f"args = [{json.dumps(servers.__file__)}, {json.dumps(kind)}]\n"
    )


def test_list(here: Here) -> None:
    shown = here("tools", "list").stdout
    assert "calculate" in shown
    assert "expression" in shown
    names = [one["name"] for one in json.loads(here("tools", "list", "--json").stdout)]
    assert names == [
        "calculate", "convert_unit", "today", "days_between", "add_to_date", "weekday",
        "weigh", "search_knowledge", "open_ticket",
    ]  # fmt: skip


def test_call(here: Here) -> None:
    done = here("tools", "call", "calculate", '{"expression": "15% of 240"}')
    assert (done.returncode, done.stdout) == (0, "15% of 240 = 36\n")
    told = json.loads(here("tools", "call", "calculate", "2 + 3", "--json").stdout or "{}")
    assert told["ok"] is False
    plain = json.loads(here("tools", "call", "calculate", '"2 + 3"', "--json").stdout)
    assert (plain["ok"], plain["value"]["result"]) == (True, "5")
    found = here("tools", "call", "search_knowledge", '{"query": "x"}')
    assert found.stdout == "Nothing was found.\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("calculate", '{"expression": "9**9**9"}'), "zaohua: the result has too many digits\n"),
        (("calculat",), "there is no tool 'calculat', did you mean 'calculate'?\n"),
        (("calculate", "{}"), "expression: is missing"),
    ],
)
def test_a_call_that_fails(here: Here, arguments: tuple[str, ...], said: str) -> None:
    done = here("tools", "call", *arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_tickets(here: Here) -> None:
    assert here("tickets", "list").stdout == "there are no open tickets\n"
    written = json.dumps({"summary": "客户要退款", "reason": "over seven days"})
    here("tools", "call", "open_ticket", written)
    assert "客户要退款" in here("tickets", "list").stdout
    [listed] = json.loads(here("tickets", "list", "--json").stdout)
    number = str(listed["id"])
    assert "over seven days" in here("tickets", "show", number).stdout
    assert here("tickets", "close", number, "--note", "refunded").stdout == (
        f"ticket {number} is closed\n"
    )
    assert json.loads(here("tickets", "list", "--json").stdout) == []
    assert "refunded" in here("tickets", "show", number).stdout
    [every] = json.loads(here("tickets", "list", "--all", "--json").stdout)
    assert (every["state"], every["note"]) == ("closed", "refunded")
    missing = here("tickets", "show", "99")
    assert missing.returncode == 1
    assert missing.stderr.startswith("zaohua: there is no such ticket (99)")


def test_servers(here: Here, tmp_path: Path) -> None:
    pytest.importorskip("mcp")
    assert here("tools", "servers").stdout.startswith("there are no servers of tools")
    configure(tmp_path, "liar")
    done = here("tools", "servers")
    assert done.returncode == 0
    assert "left out: recursive: its schema is recursive" in done.stdout
    [state] = json.loads(here("tools", "servers", "--json").stdout)
    assert (state["name"], state["up"], state["tools"]) == ("test", True, ["test_sound"])
    said = here("tools", "call", "test_sound", '{"word": "hi"}')
    assert said.stdout.endswith("\nhi\n")
    configure(tmp_path, "exits")
    down = here("tools", "servers")
    assert down.returncode == 1
    assert "it did not start" in down.stdout
    assert here("tools", "call", "calculate", '{"expression": "1+1"}').stdout == "1+1 = 2\n"


async def test_mcp_on_standard_input_and_output(home: Path, tmp_path: Path) -> None:
    pytest.importorskip("mcp")
    from mcp.client import Client
    from mcp.client.stdio import StdioServerParameters, stdio_client

    started = StdioServerParameters(
        command=sys.executable,
        args=["-m", "zaohua", "mcp"],
        env=environment(home, ZAOHUA_ENGINE="fake"),
        cwd=tmp_path,
    )
    aside = tmp_path / "aside.txt"  # by default it is what was sys.stderr when mcp was imported
    with aside.open("w") as errors:
        streams = stdio_client(started, errlog=errors)
        async with Client(streams, read_timeout_seconds=20) as client:
            names = {tool.name for tool in (await client.list_tools()).tools}
            assert names >= {"search_knowledge", "ask", "list_models", "calculate"}
            said = await client.call_tool("ask", {"question": "hello"})
            assert said.content[0].text == "You said: hello"
            done = await client.call_tool(
                "convert_unit", {"value": 2, "from_unit": "里", "to_unit": "km"}
            )
            assert done.content[0].text == "2 里 = 1 km"
