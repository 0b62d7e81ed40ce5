"""Servers of tools as they are: dead, mute, lying. The turn goes on, and nothing hangs."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.assistant.tools import servers
from zaohua.assistant.tools import Toolbox, ToolResult
from zaohua.assistant.tools.mcp.schemas import UnsoundSchema, sound_schema
from zaohua.assistant.tools.mcp.servers import RemoteServers
from zaohua.assistant.tools.toolbox import STRANGER
from zaohua.errors import UsageError
from zaohua.generate.request import ToolCall
from zaohua.settings import Settings, load_settings

pytest.importorskip("mcp")

Start = Callable[..., RemoteServers]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """``start("good", call_seconds=1)``: that server of ``servers.py`` under the name ``x``."""
    made: list[RemoteServers] = []

    def call(kind: str, **spec: Any) -> RemoteServers:
        spec = {"command": sys.executable, "args": (servers.__file__, kind), **spec}
        settings = Settings(home=tmp_path, mcp={"servers": {"x": spec}})
        made.append(RemoteServers(settings))
        return made[-1]

    yield call
    began = time.monotonic()
    for remote in made:
        await remote.aclose()
    assert time.monotonic() - began < 6


async def called(remote: RemoteServers, name: str, arguments: str = "{}") -> ToolResult:
    return await Toolbox(await remote.tools()).call(ToolCall("c", name, arguments))


async def test_tools_of_a_server(start: Start) -> None:
    remote = start("good")
    tools = await remote.tools()
    assert [one.name for one in tools] == [f"x_{one['name']}" for one in servers.TOOLS]
    assert tools[0].definition.parameters == servers.WORD
    result = await called(remote, "x_echo", '{"word": "你好"}')
    assert (result.ok, result.text) == (True, f"{STRANGER}\n你好")
    wrong = await called(remote, "x_echo", '{"word": 3}')
    assert "word: 3 is not of type 'string'" in wrong.text
    assert not wrong.read
    data = await called(remote, "x_data")
    assert data.text.endswith("[image, image/png, 4 characters]")
    assert set(data.value) == {"pid"}
    failed = await called(remote, "x_fail")
    assert failed.text == "Error: no paper"
    odd = await called(remote, "x_odd")
    assert odd.text == "Error: its answer does not keep to the protocol"
    assert (await called(remote, "x_echo", '{"word": "on"}')).ok
    [state] = remote.states()
    assert (state.up, state.error, state.left_out) == (True, "", ())


async def test_only_the_tools_that_are_allowed(start: Start) -> None:
    remote = start("good", tools=("echo", "missing"))
    assert [one.name for one in await remote.tools()] == ["x_echo"]
    assert not (await called(remote, "x_die")).ok


async def test_a_server_that_lies_about_its_schemas(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    remote = start("liar")
    with caplog.at_level(logging.WARNING):
        [sound] = await remote.tools()
    assert sound.name == "x_sound"
    assert (await called(remote, "x_sound", '{"word": "hi"}')).ok  # its result fits no schema
    lines = [record.message for record in caplog.records]
    assert len(lines) == len(servers.lying_tools()) - 1
    assert all(line.startswith("server 'x': tool '") for line in lines)
    assert (
        "server 'x': tool 'recursive' is left out: its schema is recursive: #/$defs/tree" in lines
    )
    [state] = remote.states()
    assert "kind: its schema names a type that does not exist: dog" in state.left_out


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("exits", "it did not start: Connection closed"),
        ("mute", "it did not answer within 1 s"),
        ("flood", "it did not start: Connection closed"),
    ],
)
async def test_a_server_that_does_not_start(
    start: Start, kind: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    remote = start(kind, start_seconds=1.0 if kind == "mute" else 10.0)
    began = time.monotonic()
    assert await remote.tools() == ()
    assert time.monotonic() - began < 6
    [state] = remote.states()
    assert (state.up, state.error) == (False, said)
    assert await remote.tools() == ()  # at once: it is not tried again yet
    assert "tried again in" in caplog.records[-1].message


async def test_a_program_that_is_not_there(start: Start) -> None:
    remote = start("good", command="no-such-program-here")
    assert await remote.tools() == ()
    assert "no-such-program-here" in remote.states()[0].error


async def test_garbage_between_the_messages(start: Start) -> None:
    remote = start("garbage")
    assert (await called(remote, "x_echo", '{"word": "through"}')).text.endswith("through")


async def test_a_server_that_dies_is_started_again(start: Start) -> None:
    remote = start("good")
    first = (await called(remote, "x_data")).value["pid"]
    died = await called(remote, "x_die")
    assert died.text == "Error: the server ended during the call; Connection closed"
    soon = await called(remote, "x_echo", '{"word": "on"}')
    assert not soon.ok
    assert "tried again in" in remote.states()[0].error or not soon.ok
    await asyncio.sleep(1.1)
    assert (await called(remote, "x_data")).value["pid"] != first


async def test_a_server_that_never_answers(start: Start) -> None:
    remote = start("good", call_seconds=0.3)
    began = time.monotonic()
    result = await called(remote, "x_hang")
    assert not result.ok
    assert time.monotonic() - began < 3
    assert (await called(remote, "x_echo", '{"word": "on"}')).ok


async def test_stopping_while_a_call_hangs(start: Start) -> None:
    remote = start("good")
    box = Toolbox(await remote.tools())
    task = asyncio.create_task(box.call(ToolCall("", "x_hang", "")))
    await asyncio.sleep(0.1)
    began = time.monotonic()
    await remote.aclose()
    assert time.monotonic() - began < 6
    assert not (await asyncio.wait_for(task, 2)).ok
    assert await remote.tools() == box_tools(box)


def box_tools(box: Toolbox) -> tuple[Any, ...]:
    return tuple(box)


async def test_an_address_where_nobody_is(tmp_path: Path) -> None:
    spec = {"url": "http://127.0.0.1:9/mcp"}
    remote = RemoteServers(Settings(home=tmp_path, mcp={"servers": {"x": spec}}))
    assert await remote.tools() == ()
    assert remote.states()[0].error.startswith("it did not start:")
    await remote.aclose()


class TestSettings:
    def test_from_a_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "zaohua.toml").write_text(
            '[mcp.servers.files]\ncommand = "serve-files"\nargs = ["/docs"]\ntools = ["read"]\n'
            '[mcp.servers.wiki]\nurl = "https://wiki.example/mcp"\ncall_seconds = 5\n'
            'headers = {Authorization = "Bearer secret"}\n'
        )
        found = load_settings().mcp.servers
        assert found["files"].args == ("/docs",)
        assert found["wiki"].call_seconds == 5
        assert "secret" not in repr(found)

    @pytest.mark.parametrize(
        ("spec", "said"),
        [
            ({}, "needs either a command or a url"),
            ({"command": "a", "url": "http://b"}, "needs either a command or a url"),
            ({"url": "file:///etc/passwd"}, "mcp.servers.x.url"),
            ({"url": "ftp://host/x"}, "mcp.servers.x.url"),
            ({"command": "a", "tool": ["x"]}, "did you mean 'tools'?"),
            ({"command": "a", "call_seconds": 0}, "greater than 0"),
        ],
    )
    def test_what_cannot_be(self, spec: dict[str, Any], said: str) -> None:
        with pytest.raises(UsageError, match="mcp") as refused:
            load_settings(mcp={"servers": {"x": spec}})
        assert said in refused.value.line()


@pytest.mark.parametrize(
    ("raw", "sound"),
    [
        ({"type": "object"}, {"properties": {}, "type": "object"}),
        (
            {
                "type": "object",
                "$schema": "http://json-schema.org/draft-07/schema#",
                "title": "T",
                "properties": {
                    "n": {"type": ["integer", "null"], "minimum": 1, "format": "x", "pattern": "("},
                    "at": {"$ref": "#/$defs/Place", "description": "where"},
                    "any": True,
                },
                "$defs": {"Place": {"enum": ["a", "b"], "description": "a place"}},
                "additionalProperties": False,
            },
            {
                "type": "object",
                "properties": {
                    "n": {"type": ["integer", "null"], "minimum": 1},
                    "at": {"enum": ["a", "b"], "description": "where"},
                    "any": {},
                },
                "additionalProperties": False,
            },
        ),
    ],
)
def test_schemas_are_rewritten(raw: dict[str, Any], sound: dict[str, Any]) -> None:
    assert sound_schema(raw) == sound


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": []}, {"type": 7}, {"enum": []}, {"minimum": "1"}, {"minLength": -1},
        {"maxItems": 1.5}, {"minItems": True}, {"multipleOf": 0}, {"anyOf": {}}, {"items": [1]},
        {"required": [1]}, {"properties": {"y": 3}}, {"$ref": 3}, {"additionalProperties": "no"},
    ],
)  # fmt: skip
def test_wrong_keywords(wrong: dict[str, Any]) -> None:
    with pytest.raises(UnsoundSchema):
        sound_schema({"type": "object", "properties": {"x": wrong}})
