"""Libraries of knowledge, with an embedder that costs nothing."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from zaohua.knowledge import Knowledge
from zaohua.store.database import Database
from zaohua.text.search_terms import search_terms


class TermEmbedder:
    """Texts with the same terms lie near each other; counts what it is asked."""

    model = "terms"
    dimensions = 64

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> list[list[float]]:
        if not query:
            self.asked += texts
        return [self._vector(one) for one in texts]

    async def count_tokens(self, text: str) -> int:
        return len(search_terms(text))

    def _vector(self, text: str) -> list[float]:
        values = [0.0] * self.dimensions
        for term in search_terms(text):
            values[zlib.crc32(term.encode()) % self.dimensions] += 1
        length = math.sqrt(sum(value * value for value in values)) or 1.0
        return [value / length for value in values]


@pytest.fixture
def embedder() -> TermEmbedder:
    return TermEmbedder()


@pytest.fixture
def library(database: Database, embedder: TermEmbedder) -> Knowledge:
    return Knowledge(database, embedder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "documents"
    made.mkdir()
    return made


@pytest.fixture
def write(folder: Path) -> Callable[[str, str | bytes], Path]:
    def write_it(name: str, content: str | bytes) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_it
