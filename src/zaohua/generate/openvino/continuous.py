"""OpenVINO's own pipeline for many requests, as `Batch` uses it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from zaohua.generate.openvino.batch import Tokens


class ContinuousPipeline:
    """An ``openvino_genai.ContinuousBatchingPipeline`` that guesses so many tokens a step."""

    def __init__(self, pipeline: Any, guesses: int = 0) -> None:
        self._pipeline = pipeline
        self._guesses = guesses
        self._numbers = itertools.count()

    def add(self, tokens: Sequence[int], config: Any, *, fresh: bool = False) -> _Request:
        """Take a request in; none can be ``fresh``."""
        import openvino

        prompt = openvino.Tensor(np.array([tokens], np.int64))
        handle = self._pipeline.add_request(next(self._numbers), prompt, config)
        return _Request(handle, self._guesses)

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
        ids: list[int] = []
        logprobs: list[float] = []
        ended = ""
        while self._handle.can_read():
            for output in self._handle.read().values():
                ids += output.generated_ids
                logprobs += output.generated_log_probs
                reason = output.finish_reason.name
                ended = reason if reason != "NONE" else ended
        status = self._handle.get_status().name
        if status == "IGNORED":
            raise RuntimeError("the cache is too small for this prompt")
        ended = ended or ("" if status == "RUNNING" else "STOP")
        return Tokens(ids, logprobs, ended, guessed=self._guesses if ids else 0)
