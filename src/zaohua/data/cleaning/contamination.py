"""Evaluation sets kept out of the training data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from zaohua.data.cleaning.languages import script_language
from zaohua.data.cleaning.shingles import (
    Hashes,
    character_units,
    distinct,
    ngram_hashes,
    word_units,
)
from zaohua.data.cleaning.steps import CHINESE
from zaohua.data.records import Dropped, Record


@dataclass(slots=True)
class Decontaminate:
    """Drops records that contain a run of words or characters of an evaluation text.

    A run is 13 words (GPT-3's rule) or 30 characters of Chinese, without punctuation and case.
    An evaluation text shorter than that counts whole, unless it is shorter than the least.

    Attributes:
        texts: the evaluation texts: questions and answers, each on its own.
        words: length of a run in spaced languages.
        characters: length of a run in Chinese.
        least_words: shorter evaluation texts are ignored, as they occur anywhere.
        least_characters: the same in Chinese.
    """

    name: ClassVar[str] = "contamination"
    texts: Iterable[str] = field(repr=False)
    words: int = 13
    characters: int = 30
    least_words: int = 8
    least_characters: int = 15
    _word_runs: dict[int, _Runs] = field(init=False, repr=False)
    _character_runs: dict[int, _Runs] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        words: dict[int, list[Hashes]] = defaultdict(list)
        chinese: dict[int, list[Hashes]] = defaultdict(list)
        for text in self.texts:
            if script_language(text) in CHINESE:
                _add(chinese, character_units(text), self.characters, self.least_characters)
            else:
                _add(words, word_units(text), self.words, self.least_words)
        self.texts = ()
        self._word_runs = _sorted(words)
        self._character_runs = _sorted(chinese)

    def apply(self, record: Record) -> Record | Dropped:
        """The record, or dropped as ``contaminated``."""
        for text in _texts(record):
            if self._character_runs and _occurs(character_units(text), self._character_runs):
                return Dropped(record, self.name, "contaminated")
            if self._word_runs and _occurs(word_units(text), self._word_runs):
                return Dropped(record, self.name, "contaminated")
        return record


def _texts(record: Record) -> Iterable[str]:
    if record.text:
        yield record.text
    for turn in (*record.messages, *record.chosen, *record.rejected):
        yield turn.content


def _add(runs: dict[int, list[Hashes]], units: Hashes, n: int, least: int) -> None:
    length = min(n, len(units))
    if length >= least:
        runs[length].append(ngram_hashes(units, length))


def _sorted(runs: dict[int, list[Hashes]]) -> dict[int, _Runs]:
    return {length: _Runs(np.concatenate(parts)) for length, parts in sorted(runs.items())}


def _occurs(units: Hashes, runs: dict[int, _Runs]) -> bool:
    return any(known.meets(ngram_hashes(units, length)) for length, known in runs.items())


class _Runs:
    """Hashes of runs of one length; a table of their low bits spares most searches."""

    def __init__(self, hashes: Hashes) -> None:
        self._sorted = distinct(hashes)
        slots = 1 << max(16, (8 * len(self._sorted)).bit_length())
        self._low = np.uint64(slots - 1)
        self._taken = np.zeros(slots, dtype=np.bool_)
        self._taken[self._sorted & self._low] = True

    def meets(self, hashes: Hashes) -> bool:
        """Whether any of ``hashes`` is here."""
        likely = hashes[self._taken[hashes & self._low]]
        places = np.searchsorted(self._sorted, likely)
        places[places == len(self._sorted)] = 0
        return bool((self._sorted[places] == likely).any())
