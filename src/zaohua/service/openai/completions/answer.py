"""Runs the prompts of a completion request and writes their answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Any

import orjson
from starlette.requests import Request

from zaohua.generate.collect import Collected
from zaohua.generate.events import Chunk, Finished, Usage
from zaohua.generate.request import CompletionRequest
from zaohua.service.inference import Run, collected, start
from zaohua.service.openai.completions.translate import text_logprobs, total
from zaohua.service.openai.usage import new_id, usage_json
from zaohua.service.security import Caller
from zaohua.service.sse import DONE


async def collect_all(
    request: Request, who: Caller, model: str, asked: list[CompletionRequest]
) -> list[tuple[Run, Collected]]:
    """All answers, the prompts worked on side by side; the first failure ends the others."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(collected(request, who, model, one)) for one in asked]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


def whole(answers: list[tuple[Run, Collected]], echoes: list[str], n: int) -> dict[str, Any]:
    """The body of an answer that was not streamed."""
    run = answers[0][0]
    return {
        "id": new_id("cmpl-"),
        "object": "text_completion",
        "created": int(time.time()),
        "model": run.model,
        "system_fingerprint": run.fingerprint,
        "choices": [
            {
                "index": i * n + answer.index,
                "text": echo + answer.text,
                "logprobs": text_logprobs(answer.logprobs, 0),
                "finish_reason": answer.finish_reason,
            }
            for i, ((_, result), echo) in enumerate(zip(answers, echoes, strict=True))
            for answer in result.answers
        ],
        "usage": usage_json(total(result.usage for _, result in answers)),
    }


class TextStream:
    """The prompts of a request answered one after the other, as chunks; must be closed."""

    def __init__(
        self,
        request: Request,
        who: Caller,
        asked: list[CompletionRequest],
        echoes: list[str],
        *,
        include_usage: bool,
    ) -> None:
        self._request = request
        self._who = who
        self._asked = asked
        self._echoes = echoes
        self._include_usage = include_usage
        self._run: Run | None = None
        self._head = b""
        self._offsets: dict[int, int] = {}

    async def begin(self, model: str) -> Run:
        """Start the first prompt.

        Raises:
            ApiError: the request is refused.
        """
        self._run = run = await start(self._request, self._who, model, self._asked[0])
        head = {
            "id": new_id("cmpl-"),
            "object": "text_completion",
            "created": int(time.time()),
            "model": run.model,
            "system_fingerprint": run.fingerprint,
        }
        self._head = b"data: " + orjson.dumps(head)[:-1] + b',"choices":['
        return run

    async def aclose(self) -> None:
        """Stop the prompt that is being answered."""
        if self._run is not None:
            await self._run.aclose()

    async def events(self) -> AsyncGenerator[bytes]:
        """The whole stream as bytes."""
        usages: list[Usage] = []
        for i, asked in enumerate(self._asked):
            run = self._run
            if i and run is not None:
                await run.aclose()
                self._run = run = Run(self._request, self._who, run.model, asked)
            assert run is not None, "begin() comes first"  # noqa: S101
            async for event in run:
                if isinstance(event, Chunk):
                    yield self._chunk(i * asked.sampling.n + event.index, event, self._echoes[i])
                elif isinstance(event, Finished):
                    usages.append(event.usage)
        if self._include_usage:
            usage = orjson.dumps(usage_json(total(usages)))
            yield self._head + b'],"usage":' + usage + b"}\n\n"
        yield DONE

    def _chunk(self, index: int, chunk: Chunk, echo: str) -> bytes:
        text = chunk.text if index in self._offsets else echo + chunk.text
        offset = self._offsets.setdefault(index, 0)
        self._offsets[index] = offset + len(chunk.text)
        choice = {
            "index": index,
            "text": text,
            "logprobs": text_logprobs(chunk.logprobs, offset),
            "finish_reason": chunk.finish_reason,
        }
        tail = b'],"usage":null}\n\n' if self._include_usage else b"]}\n\n"
        return self._head + orjson.dumps(choice) + tail
