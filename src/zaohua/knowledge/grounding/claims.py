"""An answer sentence by sentence: which sources bear it, and what of it stands in none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Literal

from zaohua.knowledge.grounding.declining import declines
from zaohua.knowledge.grounding.facts import Hard, Stated, hard_facts
from zaohua.knowledge.grounding.negation import Sentence, contradicted
from zaohua.knowledge.terms import Phrase, asked_phrases
from zaohua.text.language import main_language
from zaohua.text.sentences import sentences

Verdict = Literal["supported", "unsupported", "uncited"]

MARK = re.compile(r"\s*[\[［【](\d{1,2})[\]］】]")
"""A citation in an answer: ``[1]``."""
_LIST_MARK = re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)、])\s+|^\s*\d{1,2}、")
_QUESTION = re.compile(r"[?？]\s*$")
_ENOUGH = 0.5
"""Share of a sentence's words that its sources and the question must have."""
_OF_SOURCES = 0.25
"""Share of them that the sources must have alone."""
_LEAST_PHRASES = 3
"""Sentences with fewer telling words, and no fact, say nothing that could be checked."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer, characters ``start`` to ``end``.

    Attributes:
        start: first character.
        end: one past the last, without the spaces behind it.
        numbers: the sources that bear it, from 1.
        verdict: ``uncited`` says nothing that sources could bear.
        missing: what stands in no source: numbers, names, quoted words; empty if it is said in
            other words altogether.
    """

    start: int
    end: int
    numbers: tuple[int, ...]
    verdict: Verdict
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence without its citations, and what of it is to be found."""

    start: int
    end: int
    text: str
    cited: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    language: str
    stated: Stated
    phrases: frozenset[Phrase]
    sentences: tuple[Sentence, ...]


def claims(answer: str, sources: Sequence[str], question: str = "") -> list[Claim]:
    """What of ``answer`` the numbered ``sources`` bear.

    Sources that the answer cites are tried first; if they do not bear a sentence, the others are.
    What ``question`` states may be repeated without a source.
    """
    read = [_source(text) for text in sources]
    asked = _source(question)
    return [_judged(said, read, asked) for said in _said(answer)]


def _source(text: str) -> _Source:
    parts = tuple(Sentence.of(part) for part in sentences(text))
    phrases = frozenset(asked_phrases(text, None))
    return _Source(main_language(text), Stated.of(text), phrases, parts)


def _said(answer: str) -> list[_Said]:
    """Sentences; a citation that stands behind a full stop belongs to the sentence before it."""
    found: list[_Said] = []
    place = 0
    for piece in sentences(answer):
        ahead = re.match(rf"(?:{MARK.pattern})+", piece) if found else None
        rest = place
        if ahead:
            last, rest = found[-1], place + ahead.end()
            cited = (*last.cited, *_marks(ahead.group()))
            found[-1] = _Said(last.start, rest, last.text, cited)
        text = answer[rest : place + len(piece)]
        if text.strip():
            begin = rest + len(text) - len(text.lstrip())
            found.append(_Said(begin, begin + len(text.strip()), _bare(text), _marks(text)))
        place += len(piece)
    return found


def _marks(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in MARK.findall(text))


def _bare(piece: str) -> str:
    return _LIST_MARK.sub("", MARK.sub("", piece)).strip(" \t\n*#_`")


def _judged(said: _Said, sources: Sequence[_Source], asked: _Source) -> Claim:
    phrases = asked_phrases(said.text, None)
    facts = hard_facts(said.text)
    open_facts = [fact for fact in facts if not asked.stated.has(fact)]
    if _says_nothing(said.text, phrases, open_facts):
        return Claim(said.start, said.end, (), "uncited")
    for numbers in _choices(said, sources, phrases):
        chosen = [sources[number - 1] for number in numbers]
        if _bears(chosen, asked, said.text, phrases, open_facts):
            return Claim(said.start, said.end, numbers, "supported")
    missing = [fact.said for fact in open_facts if not any(s.stated.has(fact) for s in sources)]
    return Claim(said.start, said.end, (), "unsupported", tuple(missing))


def _says_nothing(text: str, phrases: Sequence[Phrase], facts: Sequence[Hard]) -> bool:
    if _QUESTION.search(text):
        return True
    return not facts and (len(phrases) < _LEAST_PHRASES or declines(text))


def _choices(
    said: _Said, sources: Sequence[_Source], phrases: Sequence[Phrase]
) -> Iterator[tuple[int, ...]]:
    """Sets of sources to try: those cited, each alone from the likeliest on, the likeliest two."""
    cited = tuple(dict.fromkeys(n for n in said.cited if 1 <= n <= len(sources)))
    if cited:
        yield cited
    order = sorted(range(1, len(sources) + 1), key=lambda n: -_covered([sources[n - 1]], phrases))
    for number in order:
        yield (number,)
    if len(order) > 1:
        yield tuple(sorted(order[:2]))


def _bears(
    chosen: Sequence[_Source],
    asked: _Source,
    text: str,
    phrases: Sequence[Phrase],
    facts: Sequence[Hard],
) -> bool:
    if not all(any(source.stated.has(fact) for source in chosen) for fact in facts):
        return False
    language = main_language(text)
    if language and all(s.language and s.language != language for s in chosen):
        return bool(facts)  # words of two languages cannot be compared, facts can
    if _covered(chosen, phrases) < _OF_SOURCES or _covered([*chosen, asked], phrases) < _ENOUGH:
        return False
    said = Sentence.of(text)
    return not any(contradicted(said, source.sentences) for source in chosen)


def _covered(chosen: Sequence[_Source], phrases: Sequence[Phrase]) -> float:
    """Share of ``phrases`` that the sources have."""
    if not phrases:
        return 1.0
    has: frozenset[Phrase] = reduce(
        frozenset.union, (source.phrases for source in chosen), frozenset()
    )
    return sum(phrase in has for phrase in phrases) / len(phrases)
