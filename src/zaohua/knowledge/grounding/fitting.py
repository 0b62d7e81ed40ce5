"""Whether what an answer says is what was asked, and said where its sources say that.

A sentence may have words and numbers of a source and still be none of it: a single dose given for
the limit of a day, a number of another contract, the question again with a *yes* before it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from zaohua.knowledge.grounding.asked import Asked
from zaohua.knowledge.grounding.figures import (
    Clause,
    Figure,
    clauses_of,
    figures,
    parts,
    signs,
    unsigned,
)
from zaohua.knowledge.grounding.kinds import SPAN, kind_of
from zaohua.knowledge.grounding.letters import folded
from zaohua.knowledge.grounding.words import words_of

_AROUND = 0.5
"""What a word counts that stands in the sentence of a clause or above it, not in the clause."""
_OF_ANSWER = 0.25
"""What a word counts that only the answer has, not the question."""
_SIGN = 1.5
"""What it counts that a clause speaks of the measure that is asked for: a day, at most."""
_AGAINST = (("below", "above"), ("most", "least"), ("day", "each"))
"""Signs of which one speaks against the other; that costs as much."""
_NAMED = 2.0
"""What a word of a name counts."""
_AS_NEAR = 0.85
"""Share of what the likeliest clause with another such number has that the number's own must have."""
_ABOUT = 0.5
"""Share of what the likeliest source has of a question that the one of a sentence must have."""
_LEANT_ON = 0.3
"""What a word counts in an answer that only the question before has."""
_NEW = 2
"""Words of the sources beyond those of the question that make a sentence more than an echo."""
_TRANSPLANTED = 0.7
"""Share of what a sentence adds to the question that stands in one sentence of a source."""
_OPEN = 2
"""Words that rules leave open, where a document has them, so that it is looked at too."""
_OPEN_SHARE = 0.4
"""And the share of all that they leave open."""
_SAME_ASKED = 0.6
_FIGURES = ("money", "duration", "time", "distance", "height", "count")
"""Kinds of which a figure is given."""
_FIGURE = re.compile(
    r"多少|几[天个次年月岁周小分日]|多久|多长|多大|限量|上限|下限"
    r"|\bhow (?:much|many|long|often|old|soon|high|low|far)\b|\b(?:below|above|from|at|in|within) (?:which|what)\b"
    r"|\bwhat (?:is|are|was) (?:the |a )?(?:[\w-]+ ){0,3}(?:limit|period|rate|share|percentage|threshold|dose|deadline|age|number|amount)\b"
    r"|\bwhat (?:share|percentage|rate|age|notice|sum|weeks?|reading|value)\b",
)
_NO_NUMBER = re.compile(
    r"免费|不收|不用|不需要|没有|不限|立即|马上|随时|终身|全部|全额|一半|半[年天]|当[天日]|次日"
    r"|\bfree\b|\bnone?\b|\bnothing\b|\bimmediately\b|\bat once\b|\bunlimited\b|\bhalf\b|\ball\b|\bsame day\b|\bevery\b"
)
_META = re.compile(
    r"(?:根据|按照|依据)?(?:以上|所给|提供的?)?(?:资料|文档|来源)(?:显示|所述|中|里)?"
    r"|\b(?:the |these )?(?:sources?|passages?|documents?|texts?) (?:say|state|indicate|show|mention)s?(?: that)?\b"
    r"|\b(?:according to|based on) the (?:\w+ )?(?:sources?|passages?|documents?|texts?)\b"
)


