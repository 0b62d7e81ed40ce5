"""How probable a given answer is to a model, token by token.

llama.cpp reports the raw probability of whatever token is sampled, so the tokens of the answer are
forced: runs of whole characters by a grammar of token ids (one request, at decoding speed), tokens
that hold only part of a character, which its grammars stumble over, one by one with a bias. Both
report the same numbers.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from zaohua.generate.events import Chunk, TokenLogprob
from zaohua.generate.failures import EngineFailed
from zaohua.generate.upstream import Upstream

_BIAS = 1e6
_LONGEST_RUN = 512


@dataclass(frozen=True, slots=True)
class _Run:
    tokens: tuple[int, ...]
    whole: bool


async def score_answer(
    upstream: Upstream, prompt: Sequence[int], answer: str, top: int
) -> AsyncGenerator[TokenLogprob]:
    """The log-probability of each token of ``answer`` after ``prompt``, in order.

    Args:
        upstream: a llama.cpp server.
        prompt: token ids.
        answer: text, tokenised by itself, without control tokens.
        top: how many likeliest alternatives to report for each token.

    Raises:
        ZaohuaError: as `Upstream.stream`; `EngineFailed` if the answer could not be forced.
    """
    body = {"content": answer, "add_special": False, "parse_special": False, "with_pieces": True}
    pieces = (await upstream.post("/tokenize", body))["tokens"]
    told = list(prompt)
    for run in _runs(pieces):
        async with aclosing(_score_run(upstream, told, run, top)) as tokens:
            async for token in tokens:
                yield token
        told += run.tokens


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
    upstream: Upstream, told: Sequence[int], run: _Run, top: int
) -> AsyncGenerator[TokenLogprob]:
    body: dict[str, Any] = {
        "prompt": list(told),
        "max_tokens": len(run.tokens),
        "logprobs": max(top, 1),
        "temperature": 0,
        "stream": True,
        "return_progress": True,
        "cache_prompt": True,
    }
    if run.whole:
        forced = " ".join(f"<[{token}]>" for token in run.tokens)
        body["grammar"] = f"root ::= {forced} <[0]>*"
    else:
        body["logit_bias"] = {str(run.tokens[0]): _BIAS}
    scored = 0
    async with aclosing(upstream.stream("/v1/completions", body, top_logprobs=top)) as events:
        async for event in events:
            for token in event.logprobs if isinstance(event, Chunk) else ():
                if scored >= len(run.tokens) or token.id != run.tokens[scored]:
                    raise EngineFailed("the engine did not follow the answer to be scored")
                scored += 1
                yield token
    if scored != len(run.tokens):
        raise EngineFailed("the engine did not score the whole answer")
