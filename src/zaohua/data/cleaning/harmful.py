"""How much of a text is words of pornography, gambling and fraud."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import ClassVar

from zaohua.data.cleaning.characters import profile
from zaohua.data.cleaning.shingles import words_of
from zaohua.data.records import Dropped, Record
from zaohua.errors import NotFoundError, UsageError

_HAN = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class HarmfulWords:
    """Drops texts in which such words are frequent; a single mention is no reason.

    Attributes:
        most: share of the text's letters that may be in such words.
        least_found: this many must be found before the share counts.
        extra: a UTF-8 file with further words, one a line, ``#`` begins a comment.

    Raises:
        NotFoundError: ``extra`` cannot be read.
        UsageError: ``extra`` is not UTF-8.
    """

    name: ClassVar[str] = "harmful_words"
    most: float = 0.01
    least_found: int = 3
    extra: Path | None = None

    def __post_init__(self) -> None:
        _patterns(self.extra)

    def apply(self, record: Record) -> Record | Dropped:
        """The record, or dropped as ``harmful_words``."""
        body = record.body()
        patterns = _patterns(self.extra)
        if body.isascii() and "_" not in body and patterns.starts.isdisjoint(words_of(body)):
            return record
        text = body.lower()
        found = [word for pattern in patterns.all for word in pattern.findall(text)]
        if len(found) < self.least_found:
            return record
        if sum(map(len, found)) > self.most * profile(text).all_letters:
            return Dropped(record, self.name, "harmful_words")
        return record


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Patterns of all words, and how the spaced ones begin: a quick look before the search."""

    all: tuple[re.Pattern[str], ...]
    starts: frozenset[str]


@lru_cache(maxsize=8)
def _patterns(extra: Path | None) -> _Patterns:
    own = files("zaohua.data.cleaning").joinpath("harmful_words.txt").read_text("utf-8")
    words = _words(own.splitlines())
    if extra is not None:
        words |= _words(_read(extra))
    chinese = sorted(word for word in words if _HAN.search(word))
    spaced = sorted(word for word in words if not _HAN.search(word))
    patterns = []
    if chinese:
        patterns.append(re.compile(_alternatives(chinese)))
    if spaced:
        patterns.append(re.compile(rf"(?<![a-z0-9])(?:{_alternatives(spaced)})(?![a-z0-9])"))
    starts = frozenset(word for phrase in spaced for word in words_of(phrase)[:1])
    return _Patterns(tuple(patterns), starts)


def _read(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except OSError as error:
        raise NotFoundError("the word list cannot be read", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise UsageError("the word list is not UTF-8", where=str(path)) from error


def _words(lines: Iterable[str]) -> set[str]:
    return {word for line in lines if (word := line.partition("#")[0].strip().lower())}


def _alternatives(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
