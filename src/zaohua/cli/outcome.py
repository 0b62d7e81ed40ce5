"""Answers as the JSON that ``--json`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zaohua.cli.telling import Told
    from zaohua.generate.collect import Answer
    from zaohua.generate.events import Timings, TokenLogprob, Usage


def told(told: Told, model: str) -> dict[str, Any]:
    """One answer: text, why it ended, tokens and times."""
    reason = "interrupted" if told.stopped else told.answer.finish_reason
    plain: dict[str, Any] = {"model": model, "text": told.answer.text, "finish_reason": reason}
    if told.answer.reasoning:
        plain["reasoning"] = told.answer.reasoning
    plain["usage"] = _usage(told.usage)
    plain["timings"] = {
        "first_token_ms": round(told.first_seconds * 1000, 1),
        "total_ms": round(told.seconds * 1000, 1),
        **_timings(told.timings, told.usage),
    }
    return plain


def answers(
    answers: Sequence[Answer], usage: Usage, timings: Timings, model: str, seconds: float
) -> dict[str, Any]:
    """All answers of one request."""
    return {
        "model": model,
        "choices": [_choice(answer) for answer in answers],
        "usage": _usage(usage),
        "timings": {"total_ms": round(seconds * 1000, 1), **_timings(timings, usage)},
    }


def _choice(answer: Answer) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "index": answer.index,
        "text": answer.text,
        "finish_reason": answer.finish_reason,
    }
    if answer.reasoning:
        plain["reasoning"] = answer.reasoning
    if answer.tool_calls:
        plain["tool_calls"] = [
            {"id": call.id, "name": call.name, "arguments": call.arguments}
            for call in answer.tool_calls
        ]
    if answer.logprobs:
        plain["logprobs"] = [_logprob(token) for token in answer.logprobs]
    return plain


def _logprob(token: TokenLogprob) -> dict[str, Any]:
    return {
        "token": token.token,
        "logprob": token.logprob,
        "top": [{"token": other.token, "logprob": other.logprob} for other in token.top],
    }


def _usage(usage: Usage | None) -> dict[str, int] | None:
    if usage is None:
        return None
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "cached_tokens": usage.cached_tokens,
    }


def _timings(timings: Timings | None, usage: Usage | None) -> dict[str, float]:
    if timings is None or usage is None:
        return {}
    speed = timings.tokens_per_second(usage.completion_tokens)
    return {
        "prompt_ms": round(timings.prompt_ms, 1),
        "decode_ms": round(timings.decode_ms, 1),
        "tokens_per_second": round(speed, 1),
    }
