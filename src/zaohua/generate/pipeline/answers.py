"""The stream of an answer: the objects of llama.cpp's server, one for each piece."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

from zaohua.generate.pipeline.asked import asked_for
from zaohua.generate.pipeline.batch import Said, Tokens
from zaohua.generate.pipeline.forms import Form
from zaohua.generate.pipeline.model import Model
from zaohua.generate.pipeline.text import OPENING, Reasoning, StopFinder, TokenText

_REASONS = {"LENGTH": "length"}
Piece = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt and what was asked for; ``chat`` parts reasoning from the answer.

    Raises:
        ValueError: it asks for a form that cannot be followed.
    """

    body: Mapping[str, Any]
    tokens: Sequence[int]
    chat: bool
    form: Form | None = None
    reasoning_begun: bool = False

    @classmethod
    def of_chat(cls, model: Model, body: Mapping[str, Any]) -> Question:
        """Of ``/v1/chat/completions``."""
        prompt = model.render(body)
        begun = prompt.rstrip().endswith(OPENING)
        tokens, form = model.encode(prompt), model.form(body.get("form"))
        return cls(body, tokens, chat=True, form=form, reasoning_begun=begun)

    @classmethod
    def of_text(cls, model: Model, body: Mapping[str, Any]) -> Question:
        """Of ``/v1/completions``, whose prompt is text or token ids."""
        prompt = body["prompt"]
        tokens = model.encode(prompt, ends=True) if isinstance(prompt, str) else prompt
        return cls(body, tokens, chat=False, form=model.form(body.get("form")))


async def answer(model: Model, asked: Question) -> AsyncIterator[Piece]:
    """All objects of the stream: pieces of ``n`` answers as they come, then what they took."""
    clock, count = _Clock(), int(asked.body.get("n") or 1)
    news: asyncio.Queue[Piece | Exception | None] = asyncio.Queue()

    async def one(index: int) -> None:
        try:
            async for piece in _pieces(model, asked, index, clock):
                news.put_nowait(piece)
        except Exception as error:
            news.put_nowait(error)
        else:
            news.put_nowait(None)

    tasks = [asyncio.create_task(one(index)) for index in range(count)]
    reading = True
    try:
        yield _progress(asked, 0)
        while count:
            piece = await news.get()
            if isinstance(piece, Exception):
                raise piece
            read = piece.get("prompt_progress") if piece is not None else None
            if reading and not read:
                yield _progress(asked, len(asked.tokens))
            if piece is None:
                count -= 1
            elif reading or not read:
                yield piece
            reading = reading and read is not None and read["processed"] < read["total"]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    yield clock.usage(len(asked.tokens))


async def _pieces(model: Model, asked: Question, index: int, clock: _Clock) -> AsyncIterator[Piece]:
    text = TokenText(model.said)
    stops = StopFinder(_stops(asked.body.get("stop")))
    writer = _Writer(asked, index)
    read = 0
    async with aclosing(cast("Any", _steps(model, asked, index, clock))) as steps:
        async for step in steps:
            if step.read > read:
                read = step.read
                yield _progress(asked, read, step.cached)
            if not (step.said or step.ended):
                continue
            told, new = _until_stop(_without_end(step, model.limits.ends), text, stops)
            clock.count(len(told))
            if step.ended and not stops.found:
                new += stops.add(text.rest())
                new += "" if stops.found else stops.rest()
            reason = "stop" if stops.found else _REASONS.get(step.ended, "stop")
            over = bool(step.ended) or stops.found
            logprobs = _logprobs(model, told) if asked.body.get("logprobs") else None
            if piece := writer.piece(new, logprobs, reason if over else None):
                yield piece
            if over:
                return


async def _steps(model: Model, asked: Question, index: int, clock: _Clock) -> AsyncIterator[Tokens]:
    """What the pipeline gives, step by step."""
    how = asked_for(asked.body, len(asked.tokens), model.limits, index=index, form=asked.form)
    answer = model.generate(asked.tokens, how)
    async with aclosing(cast("Any", answer)) as steps:
        async for step in steps:
            clock.note(step)
            yield step


class _Writer:
    """Writes the pieces of one answer."""

    def __init__(self, asked: Question, index: int) -> None:
        self._index = index
        self._reasoning = Reasoning(begun=asked.reasoning_begun) if asked.chat else None

    def piece(
        self, text: str, logprobs: list[dict[str, Any]] | None, reason: str | None
    ) -> Piece | None:
        """The object of one piece; ``None`` if there is nothing to say."""
        choice: dict[str, Any] = {"index": self._index, "finish_reason": reason}
        if logprobs:
            choice["logprobs"] = {"content": logprobs}
        if self._reasoning is None:
            choice["text"] = text
            silent = not text
        else:
            reasoning, content = self._reasoning.add(text)
            if reason:
                more, rest = self._reasoning.rest()
                reasoning, content = reasoning + more, content + rest
            said = {"reasoning_content": reasoning, "content": content}
            choice["delta"] = {name: value for name, value in said.items() if value}
            silent = not choice["delta"]
        if silent and reason is None and not logprobs:
            return None
        return {"choices": [choice]}


class _Clock:
    """Counts tokens and times of all answers of a request."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()
        self._first = 0.0
        self._tokens = 0
        self._guessed = self._accepted = 0
        self._cached: int | None = None

    def count(self, tokens: int) -> None:
        """``tokens`` more have come."""
        self._first = self._first or time.perf_counter()
        self._tokens += tokens

    def note(self, step: Tokens) -> None:
        """What was guessed; and what the first of the answers found in the cache."""
        self._cached = step.cached if self._cached is None else self._cached
        self._guessed += step.guessed
        self._accepted += step.accepted

    def usage(self, prompt: int) -> Piece:
        """The last object."""
        now = time.perf_counter()
        first = self._first or now
        return {
            "choices": [],
            "usage": {
                "prompt_tokens": prompt,
                "completion_tokens": self._tokens,
                "prompt_tokens_details": {"cached_tokens": self._cached or 0},
            },
            "timings": {
                "prompt_ms": 1000 * (first - self._begun),
                "predicted_ms": 1000 * (now - first),
                "draft_n": self._guessed,
                "draft_n_accepted": self._accepted,
            },
        }


def _progress(asked: Question, read: int, cached: int = 0) -> Piece:
    told = {"total": len(asked.tokens), "cache": cached, "processed": read}
    return {"prompt_progress": told}


def _stops(given: str | Sequence[str] | None) -> list[str]:
    return [given] if isinstance(given, str) else list(given or ())


def _without_end(step: Tokens, ends: frozenset[int]) -> Sequence[Said]:
    """Without the token that ended the answer."""
    ended = bool(step.ended and step.said) and step.said[-1].token in ends
    return step.said[:-1] if ended else step.said


def _until_stop(
    told: Sequence[Said], text: TokenText, stops: StopFinder
) -> tuple[Sequence[Said], str]:
    """The tokens up to the one that makes a stop text whole, and what they add that can be told."""
    new = ""
    for number, said in enumerate(told, 1):
        new += stops.add(text.add([said.token]))
        if stops.found:
            return told[:number], new
    return told, new


def _logprobs(model: Model, told: Sequence[Said]) -> list[dict[str, Any]]:
    return [
        {
            **_probability(model, said.token, said.logprob),
            "top_logprobs": [_probability(model, *one) for one in said.alternatives],
        }
        for said in told
    ]


def _probability(model: Model, token: int, logprob: float) -> dict[str, Any]:
    raw = model.bytes_of(token)
    text = raw.decode("utf-8", "replace")
    return {"id": token, "token": text, "bytes": list(raw), "logprob": logprob}
