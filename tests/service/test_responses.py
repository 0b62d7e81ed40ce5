"""`/v1/responses` with the real `openai` package."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter

from .conftest import Server

EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
TOOL: Any = {
    "type": "function",
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}


@pytest.fixture
def client(server: Server) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="any", max_retries=0) as made:
        yield made


def test_create_and_retrieve(client: openai.OpenAI) -> None:
    made = client.responses.create(model="fake", input="[[say 你好]]", metadata={"a": "b"})
    Response.model_validate(made.model_dump(), strict=True)
    assert made.output_text == "你好"
    assert made.status == "completed"
    assert made.usage
    assert made.usage.total_tokens == made.usage.input_tokens + made.usage.output_tokens
    again = client.responses.retrieve(made.id)
    assert again.output_text == "你好"
    assert again.metadata == {"a": "b"}
    client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)


def test_not_kept_when_told_so(client: openai.OpenAI) -> None:
    made = client.responses.create(model="fake", input="hi", store=False)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)


def test_previous_response(client: openai.OpenAI, server: Server) -> None:
    first = client.responses.create(model="fake", input="[[say alpha]]", instructions="Be brief.")
    second = client.responses.create(
        model="fake", input="next", previous_response_id=first.id, instructions="Be long."
    )
    assert second.usage
    assert first.usage
    assert second.usage.input_tokens > first.usage.input_tokens
    kept = next(row.messages for row in _rows(server) if row.id == second.id)
    assert [(m["role"], m["content"]) for m in kept][:3] == [
        ("user", "[[say alpha]]"),
        ("assistant", "alpha"),
        ("user", "next"),
    ]
    with pytest.raises(openai.NotFoundError):
        client.responses.create(model="fake", input="x", previous_response_id="resp_none")


def _rows(server: Server) -> list[Any]:
    from sqlalchemy import select

    from zaohua.store.tables import StoredResponseRow

    with server.services.database.session() as session:
        return list(session.scalars(select(StoredResponseRow)))


def test_stream(client: openai.OpenAI) -> None:
    events = list(
        client.responses.create(model="fake", input="[[words 6]] [[reason]]", stream=True)
    )
    for event in events:
        EVENT.validate_python(event.model_dump())
    kinds = [event.type for event in events]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    squeezed = [k for i, k in enumerate(kinds) if i == 0 or kinds[i - 1] != k]
    assert squeezed == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.reasoning_text.delta",
        "response.reasoning_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    told = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    last = events[-1]
    assert last.type == "response.completed"
    assert last.response.output_text == told
    assert [item.type for item in last.response.output] == ["reasoning", "message"]


def test_streamed_tool_call_and_its_answer(client: openai.OpenAI) -> None:
    web: Any = {"type": "web_search"}
    with client.responses.stream(
        model="fake", input="weather?", tools=[TOOL, web], tool_choice="required"
    ) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_response()
    assert "response.function_call_arguments.done" in kinds
    call = final.output[0]
    assert call.type == "function_call"
    assert [tool.type for tool in final.tools] == ["function"]
    items: Any = [
        {"role": "user", "content": [{"type": "input_text", "text": "weather?"}]},
        call.model_dump(),
        {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"},
    ]
    after = client.responses.create(model="fake", input=items, tools=[TOOL])
    assert "sunny" in after.output_text


class Plan(BaseModel):
    title: str
    hours: int


def test_json_schema(client: openai.OpenAI) -> None:
    parsed = client.responses.parse(model="fake", input="a plan", text_format=Plan)
    assert isinstance(parsed.output_parsed, Plan)


def test_incomplete(client: openai.OpenAI) -> None:
    made = client.responses.create(model="fake", input="[[words 50]]", max_output_tokens=5)
    assert made.status == "incomplete"
    assert made.incomplete_details
    assert made.incomplete_details.reason == "max_output_tokens"


def test_failure_within_a_stream(client: openai.OpenAI) -> None:
    events = list(
        client.responses.create(model="fake", input="[[words 9]] [[fail after 3]]", stream=True)
    )
    last = events[-1]
    assert last.type == "response.failed"
    assert last.response.status == "failed"
    assert last.response.error
    with pytest.raises(openai.InternalServerError):
        client.responses.create(model="fake", input="[[words 9]] [[fail after 3]]")


def test_cancel(client: openai.OpenAI, server: Server) -> None:
    engine = server.models.engines["fake"]
    stream = client.responses.create(model="fake", input="[[words 500]] [[slow 0.02]]", stream=True)
    first = next(stream)
    assert first.type == "response.created"
    before = engine.cancelled
    ended: list[Any] = []
    reader = threading.Thread(target=lambda: ended.extend(stream))
    reader.start()
    cancelled = client.responses.cancel(first.response.id)
    reader.join(5)
    assert cancelled.status == "cancelled"
    assert ended[-1].response.status == "cancelled"
    assert engine.cancelled == before + 1
    assert client.responses.cancel(first.response.id).status == "cancelled"
    done = client.responses.create(model="fake", input="hi")
    with pytest.raises(openai.BadRequestError):
        client.responses.cancel(done.id)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"background": True}, "background"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"input": []}, "input"),
        ({"input": [{"role": "robot", "content": "x"}]}, "input[0].role"),
        ({"input": [{"type": "function_call_output", "output": "x"}]}, "input[0].call_id"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "input[0].type"),
        ({"text": {"format": {"type": "yaml"}}}, "text.format.type"),
    ],
)
def test_refusals(server: Server, change: Any, param: str) -> None:
    answer = httpx.post(f"{server.url}/v1/responses", json={"input": "hi", **change})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param


def test_unknown_ids(server: Server) -> None:
    for path in ("/v1/responses/nope", "/v1/responses/%00", "/v1/responses/" + "x" * 500):
        assert httpx.get(server.url + path).status_code == 404
    assert httpx.post(f"{server.url}/v1/responses/nope/cancel").status_code == 404
