"""A server on loopback with the endpoints of llama.cpp's that `http_engine` uses."""

from __future__ import annotations

import asyncio
import hmac
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, cast

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from zaohua.generate.pipeline.answers import Question, answer
from zaohua.generate.pipeline.model import Model

Endpoint = Callable[[Request], Awaitable[Response]]


class Server:
    """Serves ``model`` in threads of its own, to who knows ``key``."""

    def __init__(self, model: Model, key: str) -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        self.listening_address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            _app(model, key), log_level="error", access_log=False, lifespan="off"
        )
        server = uvicorn.Server(config)
        run: Callable[[], None] = lambda: server.run([listening])  # noqa: E731
        threading.Thread(target=run, name="pipeline-server", daemon=True).start()


def _app(model: Model, key: str) -> Starlette:
    async def health(request: Request) -> Response:
        return _json({"status": "ok"})

    async def tokenize(request: Request) -> Response:
        body = await _body(request)
        tokens = await asyncio.to_thread(
            model.encode,
            body["content"],
            ends=bool(body.get("add_special")),
            control=bool(body.get("parse_special")),
        )
        return _json({"tokens": tokens})

    async def detokenize(request: Request) -> Response:
        body = await _body(request)
        raw = b"".join(map(model.bytes_of, body["tokens"]))
        return _json({"content": raw.decode("utf-8", "replace")})

    async def apply_template(request: Request) -> Response:
        return _json({"prompt": model.render(await _body(request))})

    async def chat(request: Request) -> Response:
        body = await _body(request)
        return _stream(model, await asyncio.to_thread(Question.of_chat, model, body))

    async def complete(request: Request) -> Response:
        body = await _body(request)
        return _stream(model, await asyncio.to_thread(Question.of_text, model, body))

    routes = [
        Route("/health", _guarded(health, key)),
        Route("/tokenize", _guarded(tokenize, key), methods=["POST"]),
        Route("/detokenize", _guarded(detokenize, key), methods=["POST"]),
        Route("/apply-template", _guarded(apply_template, key), methods=["POST"]),
        Route("/v1/chat/completions", _guarded(chat, key), methods=["POST"]),
        Route("/v1/completions", _guarded(complete, key), methods=["POST"]),
    ]
    return Starlette(routes=routes)


def _guarded(endpoint: Endpoint, key: str) -> Endpoint:
    """Only for who knows the key; what the model says of a request is the request's fault."""

    async def guarded(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {key}".encode()):
            return _json({"error": {"message": "wrong key"}}, 401)
        try:
            return await endpoint(request)
        except (ValueError, RuntimeError, KeyError, TypeError) as error:
            return _json({"error": _refusal(error)}, 400)

    return guarded


def _stream(model: Model, asked: Question) -> Response:
    length, most = len(asked.tokens), model.limits.context
    if length >= most:
        told = {"type": "exceed_context_size_error", "n_prompt_tokens": length, "n_ctx": most}
        return _json({"error": {**told, "message": "the prompt does not fit"}}, 400)
    return StreamingResponse(_events(model, asked), media_type="text/event-stream")


async def _events(model: Model, asked: Question) -> AsyncIterator[bytes]:
    try:
        async with aclosing(cast("Any", answer(model, asked))) as pieces:
            async for piece in pieces:
                yield b"data: " + orjson.dumps(piece) + b"\n\n"
    except (ValueError, RuntimeError) as error:
        yield b"data: " + orjson.dumps({"error": _refusal(error)}) + b"\n\n"
        return
    yield b"data: [DONE]\n\n"


def _refusal(error: Exception) -> dict[str, Any]:
    """The last line: a library's messages may have the place in its source in front."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    said = lines[-1] if lines else type(error).__name__
    return {"type": "invalid_request_error", "message": said}


async def _body(request: Request) -> dict[str, Any]:
    body = orjson.loads(await request.body())
    if not isinstance(body, dict):
        raise ValueError("the body is not a JSON object")
    return body


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
