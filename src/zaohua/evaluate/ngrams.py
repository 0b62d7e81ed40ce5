"""A character n-gram model with modified Kneser-Ney smoothing, as a baseline for language models.

Chen and Goodman, "An Empirical Study of Smoothing Techniques for Language Modeling" (1999), in the
interpolated form. Every document begins with ``order - 1`` start signs, which are context and never
predicted; ends of documents are not predicted either. The distribution below single characters is
uniform over the characters of the training text and one sign for all others; a character that the
training text lacks costs that sign and its UTF-8 bytes at 8 bits each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_START = 0
_NO_DISCOUNTS = (0.5, 1.0, 1.5)
"""Where n-grams are too few or too odd to estimate discounts from: none may be 0, or all of what
a context has seen would be certain, and the rest impossible."""


@dataclass(frozen=True, slots=True)
class Level:
    """The n-grams of one length.

    Attributes:
        keys: sorted; number of the context (an n-gram one shorter) times signs in all, plus sign.
        counts: of each; for the longest how often it occurs, else before how many characters.
        sums: of each context, the counts of its n-grams.
        backoff: of each context, the probability that is left to the next shorter n-grams.
        discounts: of n-grams counted once, twice, and more often.
    """

    keys: Ints
    counts: Ints
    sums: Floats
    backoff: Floats
    discounts: tuple[float, float, float]

    def discounted(self, counts: Ints) -> Floats:
        """Counts less their discounts."""
        by_count = np.array([0.0, *self.discounts])
        less: Floats = counts - by_count[np.minimum(counts, 3)]
        return less


@dataclass(frozen=True, slots=True)
class NgramModel:
    """A fitted model.

    Attributes:
        signs: code points of the characters, sorted; the first, 0, is the start sign.
        levels: of n-grams of 1, 2 … characters.
    """

    signs: Ints
    levels: tuple[Level, ...]

    @property
    def order(self) -> int:
        """The longest n-grams are of so many characters."""
        return len(self.levels)

    def bits(self, texts: Iterable[str]) -> float:
        """Bits to encode documents, each from its start."""
        points = _stream(texts, self.order)
        predicted = points != _START
        chances, unknown = self._probabilities(points)
        spelt = 8 * _utf8_bytes(points[predicted & unknown]).sum()
        return float(-np.log2(chances[predicted]).sum() + spelt)

    def _probabilities(self, points: Ints) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Of each character given those before it, and which the training text lacks."""
        signs, unknown = self._numbers(points)
        chances = np.full(len(signs), 1 / len(self.signs))
        grams = np.zeros(len(signs), np.int64)  # the n-gram that ends here; the empty one first
        for level in self.levels:
            contexts = _before(grams)
            keys = np.where(contexts < 0, -1, contexts * (len(self.signs) + 1) + signs)
            at = np.searchsorted(level.keys, keys).clip(max=len(level.keys) - 1)
            found = (level.keys[at] == keys) & ~unknown
            counts = np.where(found, level.counts[at], 0)
            known = (contexts >= 0) & (level.sums[contexts] > 0)
            sums = np.where(known, level.sums[contexts], 1.0)
            left = level.backoff[contexts]
            mixed = level.discounted(counts) / sums + left * chances
            chances = np.where(known, mixed, chances)
            grams = np.where(found, at, -1)
        return chances, unknown

    def _numbers(self, points: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
        at = np.searchsorted(self.signs, points).clip(max=len(self.signs) - 1)
        unknown = self.signs[at] != points
        return np.where(unknown, len(self.signs), at), unknown


def fit(texts: Iterable[str], order: int = 5) -> NgramModel:
    """Count the n-grams of documents, up to ``order`` characters.

    Takes some 150 bytes of memory a character.
    """
    points = _stream(texts, order)
    signs, numbers = np.unique(points, return_inverse=True)
    counted = _Counted(numbers.astype(np.int64), len(signs) + 1, points != _START)
    return NgramModel(signs.astype(np.int64), tuple(counted.levels(order)))


@dataclass(frozen=True, slots=True)
class _Counted:
    """Training text as numbers of signs; ``width`` signs in all; which are predicted."""

    numbers: Ints
    width: int
    predicted: npt.NDArray[np.bool_]

    def levels(self, order: int) -> list[Level]:
        """All levels, the shortest n-grams first."""
        grams, keys = [np.zeros(len(self.numbers), np.int64)], [np.zeros(1, np.int64)]
        for _ in range(order):
            found, inverse = np.unique(
                _before(grams[-1], first=0) * self.width + self.numbers, return_inverse=True
            )
            grams.append(inverse.astype(np.int64))
            keys.append(found)
        made = []
        for length in range(1, order + 1):
            longer = grams[length + 1] if length < order else None
            counts = self._counts(grams[length], len(keys[length]), longer)
            made.append(self._level(keys[length], counts, len(keys[length - 1])))
        return made

    def _counts(self, grams: Ints, size: int, longer: Ints | None) -> Ints:
        """How often each n-gram is predicted; or, of how many longer ones it is the end."""
        if longer is None:
            return np.bincount(grams[self.predicted], minlength=size)
        _, first = np.unique(longer, return_index=True)
        first = first[self.predicted[first]]
        return np.bincount(grams[first], minlength=size)

    def _level(self, keys: Ints, counts: Ints, contexts: int) -> Level:
        context = keys // self.width
        discounts = _discounts(counts)
        sums: Floats = np.bincount(context, weights=counts, minlength=contexts).astype(np.float64)
        by_count = np.array([0.0, *discounts])
        taken = np.bincount(context, weights=by_count[np.minimum(counts, 3)], minlength=contexts)
        backoff = np.divide(taken, sums, out=np.ones(contexts), where=sums > 0)
        return Level(keys, counts, sums, backoff, discounts)


def _discounts(counts: Ints) -> tuple[float, float, float]:
    """From how many n-grams are counted once, twice, three and four times."""
    once, twice, thrice, more = (int((counts == n).sum()) for n in range(1, 5))
    if not (once and twice and thrice):
        return _NO_DISCOUNTS
    y = once / (once + 2 * twice)
    found = (
        1 - 2 * y * twice / once,
        2 - 3 * y * thrice / twice,
        3 - 4 * y * more / thrice,
    )
    return found if all(0 < d < n for n, d in enumerate(found, 1)) else _NO_DISCOUNTS


def _stream(texts: Iterable[str], order: int) -> Ints:
    """Code points of documents, each after ``order`` start signs."""
    start = "\0" * order
    joined = "".join(f"{start}{text.replace(chr(0), '')}" for text in texts)
    data = joined.encode("utf-32-le", "surrogatepass")
    return np.frombuffer(data, np.uint32).astype(np.int64)


def _before(grams: Ints, first: int | None = None) -> Ints:
    """The n-gram that ends one character earlier."""
    shifted = np.empty_like(grams)
    shifted[1:] = grams[:-1]
    shifted[:1] = grams[:1] if first is None else first
    return shifted


def _utf8_bytes(points: Ints) -> Ints:
    return 1 + (points >= 0x80).astype(np.int64) + (points >= 0x800) + (points >= 0x10000)
