"""HttpEngine against a server that misbehaves in every way seen in the wild."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from itertools import chain

import pytest

from zaohua.generate.collect import collect
from zaohua.generate.engine import EngineInfo
from zaohua.generate.events import Chunk, PromptProgress, ToolCallDelta, Usage
from zaohua.generate.failures import (
    ContextExceeded,
    EngineBusy,
    EngineFailed,
    ModelNotFound,
    RequestRefused,
)
from zaohua.generate.http_engine import HttpEngine
from zaohua.generate.request import (
    ChatRequest,
    CompletionRequest,
    Grammar,
    Message,
    Sampling,
    Tool,
    ToolCall,
)
from zaohua.generate.transport import (
    ConnectionLost,
    HttpxTransport,
    PlainTransport,
    transport_for,
)
from zaohua.generate.upstream_events import joined

from .streams import DONE, END, HEAD, ask, chunked, delta, event, refusal, reply


async def test_plain_answer_with_usage(upstream, openai_engine):
    usage = {
        "prompt_tokens": 7,
        "completion_tokens": 2,
        "prompt_tokens_details": {"cached_tokens": 3},
        "completion_tokens_details": None,
    }
    upstream.replies = [
        reply(
            delta(None, role="assistant"),
            delta("He"),
            delta("llo"),
            delta(reason="stop"),
            event(choices=[], usage=usage),
        )
    ]
    got = await collect(openai_engine.chat(ask()))
    assert got.text == "Hello"
    assert got.answers[0].finish_reason == "stop"
    assert got.usage == Usage(7, 2, 3)
    head, body = upstream.requests[0].split(b"\r\n\r\n", 1)
    sent = json.loads(body)
    assert head.startswith(b"POST /v1/chat/completions HTTP/1.1")
    assert b"authorization: Bearer k-1" in head
    assert sent["stream"] is True
    assert sent["stream_options"] == {"include_usage": True}
    assert "return_progress" not in sent


@pytest.mark.parametrize(("dialect", "tier"), [("zaohua", "flex"), ("openai", None)])
async def test_another_zaohua_is_told_of_batch_work(upstream, dialect, tier):
    upstream.replies += [reply(delta("x", reason="stop"))] * 2
    engine = HttpEngine(f"{upstream.url}/v1", EngineInfo("m", 0, 0, "server"), dialect=dialect)
    for batch in (True, False):
        await collect(engine.chat(ask(batch=batch)))
    await engine.aclose()
    bodies = [json.loads(sent.split(b"\r\n\r\n", 1)[1]) for sent in upstream.requests]
    assert [body.get("service_tier") for body in bodies] == [tier, None]


async def test_another_zaohua_tells_how_far_it_has_read(upstream):
    read = {"total": 90, "cache": 10, "processed": 40}
    upstream.replies = [
        reply(event(choices=[], prompt_progress=read), delta("Hi"), delta(reason="stop"))
    ]
    engine = HttpEngine(f"{upstream.url}/v1", EngineInfo("m", 0, 0, "server"), dialect="zaohua")
    events = [e async for e in engine.chat(ask())]
    await engine.aclose()
    assert events[0] == PromptProgress(90, 10, 40)
    assert json.loads(upstream.requests[0].split(b"\r\n\r\n", 1)[1])["return_progress"] is True


async def test_events_split_at_every_byte(upstream, openai_engine):
    data = (
        b": ping\n\n" + delta("你") + delta("好").replace(b"\n", b"\r\n") + delta(reason="length")
    )
    parts = [chunked(data[i : i + 1]) for i in range(len(data))]
    upstream.replies = [[HEAD, *parts, chunked(DONE), END]]
    got = await collect(openai_engine.chat(ask()))
    assert got.text == "你好"
    assert got.answers[0].finish_reason == "length"


async def test_character_broken_over_two_events(upstream, openai_engine):
    first = b'data: {"choices":[{"index":0,"delta":{"content":"a\xe4\xbd"}}]}\n\n'
    second = b'data: {"choices":[{"index":0,"delta":{"content":"\xa0b"}}]}\n\n'
    upstream.replies = [reply(first, second, delta(reason="stop"))]
    assert (await collect(openai_engine.chat(ask()))).text == "a你b"


async def test_body_without_length_ends_with_connection(upstream, openai_engine):
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
    upstream.replies = [[head, delta("x", reason="stop"), b"data: [DONE]"]]
    assert (await collect(openai_engine.chat(ask()))).text == "x"


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
async def test_reasoning_fields(upstream, openai_engine, field):
    upstream.replies = [reply(delta(**{field: "hm"}), delta("ok", reason="stop"))]
    answer = (await collect(openai_engine.chat(ask()))).answers[0]
    assert (answer.reasoning, answer.text) == ("hm", "ok")


async def test_tool_calls_named_once(upstream, openai_engine):
    def piece(arguments, index=0):
        call = {
            "index": index,
            "id": f"c{index}",
            "function": {"name": "f", "arguments": arguments},
        }
        return delta(tool_calls=[call])

    upstream.replies = [reply(piece('{"a"'), piece(":1}"), piece("{}", 1), delta(reason="stop"))]
    events = [e async for e in openai_engine.chat(ask(tools=(Tool("f"),)))]
    named = [d for e in events if isinstance(e, Chunk) for d in e.tool_calls if d.name]
    assert [(d.index, d.id, d.name) for d in named] == [(0, "c0", "f"), (1, "c1", "f")]
    upstream.replies = [reply(piece('{"a"'), piece(":1}"), delta(reason="stop"))]
    answer = (await collect(openai_engine.chat(ask(tools=(Tool("f"),))))).answers[0]
    assert answer.tool_calls == (ToolCall("c0", "f", '{"a":1}'),)
    assert answer.finish_reason == "tool_calls"


async def test_tool_call_without_index_or_id_and_with_object_arguments(upstream, openai_engine):
    call = {"function": {"name": "f", "arguments": {"a": 1}}}
    upstream.replies = [reply(delta(None, tool_calls=[call]), delta(reason="tool_calls"))]
    (found,) = (await collect(openai_engine.chat(ask(tools=(Tool("f"),))))).answers[0].tool_calls
    assert found.id.startswith("call_")
    assert json.loads(found.arguments) == {"a": 1}


async def test_bare_json_becomes_a_tool_call_but_plain_text_is_not_delayed(upstream, openai_engine):
    pieces = ['{"na', 'me": "f", "argu', 'ments": {"x": 1}}']
    upstream.replies = [reply(*map(delta, pieces), delta(reason="stop"))]
    answer = (await collect(openai_engine.chat(ask(tools=(Tool("f"),))))).answers[0]
    assert (answer.text, answer.finish_reason) == ("", "tool_calls")
    assert (answer.tool_calls[0].name, answer.tool_calls[0].arguments) == ("f", '{"x": 1}')
    parts = [[chunked(delta(text)), 0.1] for text in ("He", "llo")]
    upstream.replies = [[HEAD, *chain(*parts), *reply(delta(reason="stop"))[1:]]]
    events = [e async for e in openai_engine.chat(ask(tools=(Tool("f"),)))]
    assert [e.text for e in events if isinstance(e, Chunk)] == ["He", "llo", ""]


async def test_what_comes_close_together_is_taken_together(upstream, openai_engine):
    quick = [[chunked(delta(letter)), 0.003] for letter in "abcdefghijkl"]
    upstream.replies = [[HEAD, *chain(*quick), *reply(delta(reason="stop"))[1:]]]
    events = [e async for e in openai_engine.chat(ask())]
    texts = [e.text for e in events if isinstance(e, Chunk)]
    assert "".join(texts) == "abcdefghijkl"
    assert texts[0] == "a", "nobody waits for the first piece"
    assert len(texts) < 8


async def test_only_text_of_one_answer_is_joined():
    call, end = Chunk(0, tool_calls=(ToolCallDelta(0),)), Chunk(0, "!", finish_reason="stop")
    events = [Chunk(0, "a"), Chunk(0, "b"), Chunk(1, "c"), call, Chunk(0, "d"), end, Chunk(1, "e")]
    told = [Chunk(0, "ab"), Chunk(1, "c"), call, replace(end, text="d!"), Chunk(1, "e")]
    assert list(joined(events)) == told


async def test_what_came_before_an_error_is_told(upstream, openai_engine):
    said = event(error={"message": "boom", "code": 500, "type": "server_error"})
    upstream.replies = [[b"".join(reply(delta("x"), delta("y"), said))]]
    texts = []
    with pytest.raises(EngineFailed, match="boom"):
        async for told in openai_engine.chat(ask()):
            texts += [told.text] if isinstance(told, Chunk) else []
    assert "".join(texts) == "xy"


async def test_two_answers_interleaved(upstream, openai_engine):
    upstream.replies = [
        reply(
            delta("a", index=0),
            delta("b", index=1),
            delta(reason="stop", index=1),
            delta("c", index=0),
            delta(reason="length", index=0),
        )
    ]
    got = await collect(openai_engine.chat(ask(sampling=Sampling(n=2))))
    assert [(a.text, a.finish_reason) for a in got.answers] == [("ac", "length"), ("b", "stop")]


async def test_missing_finish_reason_is_made_up_after_done(upstream, openai_engine):
    upstream.replies = [reply(delta("x"))]
    assert (await collect(openai_engine.chat(ask()))).answers[0].finish_reason == "stop"


@pytest.mark.parametrize(
    "parts",
    [
        reply(delta("x"), done=False),
        reply(done=False),
        [HEAD, chunked(delta("x"))],
        [HEAD, b"5\r\nda"],
        [b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\ndata: "],
        [b""],
        [b"SSH-2.0-nonsense\r\n\r\n"],
        reply(b"data: {broken\n\n"),
        reply(delta("x", reason="error")),
    ],
    ids=["no done", "empty", "cut", "cut chunk", "short", "closed", "not http", "json", "error"],
)
async def test_broken_streams_fail(upstream, openai_engine, parts):
    upstream.replies = [parts]
    with pytest.raises(EngineFailed):
        await collect(openai_engine.chat(ask()))


async def test_nobody_listens():
    engine = HttpEngine("http://127.0.0.1:1/v1", EngineInfo("m", 0, 0, "openai"), key="secret-k")
    with pytest.raises(EngineFailed) as caught:
        await collect(engine.chat(ask()))
    assert "secret-k" not in caught.value.line()
    assert not await engine.alive()


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (400, {"error": {"code": 400, "type": "exceed_context_size_error", "message": "too long",
                         "n_prompt_tokens": 9, "n_ctx": 8}}, ContextExceeded),
        (400, {"object": "error", "message": "This model's maximum context length is 8 tokens. "
               "However, you requested 9 tokens", "code": 400}, ContextExceeded),
        (400, {"error": {"message": "m", "code": "context_length_exceeded"}}, ContextExceeded),
        (400, {"error": {"message": "bad grammar", "code": 400}}, RequestRefused),
        (400, {"error": "just text"}, RequestRefused),
        (422, {"detail": [{"msg": "x"}]}, RequestRefused),
        (404, {"error": {"message": "no model"}}, ModelNotFound),
        (503, {"error": {"message": "Loading model", "type": "unavailable_error"}}, EngineBusy),
        (429, b"slow down", EngineBusy),
        (401, {"error": {"message": "wrong key k-1"}}, EngineFailed),
        (500, b"<html>\xff", EngineFailed),
        (500, {"error": None}, EngineFailed),
        (302, b"", EngineFailed),
        (500, {"error": {"message": "x\n Error: Jinja Exception: roles must alternate",
                         "code": 500}}, RequestRefused),
    ],
)  # fmt: skip
async def test_error_statuses(upstream, openai_engine, status, body, failure):
    upstream.replies = [refusal(status, body, "retry-after: 7\r\n")]
    with pytest.raises(failure) as caught:
        await collect(openai_engine.chat(ask()))
    assert type(caught.value) is failure
    assert "k-1" not in caught.value.line()
    if isinstance(caught.value, EngineBusy):
        assert caught.value.retry_after == 7
    if isinstance(caught.value, ContextExceeded) and caught.value.prompt_tokens:
        assert (caught.value.prompt_tokens, caught.value.context_length) == (9, 8)


@pytest.mark.parametrize(
    "said",
    [
        event(error={"message": "boom", "code": 500, "type": "server_error"}),
        b'error: {"message":"boom","code":500}\n\n',
        event(object="error", message="boom", code=500),
    ],
)
async def test_error_inside_a_started_stream(upstream, openai_engine, said):
    upstream.replies = [reply(delta("x"), said)]
    with pytest.raises(EngineFailed, match="boom"):
        await collect(openai_engine.chat(ask()))


async def test_closing_the_answer_closes_the_connection(upstream, openai_engine):
    upstream.replies = [[HEAD, chunked(delta("x")), 20.0]]
    answer = openai_engine.chat(ask())
    async for _ in answer:
        break
    await answer.aclose()
    await asyncio.wait_for(upstream.closed_early.wait(), 1)


async def test_cancelling_before_the_first_byte_closes_the_connection(upstream, openai_engine):
    upstream.replies = [[20.0]]
    task = asyncio.create_task(collect(openai_engine.chat(ask())))
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.wait_for(upstream.closed_early.wait(), 1)


async def test_llamacpp_progress_and_usage_of_each_answer(upstream):
    engine = HttpEngine(upstream.url, EngineInfo("m", 99, 4, "llamacpp"), dialect="llamacpp")
    progress = {"total": 5, "cache": 1, "processed": 3, "time_ms": 1}
    usage = {"prompt_tokens": 5, "completion_tokens": 2}
    upstream.replies = [
        reply(
            event(choices=[{"index": 0, "delta": {"content": None}}], prompt_progress=progress),
            delta("x", index=0, reason="stop"),
            delta("y", index=1, reason="stop"),
            event(choices=[], usage=usage, timings={"prompt_ms": 3, "predicted_ms": 4}),
            event(choices=[], usage=usage, timings={"prompt_ms": 2, "predicted_ms": 5}),
        )
    ]
    events = [e async for e in engine.chat(ask(sampling=Sampling(n=2)))]
    assert events[0] == PromptProgress(5, 1, 3)
    assert events[-1].usage == Usage(5, 4)
    assert (events[-1].timings.prompt_ms, events[-1].timings.decode_ms) == (3, 5)
    assert upstream.requests[0].startswith(b"POST /v1/chat/completions")
    assert json.loads(upstream.requests[0].split(b"\r\n\r\n", 1)[1])["return_progress"] is True


async def test_old_completion_logprobs(upstream, openai_engine):
    logprobs = {"tokens": ["a"], "token_logprobs": [-0.5], "top_logprobs": [{"a": -0.5, "b": -2}]}
    choice = {"index": 0, "text": "a", "logprobs": logprobs, "finish_reason": "length"}
    upstream.replies = [reply(event(choices=[choice]))]
    request = CompletionRequest("x", Sampling(logprobs=True, top_logprobs=2))
    answer = (await collect(openai_engine.complete(request))).answers[0]
    assert (answer.text, answer.logprobs[0].logprob) == ("a", -0.5)
    assert [t.token for t in answer.logprobs[0].top] == ["a", "b"]


async def test_lone_surrogates_are_sent_as_replacement(upstream, openai_engine):
    upstream.replies = [reply(delta("x", reason="stop"))]
    await collect(openai_engine.chat(ask("a\ud800b")))
    assert (
        json.loads(upstream.requests[0].split(b"\r\n\r\n", 1)[1])["messages"][0]["content"]
        == "a\ufffdb"
    )


async def test_what_a_plain_server_cannot_do_is_refused(openai_engine):
    for call in (openai_engine.tokenize("x"), openai_engine.detokenize([1]),
                 openai_engine.count_tokens(ask())):  # fmt: skip
        with pytest.raises(RequestRefused):
            await call
    with pytest.raises(RequestRefused):
        await collect(openai_engine.chat(ask(grammar=Grammar("regex", "a"))))
    with pytest.raises(RequestRefused):
        await collect(openai_engine.chat(ask(sampling=Sampling(temperature=-1))))


async def test_media_and_tool_messages_in_the_body(upstream, openai_engine):
    upstream.replies = [reply(delta("x", reason="stop"))]
    picture = {"type": "image_url", "image_url": {"url": "data:,"}}
    messages = (
        Message("user", "look", media=(picture,)),
        Message("assistant", reasoning="hm", tool_calls=(ToolCall("c", "f", "{}"),)),
        Message("tool", "42", tool_call_id="c", name="f"),
    )
    await collect(openai_engine.chat(ChatRequest(messages)))
    sent = json.loads(upstream.requests[0].split(b"\r\n\r\n", 1)[1])["messages"]
    assert sent[0]["content"] == [{"type": "text", "text": "look"}, picture]
    assert sent[1]["content"] is None
    assert "reasoning_content" not in sent[1]
    assert sent[2]["tool_call_id"] == "c"


async def test_no_messages(openai_engine):
    with pytest.raises(RequestRefused, match="message"):
        await collect(openai_engine.chat(ChatRequest(())))


async def test_transport_for_tls_reads_streams_and_notices_breaks(upstream):
    transport = HttpxTransport(upstream.url, "k-1")
    upstream.replies = [reply(delta("x")), [HEAD, chunked(b"a"), b"5\r\nb"]]
    async with transport.send("POST", "/v1/chat/completions", b"{}") as response:
        assert response.status == 200
        assert (await response.read()).endswith(DONE)
    assert b"authorization: bearer k-1" in upstream.requests[0].lower()
    with pytest.raises(ConnectionLost):
        async with transport.send("POST", "/", b"{}") as response:
            await response.read()
    await transport.aclose()
    gone = HttpxTransport("http://127.0.0.1:1")
    with pytest.raises(ConnectionLost):
        async with gone.send("GET", "/"):
            pass
    await gone.aclose()
    assert isinstance(transport_for("https://example.org/v1"), HttpxTransport)
    assert isinstance(transport_for("http://[::1]:80/v1"), PlainTransport)


async def test_a_response_without_end_is_not_kept(upstream):
    transport = PlainTransport(upstream.url)
    upstream.replies = [reply(b"x" * 1000), reply(b"x")]
    with pytest.raises(ConnectionLost, match="too long"):
        async with transport.send("GET", "/") as response:
            await response.read(limit=500)


async def test_a_grammar_that_cannot_be_read_is_named(upstream, openai_engine):
    upstream.replies = [
        refusal(
            400, {"error": {"message": "Failed to initialize samplers: failed to parse grammar"}}
        )
    ]
    with pytest.raises(RequestRefused, match="cannot read this grammar") as caught:
        await collect(openai_engine.chat(ask()))
    assert caught.value.param == "grammar"
