"""How probable a given answer is to a model, token by token.

A worker with our pipeline takes an answer that is forced. llama.cpp reports the raw probability of
whatever token is sampled, so runs of the answer are forced by a grammar of token ids: one request,
at decoding speed. Tokens that hold only part of a character are never reported by it and stop its
grammars; they are looked up one by one among the likeliest tokens at their place, ever more of them
until they are found.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from zaohua.generate.events import Chunk, TokenLogprob
from zaohua.generate.failures import EngineFailed
from zaohua.generate.upstream import Upstream
from zaohua.generate.upstream_body import is_ours

_BIAS = 1e6
_LONGEST_RUN = 512
_LOOK_UPS = (256, 8192, 1_000_000)
"""How many of the likeliest tokens are asked for, one try after the other; the last is all."""


@dataclass(frozen=True, slots=True)
class _Run:
    tokens: tuple[int, ...]
    whole: bool


async def score_answer(
    upstream: Upstream, prompt: Sequence[int], answer: str, top: int
) -> AsyncGenerator[TokenLogprob]:
    """The log-probability of each token of ``answer`` after ``prompt``, in order.

    Args:
        upstream: a worker.
        prompt: token ids.
        answer: text, tokenised by itself, without control tokens.
        top: how many likeliest alternatives to report for each token.

    Raises:
        ZaohuaError: as `Upstream.stream`; `EngineFailed` if the answer could not be forced.
    """
    body = {"content": answer, "add_special": False, "parse_special": False, "with_pieces": True}
    pieces = (await upstream.post("/tokenize", body))["tokens"]
    if is_ours(upstream.dialect):
        if pieces:
            scored = _score_run(upstream, prompt, pieces, top, {"forced": pieces})
            async with aclosing(scored) as tokens:
                async for token in tokens:
                    yield token
        return
    told = list(prompt)
    some_token = await _some_token(upstream)
    for run in _runs(pieces):
        if run.whole:
            forced = " ".join(f"<[{token}]>" for token in run.tokens)
            grammar = {"grammar": f"root ::= {forced} <[0]>*"}
            scored = _score_run(upstream, told, run.tokens, top, grammar)
        else:
            scored = _look_up(upstream, told, run.tokens[0], some_token, top)
        async with aclosing(scored) as tokens:
            async for token in tokens:
                yield token
        told += run.tokens


async def _some_token(upstream: Upstream) -> int:
    """A token that is a whole character."""
    body = {"content": ".", "add_special": False}
    return int((await upstream.post("/tokenize", body))["tokens"][-1])


def _runs(pieces: Sequence[Mapping[str, Any]]) -> Iterator[_Run]:
    """``pieces`` cut into runs of whole characters and single broken tokens."""
    run: list[int] = []
    for piece in pieces:
        whole = isinstance(piece["piece"], str)
        if run and (not whole or len(run) == _LONGEST_RUN):
            yield _Run(tuple(run), whole=True)
            run = []
        if whole:
            run.append(piece["id"])
        else:
            yield _Run((piece["id"],), whole=False)
    if run:
        yield _Run(tuple(run), whole=True)


async def _score_run(
    upstream: Upstream,
    told: Sequence[int],
    run: Sequence[int],
    top: int,
    forcing: Mapping[str, Any],
) -> AsyncGenerator[TokenLogprob]:
    body = {**_body(told, len(run), top), **forcing}
    scored = 0
    async with aclosing(upstream.stream("/v1/completions", body, top_logprobs=top)) as events:
        async for event in events:
            for token in event.logprobs if isinstance(event, Chunk) else ():
                if scored >= len(run) or token.id != run[scored]:
                    raise EngineFailed("the engine did not follow the answer to be scored")
                scored += 1
                yield token
    if scored != len(run):
        raise EngineFailed("the engine did not score the whole answer")


async def _look_up(
    upstream: Upstream, told: Sequence[int], wanted: int, some_token: int, top: int
) -> AsyncGenerator[TokenLogprob]:
    for many in _LOOK_UPS:
        body = _body(told, 1, max(many, top)) | {"logit_bias": {str(some_token): _BIAS}}
        async with aclosing(
            upstream.stream("/v1/completions", body, top_logprobs=max(many, top))
        ) as events:
            async for event in events:
                for token in event.logprobs if isinstance(event, Chunk) else ():
                    found = next((t for t in token.top if t.id == wanted), None)
                    if found is not None:
                        yield TokenLogprob(
                            found.token, found.logprob, found.bytes, found.id, token.top[:top]
                        )
                        return
    raise EngineFailed("the engine did not score the whole answer")


def _body(told: Sequence[int], tokens: int, top: int) -> dict[str, Any]:
    return {
        "prompt": list(told),
        "max_tokens": tokens,
        "logprobs": max(top, 1),
        "temperature": 0,
        "stream": True,
        "return_progress": True,
        "cache_prompt": True,
    }
