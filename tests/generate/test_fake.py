"""The fake engine keeps the engine protocol, so that tests above it mean something."""

from __future__ import annotations

import asyncio
import json
import time

import jsonschema
import pytest

from zaohua.generate.collect import collect
from zaohua.generate.events import Chunk, Finished, PromptProgress
from zaohua.generate.failures import (
    ContextExceeded,
    EngineBusy,
    EngineFailed,
    ModelNotFound,
    RequestRefused,
)
from zaohua.generate.fake import FakeEngine, FakeModels
from zaohua.generate.request import (
    ChatRequest,
    CompletionRequest,
    Grammar,
    Message,
    Sampling,
    Tool,
    ToolChoice,
)
from zaohua.generate.schema_instance import minimal_instance

from .streams import ask

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 2},
        "kind": {"enum": ["a", "b"]},
        "age": {"type": "integer", "minimum": 3},
        "low": {"type": "number", "exclusiveMaximum": -2},
        "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}, "minItems": 2},
        "either": {"anyOf": [{"type": "null"}, {"type": "string"}]},
        "both": {"allOf": [{"type": "object"}, {"required": ["q"]}]},
    },
    "required": ["name", "kind", "age", "low", "tags", "either", "both"],
    "$defs": {"tag": {"type": "boolean"}},
}


async def answer(engine, text, **more):
    return (await collect(engine.chat(ask(text, **more)))).answers[0]


async def test_order_of_events():
    engine = FakeEngine()
    events = [e async for e in engine.chat(ask("hello there"))]
    kinds = [type(e) for e in events]
    assert kinds[0] is PromptProgress
    assert kinds[-1] is Finished
    assert kinds == sorted(kinds, key=[PromptProgress, Chunk, Finished].index)
    pieces = [e for e in events if isinstance(e, Chunk)]
    assert [p.finish_reason for p in pieces if p.finish_reason] == ["stop"]
    assert events[-1].usage.completion_tokens == len(pieces) - 1
    assert events[-1].usage.prompt_tokens == await engine.count_tokens(ask("hello there"))


async def test_same_request_same_text_other_seed_other_text():
    engine = FakeEngine()
    assert (await answer(engine, "hi")).text == (await answer(engine, "hi")).text
    texts = {(await answer(engine, "hi", sampling=Sampling(seed=s))).text for s in range(8)}
    assert len(texts) > 1
    assert (await answer(engine, "如何做好时间管理？")).text.endswith("如何做好时间管理？")


async def test_limits_and_stops():
    engine = FakeEngine(context_length=50)
    cut = await answer(engine, "[[words 30]]", sampling=Sampling(max_tokens=3))
    assert (len(cut.text.split()), cut.finish_reason) == (3, "length")
    stopped = await answer(engine, "[[say one two three]]", sampling=Sampling(stop=(" two",)))
    assert (stopped.text, stopped.finish_reason) == ("one", "stop")
    with pytest.raises(ContextExceeded):
        await answer(engine, "word " * 60)
    assert (await answer(engine, "[[words 200]]")).finish_reason == "length"
    with pytest.raises(RequestRefused):
        await answer(engine, "x", sampling=Sampling(temperature=-1))


async def test_several_answers_logprobs_and_reasoning():
    engine = FakeEngine()
    sampling = Sampling(n=3, logprobs=True, top_logprobs=2, seed=1)
    got = await collect(engine.chat(ask("hi [[reason]]", sampling=sampling)))
    assert [a.index for a in got.answers] == [0, 1, 2]
    for one in got.answers:
        assert one.reasoning
        assert "".join(t.token for t in one.logprobs) == one.text
        assert all(len(t.top) == 2 for t in one.logprobs)


