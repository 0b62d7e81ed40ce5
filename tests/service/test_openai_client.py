"""The real `openai` package against the server; every chunk is checked by its pydantic models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.completion import Completion
from pydantic import BaseModel

from zaohua.service.openai.chat_completions.shapes import ChatCompletionRequest
from zaohua.service.openai.sampling import sampling_of

from .conftest import Server

TOOLS: Any = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Weather of a city",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
]


def ask(text: str) -> Any:
    return [{"role": "user", "content": text}]


@pytest.fixture
def client(server: Server) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="any", max_retries=0) as made:
        yield made


def test_chat(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="fake", messages=ask("[[say 你好]]"))
    ChatCompletion.model_validate(answer.model_dump(), strict=True)
    assert answer.choices[0].message.content == "你好"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.prompt_tokens_details is not None


def test_progress_of_reading_comes_only_where_it_is_asked_for(client: openai.OpenAI) -> None:
    def told(**extra: Any) -> list[dict[str, int]]:
        stream = client.chat.completions.create(
            model="fake", messages=ask("[[prompt 0.3]] [[say 好]]"), stream=True, extra_body=extra
        )
        return [c.prompt_progress for c in stream if hasattr(c, "prompt_progress")]  # type: ignore[attr-defined]

    assert told() == []
    progress = told(return_progress=True)
    assert progress
    assert all(set(p) == {"total", "cache", "processed"} for p in progress)
    assert progress[-1]["processed"] <= progress[-1]["total"]


@pytest.mark.parametrize("name", ["repeat_penalty", "repetition_penalty"])
def test_both_names_of_the_repetition_penalty_are_taken(client: openai.OpenAI, name: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="fake", messages=ask("x"), extra_body={name: 1000})
    assert caught.value.param == name
    body = ChatCompletionRequest.model_validate({"messages": ask("x"), name: 1.5})
    assert sampling_of(body, None, None).repeat_penalty == 1.5


def test_chat_with_every_null(client: openai.OpenAI) -> None:
    nulls = dict.fromkeys(
        ("max_tokens", "max_completion_tokens", "temperature", "top_p", "n", "stop", "seed",
         "stream", "stream_options", "presence_penalty", "frequency_penalty", "logit_bias",
         "logprobs", "top_logprobs", "response_format", "tools", "tool_choice", "user",
         "parallel_tool_calls", "reasoning_effort", "metadata", "store", "service_tier")
    )  # fmt: skip
    answer = client.chat.completions.create(
        model="fake",
        messages=[{"role": "user", "content": "[[say ok]]", "name": None, "cache_control": {}}],  # type: ignore[typeddict-item,typeddict-unknown-key]
        extra_body={**nulls, "unheard_of": {"x": 1}},
    )
    assert answer.choices[0].message.content == "ok"


def test_stream(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="fake",
        messages=ask("[[words 20]] [[reason]]"),
        stream=True,
        stream_options={"include_usage": True},
        logprobs=True,
        top_logprobs=3,
    )
    chunks = list(stream)
    for chunk in chunks:
        ChatCompletionChunk.model_validate(chunk.model_dump(), strict=True)
    assert len({(c.id, c.created, c.model, c.system_fingerprint) for c in chunks}) == 1
    first, *middle, last, usage = chunks
    assert first.choices[0].delta.role == "assistant"
    assert first.choices[0].delta.content == ""
    assert all(c.choices[0].delta.role is None for c in middle)
    assert last.choices[0].finish_reason == "stop"
    assert last.choices[0].delta.model_dump(exclude_none=True) == {}
    assert not usage.choices
    assert usage.usage
    assert all(c.usage is None and "usage" in c.model_fields_set for c in chunks[:-1])
    spoken = [c.choices[0] for c in middle if c.choices[0].delta.content]
    assert all(c.logprobs and c.logprobs.content for c in spoken)
    probabilities = spoken[0].logprobs
    assert probabilities
    assert probabilities.content
    assert probabilities.content[0].bytes == list(str(spoken[0].delta.content).encode())
    assert len(probabilities.content[0].top_logprobs) == 3
    thought = [c.choices[0].delta.model_extra or {} for c in middle]
    assert "".join(t.get("reasoning_content") or "" for t in thought)
    assert all(t.get("reasoning_content") == t.get("reasoning") for t in thought)


def test_stream_and_whole_say_the_same(client: openai.OpenAI) -> None:
    request: Any = {"model": "fake", "messages": ask("same?"), "seed": 7, "n": 3}
    whole = client.chat.completions.create(**request)
    texts = {0: "", 1: "", 2: ""}
    for chunk in client.chat.completions.create(**request, stream=True):
        assert chunk.usage is None
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
    assert [choice.message.content for choice in whole.choices] == list(texts.values())


def test_tools(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="fake", messages=ask("weather?"), tools=TOOLS, tool_choice="required"
    )
    message = answer.choices[0].message
    assert answer.choices[0].finish_reason == "tool_calls"
    assert message.content is None
    assert message.tool_calls
    call = message.tool_calls[0]
    assert call.type == "function"
    assert call.function.name == "get_weather"
    assert "city" in json.loads(call.function.arguments)
    follow: Any = [
        *ask("weather?"),
        message.model_dump(),
        {"role": "tool", "tool_call_id": call.id, "content": "sunny"},
    ]
    after = client.chat.completions.create(model="fake", messages=follow, tools=TOOLS)
    assert "sunny" in (after.choices[0].message.content or "")


def test_streamed_tools_name_the_function_once(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(
        model="fake", messages=ask("weather?"), tools=TOOLS, tool_choice="required"
    ) as stream:
        names = [
            call.function.name
            for event in stream
            if event.type == "chunk"
            for choice in event.chunk.choices
            for call in choice.delta.tool_calls or ()
            if call.function and call.function.name
        ]
        message = stream.get_final_completion().choices[0].message
    assert names == ["get_weather"]
    assert message.tool_calls
    assert json.loads(message.tool_calls[0].function.arguments)


def test_named_tool_and_old_functions(client: openai.OpenAI) -> None:
    old = client.chat.completions.create(
        model="fake",
        messages=ask("weather?"),
        functions=[TOOLS[0]["function"]],
        function_call={"name": "get_weather"},
    )
    assert old.choices[0].finish_reason == "function_call"
    assert old.choices[0].message.function_call
    assert old.choices[0].message.function_call.name == "get_weather"


class Plan(BaseModel):
    title: str
    hours: int


def test_json_schema(client: openai.OpenAI) -> None:
    parsed = client.chat.completions.parse(
        model="fake", messages=ask("a plan"), response_format=Plan
    )
    assert isinstance(parsed.choices[0].message.parsed, Plan)


def test_completions(client: openai.OpenAI) -> None:
    one = client.completions.create(model="fake", prompt="Once", echo=True)
    Completion.model_validate(one.model_dump(), strict=True)
    assert one.choices[0].text.startswith("Once")
    many = client.completions.create(model="fake", prompt=["a", "b"], n=2, logprobs=2)
    assert [choice.index for choice in many.choices] == [0, 1, 2, 3]
    logprobs = many.choices[0].logprobs
    assert logprobs
    assert logprobs.tokens
    assert (
        len(logprobs.tokens)
        == len(logprobs.token_logprobs or ())
        == len(logprobs.text_offset or ())
    )
    texts = {0: "", 1: ""}
    for chunk in client.completions.create(model="fake", prompt=["a", "b"], stream=True):
        for choice in chunk.choices:
            texts[choice.index] += choice.text
    assert all(texts.values())


def test_completion_of_tokens(client: openai.OpenAI, server: Server) -> None:
    tokens = httpx.post(f"{server.url}/tokenize", json={"content": "Once upon"}).json()
    assert tokens["count"] == len(tokens["tokens"])
    answer = client.completions.create(model="fake", prompt=tokens["tokens"], echo=True)
    assert answer.choices[0].text.startswith("Once upon")


def test_embeddings(client: openai.OpenAI) -> None:
    packed = client.embeddings.create(model="hash-embedder", input=["a", "b"])
    plain = client.embeddings.create(
        model="hash-embedder", input=["a", "b"], encoding_format="float"
    )
    for left, right in zip(packed.data, plain.data, strict=True):
        assert left.embedding == pytest.approx(right.embedding, abs=1e-6)
    short = client.embeddings.create(model="hash-embedder", input="a", dimensions=4)
    assert len(short.data[0].embedding) == 4
    assert sum(x * x for x in short.data[0].embedding) == pytest.approx(1, abs=1e-5)
    with pytest.raises(openai.BadRequestError) as caught:
        client.embeddings.create(model="hash-embedder", input="a", dimensions=1000)
    assert caught.value.param == "dimensions"


def test_embedding_of_tokens_is_that_of_their_text(client: openai.OpenAI, server: Server) -> None:
    tokens = httpx.post(f"{server.url}/tokenize", json={"content": "plan"}).json()["tokens"]
    by_tokens = client.embeddings.create(model="hash-embedder", input=[tokens])
    by_text = client.embeddings.create(model="hash-embedder", input="plan")
    assert by_tokens.data[0].embedding == by_text.data[0].embedding


def test_models(client: openai.OpenAI) -> None:
    ids = [model.id for model in client.models.list()]
    assert ids[0] == "fake"
    assert "hash-embedder" in ids
    assert client.models.retrieve("fake-2").owned_by == "zaohua"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("owner/name:tag")


@pytest.mark.parametrize(
    ("change", "error", "code", "param"),
    [
        ({"model": "gpt-9"}, openai.NotFoundError, "model_not_found", "model"),
        ({"temperature": 9}, openai.BadRequestError, "invalid_value", "temperature"),
        ({"max_tokens": -5}, openai.BadRequestError, "invalid_value", "max_tokens"),
        ({"modalities": ["audio"]}, openai.BadRequestError, "unsupported_parameter", "modalities"),
        ({"messages": ask("[[busy]]")}, openai.InternalServerError, "engine_busy", None),
        ({"messages": ask("[[fail]]")}, openai.InternalServerError, "engine_failed", None),
        (
            {"messages": ask("word " * 9000)},
            openai.BadRequestError,
            "context_length_exceeded",
            "messages",
        ),
    ],
)
def test_errors(
    client: openai.OpenAI, change: Any, error: type[openai.APIStatusError], code: str, param: str
) -> None:
    for stream in (False, True):
        with pytest.raises(error) as caught:
            client.chat.completions.create(
                **{"model": "fake", "messages": ask("hi"), "stream": stream, **change}
            )
        assert caught.value.code == code
        assert caught.value.param == param


def test_error_within_a_stream(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="fake", messages=ask("[[words 50]] [[fail after 5]]"), stream=True
    )
    text = ""
    with pytest.raises(openai.APIError, match="failed"):
        for chunk in stream:
            text += chunk.choices[0].delta.content or ""
    assert text


async def test_async(server: Server) -> None:
    async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="any") as client:
        stream = await client.chat.completions.create(
            model="fake", messages=ask("[[say 你好]]"), stream=True
        )
        text = "".join([c.choices[0].delta.content or "" async for c in stream])
        assert text == "你好"
        vectors = await client.embeddings.create(model="hash-embedder", input="a")
        assert len(vectors.data[0].embedding) == 16
        parsed = await client.chat.completions.parse(
            model="fake", messages=ask("a plan"), response_format=Plan
        )
        assert parsed.choices[0].message.parsed


def test_unknown_key_is_taken_unless_it_looks_like_ours(server: Server) -> None:
    bad = openai.OpenAI(base_url=f"{server.url}/v1", api_key="zao-wrong", max_retries=0)
    with bad, pytest.raises(openai.AuthenticationError):
        bad.models.list()
