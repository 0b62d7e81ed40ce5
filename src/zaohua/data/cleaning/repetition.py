"""Repetition rules of Gopher: lines, paragraphs and n-grams that come again within one text.

English n-grams are of words, weighted by their letters. Chinese n-grams are of characters; a word
is between one and two characters, so the lengths are doubled and the limits kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from zaohua.data.cleaning.shingles import (
    Hashes,
    character_units,
    ngram_hashes,
    seen_before,
    word_units,
    words_of,
)
from zaohua.data.cleaning.steps import CHINESE, language_of
from zaohua.data.records import Dropped, Record

_TOP = ((2, 0.20), (3, 0.18), (4, 0.16))
_REPEATED = ((5, 0.15), (7, 0.13), (10, 0.10))
_AT_LEAST_TIMES = 3
_ENOUGH_UNITS = 40


@dataclass(frozen=True, slots=True)
class Repetition:
    """Texts that say the same again and again.

    Attributes:
        kinds: the kinds of record that are judged.
        most_lines: share of characters in lines that occurred before.
        most_paragraphs: the same for paragraphs.
        top: ``(n, limit)``: share of the text that its commonest n-gram makes up, if it occurs
            three times.
        repeated: ``(n, limit)``: share of the text inside n-grams that occurred before. Gopher's
            six lengths 5 to 10 are judged at 5, 7 and 10.
        chinese_factor: by how much n grows for characters.
    """

    name: ClassVar[str] = "repetition"
    kinds: tuple[str, ...] = ("text", "chat", "preference", "thumbs")
    most_lines: float | None = 0.20
    most_paragraphs: float | None = 0.20
    top: tuple[tuple[int, float], ...] = _TOP
    repeated: tuple[tuple[int, float], ...] = _REPEATED
    chinese_factor: int = 2

    def apply(self, record: Record) -> Record | Dropped:
        """The record, or dropped with the rule's name."""
        if record.kind not in self.kinds:
            return record
        chinese = language_of(record) in CHINESE
        parts = (record.text,) if record.text else tuple(turn.content for turn in record.messages)
        for part in parts:
            reason = self._of_lines(part) or self._of_ngrams(part, chinese)
            if reason is not None:
                return Dropped(record, self.name, reason)
        return record

    def _of_lines(self, text: str) -> str | None:
        for reason, most, separator in (
            ("repeated_paragraphs", self.most_paragraphs, "\n\n"),
            ("repeated_lines", self.most_lines, "\n"),
        ):
            if most is not None and separator in text:
                pieces = [piece for raw in text.split(separator) if (piece := raw.strip())]
                again = sum(map(len, pieces)) - sum(map(len, set(pieces)))
                if again > most * len(text):
                    return reason
        return None

    def _of_ngrams(self, text: str, chinese: bool) -> str | None:
        if chinese:
            units = character_units(text)
            weights = np.ones(len(units), dtype=np.int64)
        else:
            words = words_of(text)
            units = word_units(text)
            weights = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
        if len(units) < _ENOUGH_UNITS:
            return None
        factor = self.chinese_factor if chinese else 1
        return _Ngrams(units, weights, factor).broken_rule(self.top, self.repeated)


class _Ngrams:
    """The n-grams of one text. What recurs at length n recurs at every shorter length too, so the
    counts of one length bound those of the next and most lengths need not be looked at.
    """

    def __init__(self, units: Hashes, weights: NDArray[np.int64], factor: int) -> None:
        self._units, self._weights, self._factor = units, weights, factor
        self._total = int(weights.sum())
        self._heaviest = np.sort(weights)[::-1].cumsum()

    def broken_rule(
        self, top: tuple[tuple[int, float], ...], repeated: tuple[tuple[int, float], ...]
    ) -> str | None:
        most = len(self._units)
        heaviest = self._heaviest_unit() * self._factor
        for n, limit in sorted(top):
            enough = limit * self._total
            if n * heaviest > enough and self._bound(most, n) > enough:
                most, weight = self._top(n * self._factor)
                if weight > limit * self._total:
                    return f"top_{n}_gram"
        again = len(self._units)
        for n, limit in sorted(repeated):
            if self._bound(again, n) > limit * self._total:
                again, weight = self._repeated(n * self._factor, limit * self._total)
                if weight > limit * self._total:
                    return f"repeated_{n}_grams"
        return None

    def _heaviest_unit(self) -> int:
        """The greatest weight of all occurrences of one unit together.

        An n-gram occurs no oftener than each of its units, so it weighs at most n times this.
        """
        order = np.argsort(self._units)
        ordered = self._units[order]
        starts = np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1))
        counts = np.diff(starts, append=len(ordered))
        return int((counts * self._weights[order[starts]]).max())

    def _bound(self, count: int, n: int) -> int:
        """No ``count`` n-grams weigh more than this."""
        longest = min(n * self._factor, len(self._units))
        return count * int(self._heaviest[longest - 1])

    def _top(self, n: int) -> tuple[int, int]:
        """How often the commonest n-gram occurs, and its weight altogether."""
        hashes = ngram_hashes(self._units, n)
        if not len(hashes):
            return 0, 0
        ordered = np.sort(hashes)
        breaks = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
        edges = np.concatenate(([0], breaks, [len(ordered)]))
        runs = np.diff(edges)
        best = int(runs.argmax())
        most = int(runs[best])
        if most < _AT_LEAST_TIMES:
            return most, 0
        start = int((hashes == ordered[edges[best]]).argmax())
        return most, most * int(self._weights[start : start + n].sum())

    def _repeated(self, n: int, enough: float) -> tuple[int, int]:
        """How many n-grams occurred before, and the weight of the text inside them.

        The weight is 0 if it cannot exceed ``enough``.
        """
        hashes = ngram_hashes(self._units, n)
        ordered = np.sort(hashes)
        again = int(np.count_nonzero(ordered[1:] == ordered[:-1]))
        if not again or again * int(self._heaviest[n - 1]) <= enough:
            return again, 0
        starts = np.flatnonzero(seen_before(hashes))
        edges = np.zeros(len(self._units) + 1, dtype=np.int64)
        edges[starts] += 1
        np.subtract.at(edges, starts + n, 1)
        covered = np.cumsum(edges[:-1]) > 0
        return again, int(self._weights[covered].sum())
