"""From OpenAI's completion request to ours, and from events to its answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zaohua.generate.events import TokenLogprob, Usage
from zaohua.generate.request import CompletionRequest
from zaohua.service.errors import invalid, unsupported
from zaohua.service.openai.completions.shapes import MAX_PROMPTS, TextCompletionRequest
from zaohua.service.openai.sampling import grammar_of, sampling_of
from zaohua.service.openai.usage import LOWEST_LOGPROB

DEFAULT_MAX_TOKENS = 16


def completion_requests(body: TextCompletionRequest) -> list[CompletionRequest]:
    """What the engine is to do, one request a prompt; several are batch work.

    Raises:
        ApiError: 400, a field makes no sense or cannot be honoured.
    """
    _refuse(body)
    limit = DEFAULT_MAX_TOKENS if body.max_tokens is None else body.max_tokens
    sampling = sampling_of(body, limit, body.logprobs)
    grammar = grammar_of(body, None)
    prompts, user = prompts_of(body.prompt), body.user or ""
    batch = body.batch or len(prompts) > 1
    return [
        CompletionRequest(prompt, sampling, grammar, user=user, batch=batch) for prompt in prompts
    ]


def _refuse(body: TextCompletionRequest) -> None:
    if body.suffix:
        raise unsupported("suffix", "this server only continues text, it does not fill in")
    if body.best_of is not None and body.best_of > (body.n or 1):
        raise unsupported("best_of", "ask for n answers and choose among them")
    if body.echo and body.logprobs is not None:
        raise unsupported("echo", "the probabilities of the prompt are not to be had")


def prompts_of(given: Any) -> list[str | tuple[int, ...]]:
    """Each prompt, as text or as token ids."""
    if isinstance(given, str):
        return [given]
    if given and isinstance(given[0], int):
        return [tuple(given)]
    if not 0 < len(given) <= MAX_PROMPTS or not all(given):
        raise invalid("prompt", f"give 1 to {MAX_PROMPTS} prompts, none of them empty")
    return [prompt if isinstance(prompt, str) else tuple(prompt) for prompt in given]


def text_logprobs(tokens: Iterable[TokenLogprob], offset: int) -> dict[str, Any] | None:
    """The old form of log-probabilities: lists side by side, offsets in characters."""
    found = tuple(tokens)
    if not found:
        return None
    offsets = []
    for token in found:
        offsets.append(offset)
        offset += len(token.token)
    return {
        "tokens": [t.token for t in found],
        "token_logprobs": [max(t.logprob, LOWEST_LOGPROB) for t in found],
        "top_logprobs": [{o.token: max(o.logprob, LOWEST_LOGPROB) for o in t.top} for t in found],
        "text_offset": offsets,
    }


def total(usages: Iterable[Usage]) -> Usage:
    """All requests together."""
    every = tuple(usages)
    return Usage(
        sum(u.prompt_tokens for u in every),
        sum(u.completion_tokens for u in every),
        sum(u.cached_tokens for u in every),
        sum(u.reasoning_tokens for u in every),
    )
