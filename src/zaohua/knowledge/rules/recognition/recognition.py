"""Facts of a rule file found in what somebody wrote."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from zaohua.knowledge.rules.facts import Fact
from zaohua.knowledge.rules.form import words_of
from zaohua.knowledge.rules.recognition.amounts import Amount, amounts_in
from zaohua.knowledge.rules.recognition.dates import dates_in, shifted
from zaohua.knowledge.rules.recognition.units import converted
from zaohua.knowledge.rules.recognition.yes_no import negated, places, said
from zaohua.knowledge.rules.values import Value
from zaohua.text.search_terms import search_terms

MOST_CHARACTERS = 4000
"""Of a text; facts further on are not looked for."""
_FAR = 16
_ELAPSED_FAR = 6
_AFTER_IT = 1.5
_CLAUSE_COST = 4.0
_SENTENCE_COST = 12.0


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A value at a place, for one fact.

    Attributes:
        near: whether it counts only beside a word of the fact.
        exact: whether it is written in the fact's own unit.
    """

    fact: Fact
    start: int
    end: int
    value: Value
    near: bool
    exact: bool = True


@dataclass(frozen=True, slots=True)
class _Pair:
    cost: float
    candidate: _Candidate


def recognise(facts: Sequence[Fact], text: str, language: str, today: date) -> dict[str, Value]:
    """The values of ``facts`` that stand in ``text``; what is ambiguous is left out.

    Args:
        facts: of a rule file.
        text: of which the first 4,000 characters count.
        language: whose words are looked for; of all if empty.
        today: to which ``9 days ago`` refers.
    """
    plain = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).lower()
    found: dict[str, Value] = {}
    for fact in facts:
        value = _by_pattern(fact, plain, language, today)
        if value is None and fact.spec.type == "yes/no":
            opposites = [word.lower() for word in words_of(fact.spec.opposites, language)]
            value = said(plain, fact.words(language), opposites)
        if value is None and fact.spec.type == "choice":
            value = _choice(fact, plain, language)
        if value is not None:
            found[fact.name] = value
    return found | _placed([one for one in facts if one.name not in found], plain, language, today)


def _by_pattern(fact: Fact, text: str, language: str, today: date) -> Value | None:
    for pattern in fact.patterns:
        match = pattern.search(text)
        if not match:
            continue
        part = (match[1] if pattern.groups else match[0]) or ""
        if fact.spec.type == "text":
            return part.strip() or None
        if fact.spec.type == "yes/no":
            return True
        if fact.spec.type == "choice":
            return _choice(fact, part, language)
        values = [one.value for one in _candidates(fact, part, today)]
        if values:
            return values[0]
    return None


def _choice(fact: Fact, text: str, language: str) -> str | None:
    """The one choice whose words stand in ``text`` and are not negated; the longest word wins."""
    words = [
        (word.lower(), name)
        for name, listed in fact.spec.choices.items()
        for word in words_of(listed, language)
    ]
    taken: list[tuple[int, int]] = []
    named = set()
    for word, name in sorted(words, key=lambda one: -len(one[0])):
        for match in places(text, word):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            taken.append(match.span())
            if not negated(text, match.start()) and not match["un"]:
                named.add(name)
    return named.pop() if len(named) == 1 else None


def _placed(facts: Sequence[Fact], text: str, language: str, today: date) -> dict[str, Value]:
    """Days and amounts: each goes to the fact whose word stands nearest."""
    wanted = [fact for fact in facts if fact.is_number or fact.spec.type == "date"]
    candidates = [one for fact in wanted for one in _candidates(fact, text, today)]
    found: dict[str, Value] = {}
    used: list[tuple[int, int]] = []
    for pair in sorted(_pairs(candidates, text, language), key=lambda one: one.cost):
        one = pair.candidate
        if one.fact.name in found or _overlaps(one, used):
            continue
        found[one.fact.name] = one.value
        used.append((one.start, one.end))
    left = [one for one in candidates if one.fact.name not in found and not _overlaps(one, used)]
    return found | dict(_only_ones(left))


def _pairs(candidates: Iterable[_Candidate], text: str, language: str) -> Iterator[_Pair]:
    for one in candidates:
        far = _ELAPSED_FAR if one.near else _FAR
        costs = [
            _cost(text, match.span(), (one.start, one.end))
            for word in one.fact.words(language)
            for match in places(text, word)
        ]
        if costs and min(costs) <= far:
            yield _Pair(min(costs), one)


def _cost(text: str, word: tuple[int, int], value: tuple[int, int]) -> float:
    """How far a word stands from a value, in terms; marks between them count for more."""
    after = word[0] >= value[1]
    between = text[value[1] : word[0]] if after else text[word[1] : value[0]]
    marks = sum(between.count(mark) for mark in ",，、;；:：()（）")
    ends = sum(between.count(mark) for mark in "。.!！?？\n")
    terms = len(search_terms(between))
    return terms + _CLAUSE_COST * marks + _SENTENCE_COST * ends + (_AFTER_IT if after else 0)


def _only_ones(left: Sequence[_Candidate]) -> Iterator[tuple[str, Value]]:
    """A value that only one fact can take, of a fact that can take only that."""
    sure = [one for one in left if not one.near]
    for one in sure:
        if one.fact.is_number and one.fact.unit is None:
            continue
        rivals = [
            other
            for other in sure
            if other is not one
            and (other.fact is one.fact or _overlaps(other, [(one.start, one.end)]))
            and (other.exact or not one.exact)
        ]
        if not rivals:
            yield one.fact.name, one.value


def _overlaps(one: _Candidate, used: Sequence[tuple[int, int]]) -> bool:
    return any(one.start < end and start < one.end for start, end in used)


def _candidates(fact: Fact, text: str, today: date) -> Iterator[_Candidate]:
    days = dates_in(text, today, ahead=fact.spec.ahead)
    own = [fact.unit] if fact.unit and fact.unit.dimension.startswith("own:") else []
    amounts = amounts_in(text, own, [(day.start, day.end) for day in days])
    if fact.spec.type == "date":
        for day in days:
            yield _Candidate(fact, day.start, day.end, day.value, near=False)
        for amount in amounts:
            yield from _elapsed(fact, amount, text, today)
        return
    for amount in amounts:
        value = amount.value if _is_bare(fact, amount) else None
        if amount.unit and fact.unit:
            value = converted(amount.value, amount.unit, fact.unit)
        if value is not None:
            near, exact = amount.unit is None, amount.unit == fact.unit
            yield _Candidate(fact, amount.start, amount.end, value, near, exact)


def _is_bare(fact: Fact, amount: Amount) -> bool:
    """A number without a unit is a measure of nothing, but it may be a count or a price."""
    return amount.unit is None and (fact.unit is None or fact.spec.type == "money")


def _elapsed(fact: Fact, amount: Amount, text: str, today: date) -> Iterator[_Candidate]:
    """签收 9 天了, delivered for 9 days: a day in the past, told by what has passed since."""
    if amount.unit is None or amount.unit.dimension not in ("time", "months") or fact.spec.ahead:
        return
    try:
        day = shifted(today, amount.value, amount.unit.name, -1)
    except (ValueError, OverflowError):
        return
    if day:
        near = not text[amount.end : amount.end + 2].startswith("了")
        yield _Candidate(fact, amount.start, amount.end, day, near)
