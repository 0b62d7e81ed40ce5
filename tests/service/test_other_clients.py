"""langchain-openai, litellm and llm against the server, as their users would set them up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from .conftest import Server


class Plan(BaseModel):
    """A plan."""

    title: str
    hours: int


def test_langchain(server: Server) -> None:
    from langchain_core.tools import tool
    from langchain_openai import ChatOpenAI, OpenAIEmbeddings

    @tool
    def get_weather(city: str) -> str:
        """Weather of a city."""
        return f"sunny in {city}"

    base = f"{server.url}/v1"
    chat = ChatOpenAI(model="fake", base_url=base, api_key="any", max_retries=0, stream_usage=True)  # type: ignore[arg-type]
    assert chat.invoke("[[say 你好]]").content == "你好"
    chunks = list(chat.stream("[[words 5]]"))
    assert "".join(str(chunk.content) for chunk in chunks)
    assert any(chunk.usage_metadata for chunk in chunks)
    called = chat.bind_tools([get_weather], tool_choice="any").invoke("weather?")
    assert called.tool_calls[0]["name"] == "get_weather"  # type: ignore[union-attr]
    assert isinstance(chat.with_structured_output(Plan).invoke("a plan"), Plan)
    vectors = OpenAIEmbeddings(
        model="hash-embedder",
        base_url=base,
        api_key="any",
        check_embedding_ctx_length=False,  # type: ignore[arg-type]
    ).embed_documents(["a", "b"])
    assert len(vectors) == 2
    assert len(vectors[0]) == 16


def test_langchain_responses(server: Server) -> None:
    from langchain_openai import ChatOpenAI

    chat = ChatOpenAI(
        model="fake",
        base_url=f"{server.url}/v1",
        api_key="any",
        use_responses_api=True,  # type: ignore[arg-type]
    )
    assert chat.invoke("[[say 你好]]").text == "你好"
    assert "".join(chunk.text for chunk in chat.stream("[[say 你好]]")) == "你好"


@pytest.fixture
def litellm(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    import litellm as module

    return module


def test_litellm(server: Server, litellm: Any) -> None:
    base = {"api_base": f"{server.url}/v1", "api_key": "any"}
    ask = [{"role": "user", "content": "[[say 你好]]"}]
    answer = litellm.completion(model="openai/fake", messages=ask, **base)
    assert answer.choices[0].message.content == "你好"
    stream = litellm.completion(
        model="openai/fake",
        messages=ask,
        stream=True,
        stream_options={"include_usage": True},
        **base,
    )
    chunks = list(stream)
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "你好"
    assert any(getattr(chunk, "usage", None) for chunk in chunks)
    with pytest.raises(litellm.NotFoundError):
        litellm.completion(model="openai/nope", messages=ask, max_retries=0, **base)
    with pytest.raises(litellm.ContextWindowExceededError):
        long = [{"role": "user", "content": "word " * 9000}]
        litellm.completion(model="openai/fake", messages=long, max_retries=0, **base)


def test_litellm_speaks_anthropic(server: Server, litellm: Any) -> None:
    answer = litellm.completion(
        model="anthropic/fake",
        messages=[{"role": "user", "content": "[[say 你好]]"}],
        api_base=server.url,
        api_key="any",
    )
    assert answer.choices[0].message.content == "你好"


def run_llm(home: Path, *arguments: str, **given: Any) -> str:
    environment = {**os.environ, "LLM_USER_PATH": str(home), "LLM_LOAD_PLUGINS": ""}
    done = subprocess.run(
        [sys.executable, "-m", "llm", *arguments],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        **given,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_llm(server: Server, tmp_path: Path) -> None:
    (tmp_path / "extra-openai-models.yaml").write_text(
        f"- model_id: mine\n  model_name: fake\n  api_base: {server.url}/v1\n"
        "  api_key_name: mine\n  supports_schema: true\n  supports_tools: true\n"
    )
    ask = ("prompt", "-m", "mine", "--key", "any")
    assert run_llm(tmp_path, *ask, "[[say 你好]]").strip() == "你好"
    plan = run_llm(tmp_path, *ask, "--schema", "title, hours int", "a plan")
    assert set(json.loads(plan)) == {"title", "hours"}
