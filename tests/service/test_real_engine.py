"""The real clients against the real engine, with the smallest model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest
from pydantic import BaseModel

from zaohua.generate.pool import open_models
from zaohua.settings import Settings
from zaohua.store.models import InstalledModel

from .conftest import Server, services_with, serving

TOOL: Any = {
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


@pytest.fixture(scope="module")
def real(
    model_home: Path, test_model: InstalledModel, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    database = tmp_path_factory.mktemp("real") / "real.db"
    settings = Settings(
        home=model_home,
        model=test_model.name,
        database_url=f"sqlite:///{database}",
        context_length=1024,
        slots=2,
    )
    with serving(services_with(settings, open_models(settings))) as running:
        yield running


@pytest.fixture
def client(real: Server) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=f"{real.url}/v1", api_key="any", max_retries=0, timeout=120
    ) as made:
        yield made


def ask(text: str) -> Any:
    return [{"role": "user", "content": text}]


def test_stream_with_usage_and_logprobs(client: openai.OpenAI, test_model: InstalledModel) -> None:
    stream = client.chat.completions.create(
        model=test_model.name,
        messages=ask("Say hello."),
        stream=True,
        stream_options={"include_usage": True},
        temperature=0,
        max_tokens=16,
        logprobs=True,
        top_logprobs=2,
    )
    chunks = list(stream)
    said = [c.choices[0] for c in chunks if c.choices and c.choices[0].delta.content]
    assert said
    assert all(c.logprobs and c.logprobs.content for c in said)
    usage = chunks[-1].usage
    assert usage
    assert 0 < usage.completion_tokens <= 16
    assert usage.prompt_tokens > 5


def test_tools_required(client: openai.OpenAI, test_model: InstalledModel) -> None:
    with client.chat.completions.stream(
        model=test_model.name,
        messages=ask("What is the weather in Paris?"),
        tools=[TOOL],
        tool_choice="required",
        temperature=0,
        max_tokens=200,
    ) as stream:
        for _ in stream:
            pass
        choice = stream.get_final_completion().choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.tool_calls
    call = choice.message.tool_calls[0].function
    assert call.name == "get_weather"
    assert isinstance(json.loads(call.arguments)["city"], str)


class Plan(BaseModel):
    title: str
    hours: int


def test_json_schema(client: openai.OpenAI, test_model: InstalledModel) -> None:
    parsed = client.chat.completions.parse(
        model=test_model.name,
        messages=ask("Make a short plan as JSON with a title and a number of hours."),
        response_format=Plan,
        temperature=0,
        max_tokens=200,
    )
    assert isinstance(parsed.choices[0].message.parsed, Plan)


def test_regex(client: openai.OpenAI, test_model: InstalledModel) -> None:
    answer = client.chat.completions.create(
        model=test_model.name,
        messages=ask("When?"),
        extra_body={"regex": "[0-9]{4}-[0-9]{2}"},
        max_tokens=20,
    )
    text = answer.choices[0].message.content or ""
    assert len(text) == 7
    assert text[:4].isdigit()


def test_too_long(client: openai.OpenAI, test_model: InstalledModel) -> None:
    for stream in (True, False):
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(
                model=test_model.name, messages=ask("word " * 3000), stream=stream
            )
        assert caught.value.code == "context_length_exceeded"


def test_the_other_endpoints(
    client: openai.OpenAI, real: Server, test_model: InstalledModel
) -> None:
    text = client.completions.create(
        model=test_model.name, prompt="Once upon a", max_tokens=4, echo=True
    )
    assert text.choices[0].text.startswith("Once upon a")
    response = client.responses.create(
        model=test_model.name, input="Say hello.", max_output_tokens=8
    )
    assert response.usage
    assert response.output_text
    with anthropic.Anthropic(base_url=real.url, api_key="any", max_retries=0) as claude:
        message = claude.messages.create(
            model=test_model.name, max_tokens=8, messages=ask("Say hello.")
        )
        assert message.usage.output_tokens > 0
