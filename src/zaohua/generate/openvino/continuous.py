"""OpenVINO's own pipeline for many requests, as `Batch` uses it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from zaohua.generate.openvino.asked import Asked
from zaohua.generate.openvino.batch import Said, Tokens
from zaohua.generate.openvino.lookup import WORDS


class ContinuousPipeline:
    """An ``openvino_genai.ContinuousBatchingPipeline``.

    It knows no biases, alternatives and forms, and starts nothing afresh.
    """

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._numbers = itertools.count()

    def add(self, tokens: Sequence[int], asked: Asked) -> _Request:
        """Take a request in."""
        import openvino

        prompt = openvino.Tensor(np.array([tokens], np.int64))
        handle = self._pipeline.add_request(next(self._numbers), prompt, _config(asked))
        return _Request(handle, asked.guesses)

    def step(self) -> None:
        """Compute one batch."""
        self._pipeline.step()


class _Request:
    def __init__(self, handle: Any, guesses: int) -> None:
        self._handle = handle
        self._guesses = guesses

    def cancel(self) -> None:
        self._handle.cancel()

    def news(self) -> Tokens:
        said: list[Said] = []
        ended = ""
        while self._handle.can_read():
            for output in self._handle.read().values():
                said += map(Said, output.generated_ids, output.generated_log_probs)
                reason = output.finish_reason.name
                ended = reason if reason != "NONE" else ended
        status = self._handle.get_status().name
        if status == "IGNORED":
            raise RuntimeError("the cache is too small for this prompt")
        ended = ended or ("" if status == "RUNNING" else "STOP")
        return Tokens(said, ended, guessed=self._guesses if said else 0)


def _config(asked: Asked) -> Any:
    """As an ``openvino_genai.GenerationConfig``."""
    import openvino_genai

    config = openvino_genai.GenerationConfig()
    config.max_new_tokens = asked.most
    config.stop_token_ids = set(asked.ends)
    config.logprobs = int(asked.logprobs)
    config.repetition_penalty = asked.repeat_penalty
    config.presence_penalty = asked.presence_penalty
    config.frequency_penalty = asked.frequency_penalty
    config.do_sample = asked.temperature > 0
    if config.do_sample:
        config.temperature = asked.temperature
        config.top_p = asked.top_p
        config.min_p = asked.min_p
        config.rng_seed = asked.seed
        if asked.top_k:
            config.top_k = asked.top_k
    if asked.guesses:
        config.num_assistant_tokens = asked.guesses
        config.max_ngram_size = WORDS
    return config
