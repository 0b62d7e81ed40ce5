"""Quality rules on one text: length, the characters and words it is made of, its lines.

English is judged by words with the rules of Gopher, C4 and FineWeb. Chinese has no spaces, so the
same questions are put to characters: how many are characters and not signs, are the commonest ones
there, do lines end as Chinese sentences end. Each limit is a parameter; ``None`` switches it off.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from zaohua.data.cleaning.characters import profile
from zaohua.data.cleaning.shingles import spaced_words, words_of
from zaohua.data.cleaning.steps import CHINESE, language_of
from zaohua.data.records import Dropped, Record

_COMMON_WORDS = frozenset({"the", "be", "to", "of", "and", "that", "have", "with"})
_COMMON_CHARACTERS = frozenset(
    "的一是在不了有和人这中大为上个我以要他时来们到说就之其也而于者无何與爲這個時來們"
)
_BULLETS = ("•", "●", "○", "■", "□", "▪", "‣", "·", "-", "*", "–", "◆", "★", "※")
_ELLIPSES = ("...", "…", "。。。")
_ENDS = (".", "!", "?", "。", "！", "？", "…", '"', "'", "”", "’", "」", "』", ")", "）", "》")
_CHINESE_ENDS = (*_ENDS, "，", "；", "：", "、")
_SIGNS = re.compile(r"#|\.\.\.|…")
_WORD_WITH_LETTER = re.compile(r"[^\W\d_]\S*")
_LONG_ENOUGH = 50


@dataclass(frozen=True, slots=True)
class Length:
    """Too short or too long: words of English and other spaced text, characters of Chinese.

    The default is lenient (a poem passes); Gopher's for web pages is 50 to 100,000 words.
    """

    name: ClassVar[str] = "length"
    least_words: int | None = 5
    most_words: int | None = 100_000
    least_characters: int | None = 10
    most_characters: int | None = 200_000

    def apply(self, record: Record) -> Record | Dropped:
        """The record, or dropped as ``too_short`` or ``too_long``."""
        text = record.body()
        if language_of(record) in CHINESE:
            size, least, most = len(text), self.least_characters, self.most_characters
        else:
            size, least, most = len(spaced_words(text)), self.least_words, self.most_words
        if least is not None and size < least:
            return Dropped(record, self.name, "too_short")
        if most is not None and size > most:
            return Dropped(record, self.name, "too_long")
        return record


@dataclass(frozen=True, slots=True)
class Composition:
    """What the text is made of (Gopher): signs, digits, letters, word lengths, common words.

    Attributes:
        kinds: the kinds of record that are judged; conversations may be code or sums.
        most_signs: ``#`` and ellipses per word (per character in Chinese, at a third).
        most_symbols: share of visible characters that are neither letters, digits nor punctuation.
        most_digits: share of visible characters that are digits.
        least_letters: share of words with a letter; in Chinese share of visible characters that
            are letters or characters.
        word_length: shortest and longest mean length of English words.
        least_common: how many different common words (the, of, and …) or characters (的, 是, 在,
            之, 不 …) a text of 50 words or characters must have.
    """

    name: ClassVar[str] = "composition"
    kinds: tuple[str, ...] = ("text",)
    most_signs: float | None = 0.1
    most_symbols: float | None = 0.15
    most_digits: float | None = 0.3
    least_letters: float | None = 0.7
    word_length: tuple[float, float] | None = (2.5, 10.0)
    least_common: int | None = 2

    def apply(self, record: Record) -> Record | Dropped:
        """The record, or dropped with the rule's name."""
        if record.kind not in self.kinds:
            return record
        text = record.body()
        reason = self._of_characters(text)
        if reason is None:
            chinese = language_of(record) in CHINESE
            reason = self._of_chinese(text) if chinese else self._of_words(text)
        return record if reason is None else Dropped(record, self.name, reason)

    def _of_characters(self, text: str) -> str | None:
        counts = profile(text)
        visible = max(1, counts.visible)
        if self.most_symbols is not None and counts.symbols > self.most_symbols * visible:
            return "symbols"
        if self.most_digits is not None and counts.digits > self.most_digits * visible:
            return "digits"
        return None

    def _of_chinese(self, text: str) -> str | None:
        counts = profile(text)
        visible = max(1, counts.visible)
        if self.most_signs is not None and _signs(text) > self.most_signs / 3 * visible:
            return "signs"
        # Chinese punctuation alone is a sixth of dialogue and verse.
        if (
            self.least_letters is not None
            and counts.all_letters < self.least_letters * 0.8 * visible
        ):
            return "few_letters"
        if self.least_common is None or counts.han < _LONG_ENOUGH:
            return None
        common = sum(character in text for character in _COMMON_CHARACTERS)
        return "few_common_characters" if common < self.least_common else None

    def _of_words(self, text: str) -> str | None:
        words = spaced_words(text)
        if not words:
            return "few_letters"
        if self.most_signs is not None and _signs(text) > self.most_signs * len(words):
            return "signs"
        if self.least_letters is not None and self._lacks_letters(text, len(words)):
            return "few_letters"
        if self.word_length is not None:
            mean = sum(map(len, words)) / len(words)
            if not self.word_length[0] <= mean <= self.word_length[1]:
                return "word_length"
        if self.least_common is None or len(words) < _LONG_ENOUGH:
            return None
        common = len(_COMMON_WORDS.intersection(words_of(text)))
        return "few_common_words" if common < self.least_common else None

    def _lacks_letters(self, text: str, words: int) -> bool:
        least = (self.least_letters or 0) * words
        counts = profile(text)
        if words - (counts.visible - counts.all_letters) >= least:
            return False  # even if every other character were a word of its own
        return len(_WORD_WITH_LETTER.findall(text)) < least


