"""What a request's body asks for."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zaohua.generate.pipeline.forms import Form
from zaohua.generate.pipeline.guessing import MOST

USUAL = {"temperature": 0.8, "top_k": 40, "top_p": 0.95, "min_p": 0.05}
"""What llama.cpp takes where nothing is said."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds an answer: tokens of context, tokens that end it."""

    context: int
    ends: frozenset[int]


@dataclass(frozen=True, slots=True)
class Asked:
    """How one answer is to be written.

    Attributes:
        most: tokens to write.
        ends: tokens that end it.
        temperature: 0 takes the likeliest token; ``top_k`` 0 draws from all.
        logprobs: whether natural log-probabilities are told, and of how many ``alternatives``.
        guesses: tokens that may be guessed a step, at most.
        forced: the answer itself, where only its probability is asked for.
        fresh: read all the prompt, so that the same seed gives the same text.
    """

    most: int
    ends: frozenset[int] = frozenset()
    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    seed: int = 0
    repeat_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    biases: Mapping[int, float] = field(default_factory=dict)
    logprobs: bool = False
    alternatives: int = 0
    guesses: int = MOST
    form: Form | None = None
    forced: tuple[int, ...] = ()
    fresh: bool = False


def asked_for(
    body: Mapping[str, Any],
    prompt: int,
    limits: Limits,
    *,
    index: int = 0,
    form: Form | None = None,
) -> Asked:
    """What ``body`` asks for after ``prompt`` tokens; ``index`` is the answer's place among those
    to the same request, which makes a seed another one for each.

    Stop texts are looked for outside: the pipeline would hold back the text around them.
    """

    def said(name: str) -> Any:
        value = body.get(name)
        return USUAL.get(name) if value is None else value

    room = max(limits.context - prompt, 1)
    seed, temperature = body.get("seed"), float(said("temperature"))
    return Asked(
        most=min(body.get("max_tokens") or room, room),
        ends=limits.ends,
        temperature=temperature,
        top_k=max(said("top_k"), 0),
        top_p=said("top_p") or 1e-6,
        min_p=min(said("min_p"), 1 - 1e-6),
        seed=secrets.randbits(32) if seed is None else (seed + index) % 2**64,
        repeat_penalty=body.get("repeat_penalty") or 1.0,
        presence_penalty=body.get("presence_penalty") or 0.0,
        frequency_penalty=body.get("frequency_penalty") or 0.0,
        biases={int(token): float(bias) for token, bias in (body.get("logit_bias") or {}).items()},
        logprobs=bool(body.get("logprobs")),
        alternatives=_alternatives(body),
        form=form.copy() if form is not None else None,
        guesses=0 if body.get("prompt_lookup") is False else MOST,
        forced=tuple(body.get("forced") or ()),
        fresh=temperature > 0 and seed is not None,
    )


def _alternatives(body: Mapping[str, Any]) -> int:
    """Chats say how many beside ``logprobs``, completions by it."""
    logprobs = body.get("logprobs") or 0
    return int(body.get("top_logprobs") or 0) if logprobs is True else int(logprobs)
