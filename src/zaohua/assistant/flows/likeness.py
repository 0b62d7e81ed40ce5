"""How much a sentence is like an example: the telling words they share, rare ones counting more."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_PRIVATE = 0xE000  # stands for a group of words of the same meaning
_PIECE = re.compile("[a-z0-9']+|[\u3400-\u9fff\ue000-\uf8ff]+")
_SAID_ANYWAY = re.compile(
    "请问|麻烦|您好|你好|一下|可以|能不能|能否|帮我|帮忙|我想要?|我要|[的了吗呢吧啊呀哦请您你我们]"
)
_SMALL = frozenset(
    "a an the i me my we our you your it its is am are was were be been do does did can could "  # noqa: SIM905
    "would will shall should may please to of for in on at and or so that this just have has had "
    "hi hello with i'd i'm i've like want need help".split()
)


@dataclass(frozen=True, slots=True)
class Sameness:
    """Groups of words that mean the same: each is read as one sign."""

    signs: Mapping[str, str]
    pattern: re.Pattern[str] | None

    def folded(self, text: str) -> str:
        """A plain text with the words of a group replaced by its sign."""
        return self.pattern.sub(lambda found: self.signs[found[0]], text) if self.pattern else text


def sameness(groups: Sequence[Sequence[str]]) -> Sameness:
    """Of groups of plain words; longer words count before shorter ones."""
    signs = {word: chr(_PRIVATE + place) for place, group in enumerate(groups) for word in group}
    words = sorted(signs, key=len, reverse=True)
    return Sameness(signs, re.compile("|".join(map(_word, words))) if words else None)


def _word(word: str) -> str:
    return rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word)


def telling(text: str) -> frozenset[str]:
    """The telling parts of a folded text: words without their endings, pairs of characters."""
    found: set[str] = set()
    for piece in _PIECE.findall(_SAID_ANYWAY.sub(" ", text)):
        if piece[0].isascii():
            found.update(() if piece in _SMALL else (_stem(piece),))
        else:
            found.update(_pairs(piece))
    return frozenset(found)


def _pairs(run: str) -> Iterable[str]:
    """Pairs of characters that follow one another; signs of groups also stand alone."""
    yield from (sign for sign in run if ord(sign) >= _PRIVATE)
    yield from (run[at : at + 2] for at in range(len(run) - 1))
    if len(run) == 1:
        yield run


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


class Examples:
    """Sentences with what they are examples of."""

    def __init__(self, said: Iterable[tuple[str, str]]) -> None:
        """``said``: pairs of a name and a folded sentence."""
        kept = [(name, parts) for name, text in said if (parts := telling(text))]
        count = Counter(part for _, parts in kept for part in parts)
        self._weights = {part: math.log(1 + len(kept) / often) for part, often in count.items()}
        self._new = math.log(1 + len(kept))  # a word of no example says as much as the rarest
        self._kept = [(name, parts, self._weight(parts)) for name, parts in kept]

    def nearest(self, text: str) -> list[tuple[float, str]]:
        """Likeness (0 to 1) and name, the most like first, one for each name."""
        parts = telling(text)
        own = self._weight(parts)
        best: dict[str, float] = {}
        for name, others, weight in self._kept:
            if shared := parts & others:
                like = 2 * self._weight(shared) / (own + weight)
                best[name] = max(best.get(name, 0.0), like)
        return sorted(((like, name) for name, like in best.items()), reverse=True)

    def _weight(self, parts: Iterable[str]) -> float:
        return math.fsum(self._weights.get(part, self._new) for part in parts)
