"""The real `anthropic` package against the server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anthropic
import pytest
from anthropic.types import Message

from .conftest import Server

TOOL: Any = {
    "name": "get_weather",
    "description": "Weather of a city",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}


def ask(text: str) -> Any:
    return [{"role": "user", "content": text}]


@pytest.fixture
def client(server: Server) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=server.url, api_key="any", max_retries=0) as made:
        yield made


def test_message(client: anthropic.Anthropic) -> None:
    answer = client.messages.create(
        model="fake",
        max_tokens=50,
        system=[{"type": "text", "text": "Be brief."}],
        messages=ask("[[say 你好]]"),
    )
    Message.model_validate(answer.model_dump(), strict=True)
    assert answer.content[0].type == "text"
    assert answer.content[0].text == "你好"
    assert answer.stop_reason == "end_turn"
    assert answer.usage.output_tokens > 0
    short = client.messages.create(model="fake", max_tokens=3, messages=ask("[[words 20]]"))
    assert short.stop_reason == "max_tokens"


def test_stream(client: anthropic.Anthropic) -> None:
    kinds = []
    with client.messages.stream(
        model="fake", max_tokens=60, messages=ask("[[words 8]] [[reason]]")
    ) as stream:
        for event in stream:
            kinds.append(event.type)
        final = stream.get_final_message()
    assert [block.type for block in final.content] == ["thinking", "text"]
    assert final.stop_reason == "end_turn"
    assert kinds[0] == "message_start"
    assert kinds[-1] == "message_stop"
    assert kinds.count("content_block_start") == kinds.count("content_block_stop") == 2


def test_tools(client: anthropic.Anthropic) -> None:
    with client.messages.stream(
        model="fake",
        max_tokens=60,
        messages=ask("weather?"),
        tools=[TOOL],
        tool_choice={"type": "any"},
    ) as stream:
        final = stream.get_final_message()
    assert final.stop_reason == "tool_use"
    call = final.content[0]
    assert call.type == "tool_use"
    assert "city" in call.input  # type: ignore[operator]
    whole = client.messages.create(
        model="fake",
        max_tokens=60,
        messages=ask("weather?"),
        tools=[TOOL],
        tool_choice={"type": "tool", "name": "get_weather"},
    )
    assert whole.content[0].type == "tool_use"
    result: Any = {
        "role": "user",
        "content": [
            {
                "type": "tool_result",
                "tool_use_id": call.id,
                "content": [{"type": "text", "text": "sunny"}],
            }
        ],
    }
    turn: Any = {"role": "assistant", "content": [b.model_dump() for b in final.content]}
    after = client.messages.create(
        model="fake", max_tokens=60, messages=[*ask("weather?"), turn, result], tools=[TOOL]
    )
    assert "sunny" in after.content[0].text  # type: ignore[union-attr]


def test_stop_and_count(client: anthropic.Anthropic) -> None:
    answer = client.messages.create(
        model="fake", max_tokens=60, messages=ask("[[say one two three]]"), stop_sequences=["two"]
    )
    assert "two" not in answer.content[0].text  # type: ignore[union-attr]
    counted = client.messages.count_tokens(model="fake", messages=ask("one two three"))
    assert counted.input_tokens > 3


@pytest.mark.parametrize(
    ("change", "error", "kind"),
    [
        ({"model": "claude-x"}, anthropic.NotFoundError, "not_found_error"),
        ({"max_tokens": 0}, anthropic.BadRequestError, "invalid_request_error"),
        ({"messages": ask("[[busy]]")}, anthropic.InternalServerError, "overloaded_error"),
        (
            {"messages": [{"role": "user", "content": [{"type": "video"}]}]},
            anthropic.BadRequestError,
            "invalid_request_error",
        ),
    ],
)
def test_errors(
    client: anthropic.Anthropic, change: Any, error: type[anthropic.APIStatusError], kind: str
) -> None:
    with pytest.raises(error) as caught:
        client.messages.create(
            **{"model": "fake", "max_tokens": 9, "messages": ask("hi"), **change}
        )
    body: Any = caught.value.body
    assert body["type"] == "error"
    assert body["error"]["type"] == kind


def test_error_within_a_stream(client: anthropic.Anthropic) -> None:
    with (
        pytest.raises(anthropic.APIError),
        client.messages.stream(
            model="fake", max_tokens=50, messages=ask("[[words 50]] [[fail after 5]]")
        ) as stream,
    ):
        for _ in stream:
            pass


def test_key_in_x_api_key(key_server: Server) -> None:
    _, secret = key_server.services.keyring.create("claude")
    with anthropic.Anthropic(base_url=key_server.url, api_key=secret) as client:
        assert client.messages.create(model="fake", max_tokens=9, messages=ask("hi")).content
    with (
        anthropic.Anthropic(base_url=key_server.url, api_key="wrong") as client,
        pytest.raises(anthropic.AuthenticationError),
    ):
        client.messages.create(model="fake", max_tokens=9, messages=ask("hi"))


async def test_async(server: Server) -> None:
    async with (
        anthropic.AsyncAnthropic(base_url=server.url, api_key="any") as client,
        client.messages.stream(model="fake", max_tokens=60, messages=ask("[[say 好]]")) as stream,
    ):
        assert "".join([text async for text in stream.text_stream]) == "好"
