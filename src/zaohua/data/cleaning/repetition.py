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
        factor = self.chinese_factor if chinese else 1
        if len(units) < _ENOUGH_UNITS:
            return None
        total = int(weights.sum())
        for n, limit in self.top:
            if _top_weight(units, weights, n * factor) > limit * total:
                return f"top_{n}_gram"
        for n, limit in self.repeated:
            if _repeated_weight(units, weights, n * factor, limit * total) > limit * total:
                return f"repeated_{n}_grams"
        return None


def _top_weight(units: Hashes, weights: NDArray[np.int64], n: int) -> int:
    hashes = ngram_hashes(units, n)
    ordered = np.sort(hashes)
    breaks = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    edges = np.concatenate(([0], breaks, [len(ordered)]))
    runs = np.diff(edges)
    best = int(runs.argmax())
    if runs[best] < _AT_LEAST_TIMES:
        return 0
    start = int((hashes == ordered[edges[best]]).argmax())
    return int(runs[best]) * int(weights[start : start + n].sum())


def _repeated_weight(units: Hashes, weights: NDArray[np.int64], n: int, enough: float) -> int:
    """The weight inside n-grams that occurred before; 0 if it cannot exceed ``enough``."""
    hashes = ngram_hashes(units, n)
    ordered = np.sort(hashes)
    again = np.count_nonzero(ordered[1:] == ordered[:-1])
    if again * n * int(weights.max()) <= enough:
        return 0
    starts = np.flatnonzero(seen_before(hashes))
    edges = np.zeros(len(units) + 1, dtype=np.int64)
    edges[starts] += 1
    np.subtract.at(edges, starts + n, 1)
    covered = np.cumsum(edges[:-1]) > 0
    return int(weights[covered].sum())