@dataclass(frozen=True)
class Fit:
    """A question and the clauses of its sources; made by `Fit.of`."""

    asked: Asked
    words: frozenset[str]
    signs: frozenset[str]
    values: frozenset[Figure]
    text: str
    clauses: tuple[Clause, ...]

    @classmethod
    def of(cls, question: str, sources: Sequence[str]) -> Fit:
        """Read a question, with earlier lines that it leans on, and its numbered sources."""
        text = folded(question).casefold()
        found = frozenset(words_of(text))
        clauses = tuple(clauses_of(list(sources)))
        asked = Asked.of(question)
        return cls(asked, found, signs(text), frozenset(figures(text)), text, clauses)

    def misplaced(self, sentence: str) -> list[Figure]:
        """Numbers of ``sentence`` that its sources say of something else.

        Another number of the same measure stands nearer to what is asked.
        """
        said = folded(sentence).casefold()
        wanted = dict.fromkeys(_bare(said), _OF_ANSWER) | self._wanted(_bare(self.text))
        known = {one.value for one in (*figures(said), *self.values)}
        found: list[Figure] = []
        for part in parts(sentence):
            given = frozenset(figures(part))
            scores = self._scores(wanted, self.signs or signs(part)) if given else []
            new = given - self._stated(given)
            found += [one for one in new if self._is_beside(one, known, scores)]
        return found

    def about(self, numbers: Iterable[int]) -> bool:
        """Whether the sources of these ``numbers`` speak of the question as much as others do."""
        wanted = self._wanted(self.words)
        best: dict[int, float] = {}
        for clause, score in zip(self.clauses, self._scores(wanted), strict=True):
            best[clause.source] = max(best.get(clause.source, 0.0), score)
        most = max(best.values(), default=0.0)
        return max((best.get(one, 0.0) for one in numbers), default=0.0) >= _ABOUT * most

    def echoes(self, sentence: str, numbers: Iterable[int]) -> bool:
        """Whether ``sentence`` has nothing of its sources that the question does not have."""
        said = _META.sub(" ", folded(sentence).casefold())
        chosen = set(numbers)
        own = [clause for clause in self.clauses if clause.source in chosen]
        given = frozenset(figures(said))
        if given - self._stated(given):
            return False
        new = [word for word in words_of(said) if word not in self.words]
        return sum(any(clause.has(word) for clause in own) for word in new) < _NEW

    def transplants(self, sentence: str, numbers: Iterable[int]) -> bool:
        """Whether ``sentence`` says of what is asked what its sources say of something else.

        What it adds to the question stands in a sentence that has nothing of the question, nor
        has what is above it or beside it, while another sentence of the source has.
        """
        said = words_of(_META.sub(" ", folded(sentence).casefold()))
        asked = [word for word in said if word in self.words]
        new = [word for word in said if word not in self.words and not word.isdigit()]
        if not asked or len(new) < _NEW:
            return False
        chosen = set(numbers)
        told = [one for one in _sentences(self.clauses) if one[0].source in chosen]
        most = max((_met(one, new) for one in told), default=0)
        if most < _TRANSPLANTED * len(new):
            return False
        about = [any(any(map(part.near, asked)) for part in one) for one in told]
        bearing = [place for place, one in enumerate(told) if _met(one, new) == most]
        return any(about) and not any(any(about[max(n - 1, 0) : n + 2]) for n in bearing)

    def gives(self, text: str) -> bool:
        """Whether ``text`` has a figure, if one is asked for."""
        kind = kind_of(self.text)
        kind = kind if kind and kind.name in _FIGURES else None
        if kind is None and not _FIGURE.search(self.text):
            return True
        said = folded(text).casefold()
        given = frozenset(figures(said))
        if kind and kind.name in ("time", "duration"):
            there = kind.borne if kind.name == "time" else SPAN
            return any(match.group() not in self.text for match in there.finditer(said))
        return bool(given - self._stated(given)) or _NO_NUMBER.search(said) is not None

    def open_beside(self, said: str) -> bool:
        """Whether the sources say more of what is asked than ``said`` does."""
        told = Clause(0, folded(said).casefold(), "")
        left = [word for word in self.asked.words if not told.has(word)]
        most = max((sum(map(one.near, left)) for one in self.clauses), default=0)
        return most > 0 and most >= max(min(_OPEN, len(left)), _OPEN_SHARE * len(left))

    def answers(self, text: str) -> bool:
        """Whether ``text`` has about as much of the question as the clause that has most.

        What is always written in one of a few ways has to be there, if the sources have it.
        """
        for each in self.asked.attributes:
            borne = each.firm and any(each.text.search(one.text) for one in self.clauses)
            if borne and not each.text.search(text):
                return False
        own = {*self.asked.words, *(self.words - {*self.asked.before})}
        weights = {
            word: self._rarity(word) * (1.0 if word in own else _LEANT_ON) for word in self.words
        }
        said = Clause(0, folded(text).casefold(), "")
        most = max((_weight(one, weights) for one in self.clauses), default=0.0)
        return _weight(said, weights) >= _ABOUT * most

    def _wanted(self, words: Iterable[str]) -> dict[str, float]:
        """What each of ``words`` of the question counts."""
        named = {part for name in self.asked.names for part in words_of(name.said.casefold())}
        return {word: _NAMED if word in named else 1.0 for word in words}

    def _stated(self, given: Iterable[Figure]) -> frozenset[Figure]:
        """Those of ``given`` that the question has."""
        values = {one.value for one in self.values}
        return frozenset(one for one in given if one.value in values)

    def _is_beside(self, one: Figure, known: Collection[Decimal], scores: Sequence[float]) -> bool:
        own: float | None = None
        others = 0.0
        for clause, score in zip(self.clauses, scores, strict=True):
            alike = [each for each in clause.figures if each.dimension == one.dimension]
            if any(each.value == one.value for each in alike):
                own = score if own is None else max(own, score)
            elif any(each.value not in known for each in alike):
                others = max(others, score)
        return own is not None and own < _AS_NEAR * others

    def _scores(
        self, wanted: Mapping[str, float], asked: frozenset[str] = frozenset()
    ) -> list[float]:
        """What each clause has of ``wanted``, rarer words counting more, and of ``asked``."""
        weights = {word: weight * self._rarity(word) for word, weight in wanted.items()}
        return [
            _SIGN * _agreeing(clause.signs, asked)
            + sum(
                weight * (1.0 if clause.has(word) else _AROUND * clause.near(word))
                for word, weight in weights.items()
            )
            for clause in self.clauses
        ]

    def _rarity(self, word: str) -> float:
        having = sum(clause.has(word) for clause in self.clauses)
        return math.log(1 + (len(self.clauses) - having + 0.5) / (having + 0.5))