@dataclass(frozen=True, slots=True)
class Lines:
    """What the lines look like (Gopher, FineWeb): lists, teasers, menus, code of pages.

    Attributes:
        kinds: the kinds of record that are judged.
        least_lines: texts with fewer lines are not judged by their share of short lines or ends.
        most_bullets: share of lines that begin with a bullet.
        most_ellipses: share of lines that end in an ellipsis.
        most_short: share of lines under 30 characters (Chinese: 8) that end no sentence.
        least_ended: share of lines that end as sentences do; verse and 、，； count in Chinese.
        braces: drop texts with more than this share of ``{`` and ``}`` (C4 drops any).
    """

    name: ClassVar[str] = "lines"
    kinds: tuple[str, ...] = ("text",)
    least_lines: int = 5
    most_bullets: float | None = 0.9
    most_ellipses: float | None = 0.3
    most_short: float | None = 0.67
    least_ended: float | None = 0.12
    braces: float | None = 0.02

    def apply(self, record: Record) -> Record | Dropped:
        """The record, or dropped with the rule's name."""
        if record.kind not in self.kinds:
            return record
        reason = self._reason(record.body(), language_of(record) in CHINESE)
        return record if reason is None else Dropped(record, self.name, reason)

    def _reason(self, text: str, chinese: bool) -> str | None:
        braces = text.count("{") + text.count("}")
        if self.braces is not None and braces > max(4, self.braces * len(text)):
            return "braces"
        lines = [line for raw in text.split("\n") if (line := raw.strip())]
        if len(lines) < self.least_lines:
            return None
        ends, short = (_CHINESE_ENDS, 8) if chinese else (_ENDS, 30)
        ended = sum(line.endswith(ends) for line in lines)
        menu = sum(len(line) < short and not line.endswith(ends) for line in lines)
        shares = (
            ("bullets", self.most_bullets, sum(line.startswith(_BULLETS) for line in lines)),
            ("ellipses", self.most_ellipses, sum(line.endswith(_ELLIPSES) for line in lines)),
            ("short_lines", self.most_short, menu),
        )
        for reason, most, found in shares:
            if most is not None and found > most * len(lines):
                return reason
        if self.least_ended is not None and ended < self.least_ended * len(lines):
            return "no_sentence_ends"
        return None


def _signs(text: str) -> int:
    return len(_SIGNS.findall(text))
