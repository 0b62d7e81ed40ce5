"""Token counts as OpenAI writes them, and ids and times of its objects."""

from __future__ import annotations

import secrets
from typing import Any

from pydantic import BaseModel

from zaohua.generate.events import TokenLogprob, Usage

LOWEST_LOGPROB = -9999.0
"""What OpenAI reports for a token of no probability: JSON has no infinity."""


class PromptTokensDetails(BaseModel):
    """Where prompt tokens came from."""

    cached_tokens: int


class CompletionTokensDetails(BaseModel):
    """What completion tokens were."""

    reasoning_tokens: int
    accepted_prediction_tokens: int
    rejected_prediction_tokens: int


class UsageShape(BaseModel):
    """Token counts of one request."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptTokensDetails
    completion_tokens_details: CompletionTokensDetails


def usage_json(usage: Usage) -> dict[str, Any]:
    """``usage`` of chat completions and completions."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning_tokens,
            "accepted_prediction_tokens": usage.accepted_tokens,
            "rejected_prediction_tokens": usage.guessed_tokens - usage.accepted_tokens,
        },
    }


def logprob_json(token: TokenLogprob) -> dict[str, Any]:
    """A token with its probability and alternatives, as chat completions and responses write it."""
    return {
        "token": token.token,
        "logprob": max(token.logprob, LOWEST_LOGPROB),
        "bytes": list(token.bytes),
        "top_logprobs": [
            {
                "token": other.token,
                "logprob": max(other.logprob, LOWEST_LOGPROB),
                "bytes": list(other.bytes),
            }
            for other in token.top
        ],
    }


def new_id(prefix: str) -> str:
    """An id no one can guess."""
    return f"{prefix}{secrets.token_hex(12)}"