def _agreeing(signs: frozenset[str], asked: frozenset[str]) -> int:
    """How many signs are asked for, less those that speak against one of them."""
    against = sum(
        one in asked and other in signs and other not in asked and one not in signs
        for pair in _AGAINST
        for one, other in (pair, pair[::-1])
    )
    return len(signs & asked) - against


def _sentences(clauses: Iterable[Clause]) -> list[list[Clause]]:
    """Clauses by the sentences they are in."""
    return [list(group) for _, group in groupby(clauses, lambda one: (one.source, one.around))]


def _met(sentence: Iterable[Clause], words: Iterable[str]) -> int:
    """How many of ``words`` the clauses of a sentence have."""
    clauses = list(sentence)
    return sum(any(clause.has(word) for clause in clauses) for word in words)


def _weight(clause: Clause, weights: Mapping[str, float]) -> float:
    return sum(weight for word, weight in weights.items() if clause.has(word))


def _bare(text: str) -> list[str]:
    """Its words without numbers and what says of what measure these are."""
    return [word for word in words_of(unsigned(text)) if not word.isdigit()]


def asks_for(question: str, other: str) -> bool:
    """Whether ``question`` asks what ``other`` asks."""
    text = folded(question).casefold()
    clause = Clause(0, text, "")
    words = words_of(folded(other))
    return bool(words) and sum(map(clause.has, words)) >= _SAME_ASKED * len(words)
