"""Calls never raise: whatever a tool does, the model is told in a line and the turn goes on."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import pytest

from zaohua.assistant.tools import Toolbox, ToolFailed, ToolOutput, tool, tool_of
from zaohua.assistant.tools.arguments import read_arguments
from zaohua.assistant.tools.functions import is_tool
from zaohua.assistant.tools.threads import MOST
from zaohua.assistant.tools.values import BoundTool, ToolResult, WrongArguments
from zaohua.errors import UsageError
from zaohua.generate.request import ToolCall


async def call(one: BoundTool, arguments: str = "", **given: Any) -> ToolResult:
    return await Toolbox([one], **given).call(ToolCall("c1", one.name, arguments))


def weather(city: str, days: int = 1, unit: Literal["C", "F"] = "C") -> str:
    """Tell the weather.

    It is a longer story.

    Args:
        city: where, such as Paris
            or 北京.
        days: how many.
        unit: of temperature.

    Returns:
        text: no argument.
    """
    return f"{city} {days} {unit}"


class TestDefinitions:
    def test_schema_from_signature_and_docstring(self) -> None:
        definition = tool_of(weather).definition
        assert (definition.name, definition.description) == ("weather", "Tell the weather.")
        assert definition.parameters == {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "where, such as Paris or 北京."},
                "days": {"type": "integer", "default": 1, "description": "how many."},
                "unit": {
                    "type": "string",
                    "enum": ["C", "F"],
                    "default": "C",
                    "description": "of temperature.",
                },
            },
            "required": ["city"],
        }

    def test_marked_functions(self) -> None:
        @tool(name="hello", seconds=3)
        def greet(schema: str, _from: str = "") -> str:
            """Greet."""
            return schema

        @tool
        def plain() -> str:
            """Do nothing."""
            return ""

        assert is_tool(greet)
        assert not is_tool(weather)
        assert greet("x") == "x"
        bound = tool_of(greet)
        assert (bound.name, bound.seconds) == ("hello", 3)
        assert list(bound.definition.parameters["properties"]) == ["schema", "_from"]
        assert tool_of(plain).definition.parameters["properties"] == {}

    @pytest.mark.parametrize("name", ["", "two words", "x" * 65])
    def test_names(self, name: str) -> None:
        def function() -> None: ...

        function.__name__ = name
        with pytest.raises(UsageError, match="a tool's name"):
            tool_of(function)

    def test_functions_that_cannot_be_tools(self) -> None:
        def untyped(x) -> None: ...  # type: ignore[no-untyped-def]
        def starred(*x: int) -> None: ...
        def strange(x: threading.Thread) -> None: ...
        def unknown(x: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821, UP037

        for function in (untyped, starred, strange, unknown):
            with pytest.raises(UsageError, match="cannot be a tool"):
                tool_of(function)

    def test_two_tools_of_one_name(self) -> None:
        with pytest.raises(UsageError, match="same name"):
            Toolbox([tool_of(weather), tool_of(weather)])


class TestArguments:
    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("", {}), ("  ", {}), ("{}", {}), ('{"a": 1}', {"a": 1}),
            ('{"a": 1,}', {"a": 1}), ('{"a": [1, 2,],}', {"a": [1, 2]}),
            ('{"a": {"b": 1}', {"a": {"b": 1}}), ('{"a": 1', {"a": 1}),
            ("{'a': 'x', 'b': None}", {"a": "x", "b": None}),
            ('```json\n{"a": 1}\n```', {"a": 1}), ('"{\\"a\\": 1}"', {"a": 1}),
            ('{"arguments": {"a": 1}}', {"a": 1}), ('{"a": ",}"}', {"a": ",}"}),
            ('{"a": "\\"]"}', {"a": '"]'}), ("{“a”: 1}", None),
            ('{"a": "cut', None), ("2 + 3", None), ("[1]", None), ("null", None),
            ("[" * 100_001, None), ("[" * 5000, None), ("__import__('os')", None),
        ],
    )  # fmt: skip
    def test_only_what_is_certain_is_mended(
        self, written: str, read: dict[str, Any] | None
    ) -> None:
        schema = {"properties": {"a": {}, "b": {}}}
        if read is None:
            with pytest.raises(WrongArguments):
                read_arguments(written, schema)
        else:
            assert read_arguments(written, schema) == read

    def test_the_bare_value_of_an_only_argument(self) -> None:
        assert read_arguments('"2+3"', {"properties": {"a": {}}}) == {"a": "2+3"}
        assert read_arguments("[1]", {"properties": {"a": {}}}) == {"a": [1]}
        wrapped = {"properties": {"input": {}}}
        assert read_arguments('{"input": {"x": 1}}', wrapped) == {"input": {"x": 1}}

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ({"city": "Rome", "days": "3"}, "Rome 3 C"),
            ({"city": "罗马", "unit": "F"}, "罗马 1 F"),
            ({}, "city: is missing"),
            ({"city": 3}, "city: must be a valid string, is 3"),
            ({"city": "Rome", "days": "three"}, "days: must be a valid integer"),
            ({"city": "Rome", "unit": "K"}, "unit: must be 'C' or 'F', is 'K'"),
            ({"city": "Rome", "town": "x"}, "there is no such argument, there are: city, days"),
        ],
    )
    async def test_types_are_checked(self, arguments: dict[str, Any], said: str) -> None:
        result = await call(tool_of(weather), json.dumps(arguments))
        assert said in result.text
        assert result.ok is result.read is said.startswith(("Rome", "罗马"))
        assert "\n" not in result.text

    async def test_an_unknown_tool(self) -> None:
        result = await Toolbox([tool_of(weather)]).call(ToolCall("1", "weathr", "{}"))
        assert result.text.endswith("there is no tool 'weathr', did you mean 'weather'?")
        assert not result.read


@dataclass
class Point:
    x: int
    when: date


class TestResults:
    @pytest.mark.parametrize(
        ("given", "text", "value"),
        [
            ("好", "好", "好"), (None, "null", None),
            ({"a": [1, 2.5]}, '{"a": [1, 2.5]}', {"a": [1, 2.5]}),
            (Point(1, date(2026, 3, 5)), '{"x": 1, "when": "2026-03-05"}',
             {"x": 1, "when": "2026-03-05"}),
            (Decimal("1.10"), "1.10", "1.10"), ({3}, "[3]", [3]),
            (ToolOutput("three", 3), "three", 3), (ToolOutput("none"), "none", None), ("", "", ""),
            (b"bytes", "bytes", "bytes"), ("\ud800", "\ud800", "\ud800"),
        ],
    )  # fmt: skip
    async def test_values(self, given: Any, text: str, value: Any) -> None:
        def give() -> Any:
            return given

        result = await call(tool_of(give))
        assert (result.ok, result.text, result.value) == (True, text, value)

    async def test_what_is_no_json_value(self) -> None:
        circle: list[Any] = []
        circle.append(circle)
        kept: dict[str, Any] = {}
        box = Toolbox([tool_of(lambda: kept["value"], name="give")])
        for value in (object(), threading.Lock(), b"\xff", circle, {"a": print}, float("nan")):
            kept["value"] = value
            result = await box.call(ToolCall("", "give", ""))
            assert not result.ok
            assert result.text.startswith("Error: the tool's result is no JSON value")

    async def test_ten_megabytes(self) -> None:
        def much() -> str:
            return "数" * 10_000_000

        result = await call(tool_of(much))
        assert result.ok
        assert result.cut
        assert len(result.text) < 4100
        assert result.text.endswith("(cut: 10,000,000 characters, the first 4,000 are told)")
        assert result.value is None

    async def test_a_limit_of_ones_own(self) -> None:
        result = await call(tool_of(lambda: "x" * 11, name="f"), result_characters=10)
        assert result.text.startswith("x" * 10 + "\n… (cut")


class TestFailures:
    @pytest.mark.parametrize(
        ("error", "said"),
        [
            (ValueError("bad\nluck"), "Error: ValueError: bad luck"),
            (ToolFailed("no paper", mend="fill it up"), "Error: no paper: fill it up"),
            (RuntimeError("x" * 1000), "Error: RuntimeError: " + "x" * 386 + "…"),
            (StopIteration(), "Error: RuntimeError: StopIteration: None"),
            (SystemExit(3), "Error: the tool tried to end the program (3)"),
            (RecursionError(), "Error: RecursionError:"),
        ],
    )
    @pytest.mark.parametrize("kind", ["sync", "async"])
    async def test_a_tool_that_throws(self, error: BaseException, said: str, kind: str) -> None:
        def throw() -> None:
            raise error

        async def throw_later() -> None:
            raise error

        if kind == "async" and isinstance(error, StopIteration):
            said = "Error: RuntimeError: coroutine raised StopIteration"
        result = await call(tool_of(throw if kind == "sync" else throw_later))
        assert result.text == said
        assert (result.ok, result.read, result.value) == (False, True, None)

    async def test_a_tool_that_hangs_in_a_thread_is_left_behind(self) -> None:
        release = threading.Event()

        def hang() -> None:
            release.wait(20)

        box = Toolbox([tool_of(hang, seconds=0.05)])
        began = time.monotonic()
        results = await asyncio.gather(*(box.call(ToolCall("", "hang", "")) for _ in range(MOST)))
        assert time.monotonic() - began < 2
        assert {result.text for result in results} == {
            "Error: cut off after 0.05 s: the tool gave no answer and may still be at work"
        }
        refused = await box.call(ToolCall("", "hang", ""))
        assert refused.text == f"Error: {MOST} calls of this tool have not ended yet"
        release.set()
        while threading.active_count() > 3 and time.monotonic() - began < 3:
            await asyncio.sleep(0.01)
        assert (await box.call(ToolCall("", "hang", ""))).ok

    async def test_a_tool_that_will_not_be_cancelled(self) -> None:
        release = asyncio.Event()

        async def stubborn() -> str:
            while not release.is_set():
                try:
                    await release.wait()
                except asyncio.CancelledError:
                    continue
            return "late"

        result = await call(tool_of(stubborn, seconds=0.05))
        assert result.text.startswith("Error: cut off after 0.05 s")
        release.set()

    async def test_a_tool_that_cancels_itself(self) -> None:
        async def cancel() -> None:
            raise asyncio.CancelledError

        assert (await call(tool_of(cancel))).text == "Error: the tool broke off its work"

    def test_a_hanging_thread_does_not_keep_the_loop_from_ending(self) -> None:
        release = threading.Event()
        began = time.monotonic()
        result = asyncio.run(call(tool_of(lambda: release.wait(20), name="hang", seconds=0.05)))
        release.set()
        assert not result.ok
        assert time.monotonic() - began < 2
