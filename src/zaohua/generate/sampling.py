"""Checks a `Sampling` and writes it in an engine's own fields."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any

from zaohua.generate.failures import RequestRefused
from zaohua.generate.request import Sampling

MAX_ANSWERS = 128
MAX_TOP_LOGPROBS = 20
RANDOM_SEED = 0xFFFFFFFF
"""The seed that llama.cpp takes for "draw one"; never sent as a seed of a user's own."""

_RANGES: tuple[tuple[str, float, float], ...] = (
    ("temperature", 0, 100),
    ("top_k", -1, 2**31 - 1),
    ("top_p", 0, 1),
    ("min_p", 0, 1),
    ("repeat_penalty", 0.01, 100),
    ("presence_penalty", -2, 2),
    ("frequency_penalty", -2, 2),
    ("max_tokens", 0, 2**31 - 1),
    ("n", 1, MAX_ANSWERS),
    ("top_logprobs", 0, MAX_TOP_LOGPROBS),
    ("seed", -(2**63), 2**64 - 1),
)


def check_sampling(sampling: Sampling) -> None:
    """Refuse values no engine can honour.

    Raises:
        RequestRefused: a value is out of its range or not a number; ``param`` names it.
    """
    for name, low, high in _RANGES:
        value = getattr(sampling, name)
        if value is not None and not _within(value, low, high):
            raise RequestRefused(
                f"{name} must lie between {low} and {high}, not {value}", param=name
            )
    for token, bias in sampling.logit_bias.items():
        if not _within(bias, -100, 100) or not 0 <= token < 2**31:
            raise RequestRefused(
                "logit_bias maps token ids to numbers between -100 and 100", param="logit_bias"
            )


def _within(value: float, low: float, high: float) -> bool:
    return math.isfinite(value) and low <= value <= high


def over(strong: Sampling, weak: Sampling) -> Sampling:
    """What ``strong`` says, and ``weak`` where it says nothing."""
    plain = Sampling()
    said = {field.name: getattr(strong, field.name) for field in fields(strong)}
    return replace(weak, **{k: v for k, v in said.items() if v != getattr(plain, k)})


def advised(sampling: Sampling, advice: Sampling) -> Sampling:
    """``sampling``, and where it says nothing the ``advice`` of the model's maker; a temperature of
    0 takes the likeliest token as it is."""
    return sampling if sampling.temperature == 0 else over(sampling, advice)


def stops_of(sampling: Sampling) -> list[str]:
    """The stop sequences that can stop anything: not empty, each once, in order."""
    return list(dict.fromkeys(s for s in sampling.stop if s))


def engine_seed(seed: int | None, offset: int = 0) -> int:
    """``seed`` folded into the 32 bits that llama.cpp has; `RANDOM_SEED` if there is none."""
    if seed is None:
        return RANDOM_SEED
    return (seed + offset) % RANDOM_SEED


def openai_fields(sampling: Sampling) -> dict[str, Any]:
    """The fields every OpenAI-compatible server knows, `None` ones left out."""
    fields: dict[str, Any] = {
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "presence_penalty": sampling.presence_penalty,
        "frequency_penalty": sampling.frequency_penalty,
        "seed": sampling.seed,
        "stop": stops_of(sampling) or None,
        "n": sampling.n if sampling.n > 1 else None,
        "logit_bias": {str(k): v for k, v in sampling.logit_bias.items()} or None,
    }
    return {k: v for k, v in fields.items() if v is not None}


def llamacpp_fields(sampling: Sampling, *, seed_offset: int = 0) -> dict[str, Any]:
    """The fields of llama.cpp's server: OpenAI's and its own."""
    fields = openai_fields(sampling)
    extra: dict[str, Any] = {
        "top_k": None if sampling.top_k is None else max(sampling.top_k, 0),
        "min_p": sampling.min_p,
        "repeat_penalty": sampling.repeat_penalty,
        "seed": engine_seed(sampling.seed, seed_offset),
    }
    fields.update({k: v for k, v in extra.items() if v is not None})
    return fields
