"""What a request's body asks for, in OpenVINO's terms."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

USUAL = {"temperature": 0.8, "top_k": 40, "top_p": 0.95, "min_p": 0.05}
"""What llama.cpp takes where nothing is said."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds an answer: tokens of context, tokens that end it."""

    context: int
    ends: frozenset[int]


def generation_config(
    body: Mapping[str, Any], prompt: int, limits: Limits, *, index: int = 0
) -> Any:
    """An ``openvino_genai.GenerationConfig`` for an answer after ``prompt`` tokens; ``index`` is
    its place among those to the same request, which makes a seed another one for each.

    Stop texts are looked for outside: the pipeline would hold back the text around them.
    """
    import openvino_genai

    def said(name: str) -> Any:
        value = body.get(name)
        return USUAL.get(name) if value is None else value

    config = openvino_genai.GenerationConfig()
    room = max(limits.context - prompt, 1)
    config.max_new_tokens = min(body.get("max_tokens") or room, room)
    config.stop_token_ids = set(limits.ends)
    config.logprobs = 1 if body.get("logprobs") else 0
    config.repetition_penalty = body.get("repeat_penalty") or 1.0
    config.presence_penalty = body.get("presence_penalty") or 0.0
    config.frequency_penalty = body.get("frequency_penalty") or 0.0
    config.do_sample = said("temperature") > 0
    if config.do_sample:
        config.temperature = said("temperature")
        config.top_p = said("top_p") or 1e-6
        config.min_p = min(said("min_p"), 1 - 1e-6)
        seed = body.get("seed")
        config.rng_seed = secrets.randbits(32) if seed is None else (seed + index) % 2**64
        if said("top_k") > 0:
            config.top_k = said("top_k")
    return config
