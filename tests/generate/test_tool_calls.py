"""Which answers are tool calls, and how long text is held back to know."""

from __future__ import annotations

import json

import pytest

from zaohua.generate.events import Chunk
from zaohua.generate.request import Tool
from zaohua.generate.tool_calls import (
    ForcedCallReader,
    ToolCallFinder,
    forced_schema,
    parse_calls,
    tool_instructions,
)

TOOLS = (Tool("add", parameters={"type": "object", "properties": {"a": {"type": "integer"}}}),
         Tool("get_weather"))  # fmt: skip
NAMES = ("add", "get_weather")


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ('{"name": "add", "arguments": {"a": 1}}', [("add", '{"a": 1}')]),
        ('{"name": "add", "parameters": {}}', [("add", "{}")]),
        ('{"name": "add"}', [("add", "{}")]),
        ('{"name": "add", "arguments": "{\\"a\\": 1}"}', [("add", '{"a": 1}')]),
        ('{"type": "function", "function": {"name": "add", "arguments": {}}}', [("add", "{}")]),
        ('<tool_call>\n{"name": "add", "arguments": {}}\n</tool_call>', [("add", "{}")]),
        ('```json\n{"name": "add", "arguments": {}}\n```', [("add", "{}")]),
        ('{"name":"add","arguments":{}}\n{"name":"get_weather","arguments":{"c":"巴黎"}}',
         [("add", "{}"), ("get_weather", '{"c": "巴黎"}')]),
        ('[{"name":"add","arguments":{}},{"name":"add","arguments":{}}]',
         [("add", "{}"), ("add", "{}")]),
        ('{"name": "add", "arguments": {"a": 1,}}', [("add", '{"a": 1,}')]),
        ('<tool_call>{"name": "add", "arguments": {a: 1}}</tool_call>', [("add", "{a: 1}")]),
        ('{"name": "other", "arguments": {}}', []),
        ('{"name": "other", "arguments": {oops}}', []),
        ('{"name": "add", "arguments": {}} and so on', []),
        ('{"name": ["add"], "arguments": {}}', []),
        ("[1, 2]", []), ("", []), ("{", []), ("[" * 5000, []), ("null", []),
    ],
)  # fmt: skip
def test_what_is_a_call(text, calls):
    assert parse_calls(text, NAMES) == calls


def run(text: str, *, step: int = 3, reason="stop") -> list[Chunk]:
    finder = ToolCallFinder(0, TOOLS)
    out: list[Chunk] = []
    for start in range(0, len(text), step):
        out += finder.feed(Chunk(0, text[start : start + step]))
    return out + list(finder.feed(Chunk(0, finish_reason=reason)))


def text_of(chunks: list[Chunk]) -> str:
    return "".join(c.text for c in chunks)


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_a_call_in_pieces(step):
    out = run('{"name": "add", "arguments": {"a": 1}}', step=step)
    assert text_of(out) == ""
    assert [d.name for c in out for d in c.tool_calls] == ["add"]
    assert out[-1].finish_reason == "tool_calls"


@pytest.mark.parametrize(
    "text",
    ["Hello there", '{"city": "Paris"}', '{"name": "Bob", "age": 3}', "[1, 2, 3]",
     "```python\nx\n```",
     '{"name": "add", "arguments": {}} or not', "<b>bold</b>", "  \n ", '{"name": "add", "arg'],
)  # fmt: skip
def test_other_answers_come_through_whole(text):
    out = run(text)
    assert text_of(out) == text
    assert out[-1].finish_reason == "stop"
    assert not any(c.tool_calls for c in out)


def test_ordinary_text_is_not_held_back():
    finder = ToolCallFinder(0, TOOLS)
    assert text_of(list(finder.feed(Chunk(0, "H")))) == "H"
    finder = ToolCallFinder(0, TOOLS)
    assert list(finder.feed(Chunk(0, '{"'))) == []
    assert text_of(list(finder.feed(Chunk(0, "city")))) == '{"city'


def test_a_call_cut_by_the_token_limit_stays_text():
    out = run('{"name": "add", "arguments": {"a": 1', reason="length")
    assert text_of(out) == '{"name": "add", "arguments": {"a": 1'
    assert out[-1].finish_reason == "length"


def test_reasoning_passes_while_text_is_held():
    finder = ToolCallFinder(0, TOOLS)
    assert [c.reasoning for c in finder.feed(Chunk(0, reasoning="hm"))] == ["hm"]


@pytest.mark.parametrize("step", [1, 4, 1000])
@pytest.mark.parametrize(
    "arguments", ["{}", '{"a": {"b": "}"}}', '{"a": "x } y"}', '{"a": [1, {"b": {}}]}']
)
def test_forced_calls_in_pieces(arguments, step):
    text = f'{{"name": "add", "arguments": {arguments}}}'
    reader, out = ForcedCallReader(0), []
    for start in range(0, len(text), step):
        out += reader.feed(Chunk(0, text[start : start + step]))
    out += reader.feed(Chunk(0, finish_reason="stop"))
    deltas = [d for c in out for d in c.tool_calls]
    assert [d.name for d in deltas if d.name] == ["add"]
    assert "".join(d.arguments for d in deltas) == arguments
    assert out[-1].finish_reason == "tool_calls"


def test_forced_call_cut_by_the_limit_keeps_its_reason():
    reader = ForcedCallReader(0)
    out = list(reader.feed(Chunk(0, '{"name": "add", "arguments": {"a": ', finish_reason="length")))
    assert out[-1].finish_reason == "length"
    assert "".join(d.arguments for c in out for d in c.tool_calls) == '{"a":'


def test_schema_of_forced_calls():
    one = forced_schema(TOOLS[:1])
    assert one["properties"]["name"] == {"const": "add"}
    assert one["properties"]["arguments"]["additionalProperties"] is False
    both = forced_schema(
        (Tool("a", parameters={"$ref": "#/$defs/x", "$defs": {"x": {}}}), TOOLS[1])
    )
    assert len(both["anyOf"]) == 2
    assert both["$defs"] == {"x": {}}
    json.dumps(both)


def test_instructions_name_every_tool():
    told = tool_instructions(TOOLS)
    assert all(name in told for name in NAMES)
