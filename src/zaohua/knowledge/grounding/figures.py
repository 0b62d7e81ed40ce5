"""Numbers in texts with what they count, and the clauses in which they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from zaohua.knowledge.grounding.letters import folded
from zaohua.knowledge.grounding.pieces import Source
from zaohua.knowledge.grounding.words import has_word, stems
from zaohua.text.numerals import numbers

_CLAUSE = re.compile(r"[，；;。！？!?|\n]|[,.:](?=\s|$)")
_UNIT = re.compile(
    r"\s*(?:(?:～|~|-|–|—|至|到|to\b|and\b|or\b)\s*[\d.,]*\d)?\s*(%|℃|°|[a-z]+|个?半?[\u3400-\u9fff])?"
)
_DIMENSIONS = {
    name: dimension
    for dimension, names in (
        (
            "time",
            "天 日 周 月 年 岁 个月 小 个小 分 个周 个星 星 d day days h hour hours minute minutes min week"
            " weeks month months year years",
        ),
        ("money", "元 块 yuan dollars pounds euros usd eur gbp rmb cny"),
        ("mass", "克 毫 公 千 mg g kg milligrams grams"),
        ("share", "% percent per"),
        ("degrees", "℃ ° 度 degrees c f"),
        ("often", "次 times 回"),
    )
    for name in names.split()
}
_SIGNS = (
    (
        "day",
        r"一天|每天|每日|一日|全天|24\s?(?:个)?小时|\bdaily\b|\b(?:a|per|each|every|one) day\b|\b24 hours\b",
    ),
    (
        "each",
        r"每次|一次|单次|每回|一顿|\beach time\b|\b(?:single|one|each|per) (?:dose|time)\b|\bat a time\b",
    ),
    (
        "most",
        r"最多|不超过|不得超过|上限|最高|最长|限量|以内|\bat most\b|\bno more than\b|\bmaximum\b|\blimit|\bup to\b"
        r"|\bhighest\b|\blongest\b|\bnot (?:be )?(?:longer|more)\b|\bnot exceed\b",
    ),
    ("least", r"至少|最少|最低|最短|不少于|不低于|\bat least\b|\bminimum\b|\blowest\b"),
    ("below", r"低于|以下|不到|不满|\bbelow\b|\bunder\b|\bless than\b"),
    (
        "above",
        r"高于|超过(?<!不超过)|以上|达到|大于|or (?:more|higher|above)\b|\babove\b|\bover\b|\bmore than\b",
    ),
)
_SIGN = tuple((name, re.compile(pattern)) for name, pattern in _SIGNS)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and the kind of measure it is of; empty where that is not known."""

    value: Decimal
    dimension: str


@dataclass(frozen=True)
class Clause:
    """A clause of a source.

    Attributes:
        source: number of its source, from 1.
        text: folded, in lower case.
        around: the sentence it is in, and what stands above that.
    """

    source: int
    text: str
    around: str

    @cached_property
    def stems(self) -> frozenset[str]:
        """Its words in Latin letters."""
        return stems(self.text)

    @cached_property
    def stems_around(self) -> frozenset[str]:
        """Those around it."""
        return stems(self.around)

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """Its numbers."""
        return tuple(figures(self.text))

    @cached_property
    def signs(self) -> frozenset[str]:
        """What it says of the measure of its numbers."""
        return signs(self.text)

    def has(self, word: str) -> bool:
        """Whether it has one of `words.words_of`."""
        return has_word(word, self.text, self.stems)

    def near(self, word: str) -> bool:
        """Whether that stands around it."""
        return has_word(word, self.around, self.stems_around)


def figures(text: str) -> Iterator[Figure]:
    """The numbers of a folded ``text`` in lower case, but those of `signs`; both of a range have its unit."""
    text = unsigned(text)
    for number in numbers(text):
        match = _UNIT.match(text, number.end)
        unit = (match[1] or "") if match else ""
        yield Figure(number.value, _DIMENSIONS.get(unit, ""))


def signs(text: str) -> frozenset[str]:
    """What a folded ``text`` in lower case says of numbers: for a day, each time, at most."""
    return frozenset(name for name, pattern in _SIGN if pattern.search(text))


def unsigned(text: str) -> str:
    """``text`` without the words by which `signs` knows them."""
    for _, pattern in _SIGN:
        text = pattern.sub(" ", text)
    return text


def parts(text: str) -> list[str]:
    """The clauses of ``text``, folded and in lower case."""
    return [folded(part).casefold() for part in _CLAUSE.split(text) if part.strip()]


def clauses_of(sources: list[str]) -> list[Clause]:
    """The clauses of ``sources``, texts as for `answerable`; a row of a table is one."""
    found = []
    for number, source in enumerate(sources, start=1):
        for piece in Source.of(number, source).pieces:
            around = folded(f"{piece.above}\n{piece.lead}\n{piece.text}").casefold()
            row = folded(f"{piece.lead}\n{piece.text}").casefold()
            texts = [row] if piece.row else parts(piece.text)
            found += [Clause(number, text, around) for text in texts]
    return found