async def test_tools():
    engine = FakeEngine()
    tool = Tool("f", parameters=SCHEMA)
    called = await answer(engine, "x", tools=(tool,), tool_choice=ToolChoice("required"))
    assert called.finish_reason == "tool_calls"
    jsonschema.validate(json.loads(called.tool_calls[0].arguments), SCHEMA)
    asked = await answer(engine, "[[tool]]", tools=(tool,))
    assert asked.tool_calls[0].name == "f"
    assert not (await answer(engine, "x", tools=(tool,))).tool_calls
    never = ToolChoice("none")
    assert not (await answer(engine, "[[tool]]", tools=(tool,), tool_choice=never)).tool_calls
    messages = (Message("user", "[[tool]]"), Message("assistant"), Message("tool", "42"))
    after = await collect(engine.chat(ChatRequest(messages, tools=(tool,))))
    assert after.text == "The tool says: 42"
    with pytest.raises(RequestRefused):
        await answer(engine, "x", tools=(tool,), tool_choice=ToolChoice("required", "g"))


async def test_grammars():
    engine = FakeEngine()
    found = json.loads((await answer(engine, "x", grammar=Grammar("json_schema", SCHEMA))).text)
    jsonschema.validate(found, SCHEMA)
    assert (await answer(engine, "x", grammar=Grammar("json"))).text == "{}"
    assert (await answer(engine, "x", grammar=Grammar("gbnf", 'root ::= "yes"'))).text == "yes"
    with pytest.raises(RequestRefused):
        await answer(engine, "x", grammar=Grammar("regex", "a"))


async def test_scripted_failures():
    engine = FakeEngine()
    pieces = []
    with pytest.raises(EngineFailed):
        async for event in engine.chat(ask("[[words 20]] [[fail after 5]]")):
            pieces.append(event)
    assert sum(isinstance(p, Chunk) for p in pieces) == 5
    with pytest.raises(EngineFailed):
        await answer(engine, "[[fail]]")
    with pytest.raises(EngineBusy):
        await answer(engine, "[[busy]]")
    assert (engine.failed, engine.open) == (3, 0)


async def test_cancelled_requests_are_counted():
    engine = FakeEngine()
    stream = engine.chat(ask("[[slow 5]] x"))
    async for _ in stream:
        break
    assert engine.open == 1
    await stream.aclose()
    task = asyncio.create_task(answer(engine, "[[slow 5]] x"))
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (engine.open, engine.cancelled, engine.finished) == (0, 2, 0)


async def test_delays():
    engine = FakeEngine(delay=0.02)
    begun = time.monotonic()
    await answer(engine, "[[words 5]]")
    assert time.monotonic() - begun >= 0.1


async def test_second_turn_is_cached():
    engine = FakeEngine()
    first = (Message("user", "a long story about a mill"),)
    got = await collect(engine.chat(ChatRequest(first)))
    more = (*first, Message("assistant", got.text), Message("user", "go on"))
    again = await collect(engine.chat(ChatRequest(more)))
    assert again.usage.cached_tokens >= got.usage.prompt_tokens - 1


async def test_tokens_and_completion_and_score():
    engine = FakeEngine()
    text = "Hello, 世界 \n x"
    tokens = await engine.tokenize(text)
    assert await engine.detokenize(tokens) == text
    with pytest.raises(RequestRefused):
        await engine.detokenize([2**40])
    got = await collect(engine.complete(CompletionRequest(tuple(tokens))))
    assert "Hello" in got.text
    scored = [t async for t in engine.score(ask("x"), "one two", 3)]
    assert "".join(t.token for t in scored) == "one two"


async def test_models():
    models = FakeModels()
    assert [m.name for m in models.list()] == ["fake", "fake-2"]
    async with models.use() as engine:
        assert engine.info.model == models.default == "fake"
    with pytest.raises(ModelNotFound):
        async with models.use("other"):
            pass
    await models.aclose()
    assert not await engine.alive()


def test_recursive_schema_ends():
    schema = {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}
    assert minimal_instance(schema)["a"]["a"]
    assert minimal_instance(True) is None
    assert minimal_instance({"$ref": "#/nowhere"}) is None
