"""What a model says of the clauses of a text, put together as a decision needs it.

The model only says which option and which criterion a clause is about and how well it speaks of
it. That the matrix is whole, that evidence stands in the text, and what is unknown is code's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Final

_UNKNOWN: Final = re.compile(
    r"不知道|不清楚|不详|不明|未知|没有?(?:写|说|提|统计|问|定|查|公布)|还没|尚未|未(?:定|写|说|统计)|待定"
    r"|\b(?:unknown|unclear|undecided|nobody (?:knows|has)"
    r"|not (?:yet |been )*(?:known|told|said|sure|clear|asked|counted|stated|decided|given)"
    r"|(?:have|has)(?: not|n't) (?:yet )?(?:asked|counted|decided)"
    r"|do(?:es)?(?: not|n't) (?:say|know))\b",
    re.IGNORECASE,
)
_WEIGHT: Final = r"\W{0,3}\w{0,10}?\W{0,3}(\d+(?:\.\d+)?)\s*[%％]"
_MIDDLE: Final = 5
"""The score that speaks neither for nor against an option."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A clause, what it is about, and how well it speaks of it, 0 to 10 (None: unknown)."""

    clause: str
    option: str
    criterion: str
    score: float | None


def matrix(
    said: Mapping[str, Any], clauses: Sequence[str], criteria: Sequence[str] = ()
) -> dict[str, Any]:
    """Options, criteria, a score for each of both with its evidence, and what is unknown.

    Args:
        said: by a model: ``options``, and ``facts`` by clause, each with ``option``,
            ``criterion`` and ``score``.
        clauses: of the text. What is said of others does not count; weights stand in them.
        criteria: those to be used; else those that were said.
    """
    options = _distinct(said["options"])
    facts = list(_facts(said, options, clauses))
    named = list(criteria) or _distinct(fact.criterion for fact in facts)
    cells = [_cell(facts, option, criterion) for option in options for criterion in named]
    gaps = [f"{cell['option']}: {cell['criterion']}" for cell in cells if cell["score"] is None]
    return {
        "options": options,
        "criteria": [{"name": name, "weight": _weight(name, clauses)} for name in named],
        "scores": cells,
        "unknown": [*gaps, *_unknown(clauses)],
    }


def sides(said: Mapping[str, Any], clauses: Sequence[str]) -> dict[str, Any]:
    """``options``, each with its ``name`` and the clauses ``pro`` and ``con``; the ``unknown``
    clauses; and ``best``, the one that more speaks for. Arguments as of `matrix`.
    """
    names = _distinct(said["options"])
    facts = list(_facts(said, names, clauses))
    options = [
        {
            "name": name,
            "pro": [one.clause for one in facts if one.option == name and _weighs(one) > 0],
            "con": [one.clause for one in facts if one.option == name and _weighs(one) < 0],
        }
        for name in names
    ]
    total = {name: sum(_weighs(one) for one in facts if one.option == name) for name in names}
    best = max(names, key=total.__getitem__, default="")
    return {"options": options, "best": best, "unknown": _unknown(clauses)}


def _facts(
    said: Mapping[str, Any], options: Sequence[str], clauses: Sequence[str]
) -> Iterator[Fact]:
    for clause in clauses:
        one = said["facts"].get(clause)
        option = _option(str(one["option"]), clause, options) if one else ""
        if one and option:
            score = None if _UNKNOWN.search(clause) else one["score"]
            yield Fact(clause, option, str(one.get("criterion", "")).strip(), score)


def _option(said: str, clause: str, options: Sequence[str]) -> str:
    """The option that a clause names, if it names one alone; else the one that was said."""
    named = [option for option in options if option.casefold() in clause.casefold()]
    return named[0] if len(named) == 1 else said if said in options else ""


def _cell(facts: Sequence[Fact], option: str, criterion: str) -> dict[str, Any]:
    here = [fact for fact in facts if (fact.option, fact.criterion) == (option, criterion)]
    scores = {fact.clause: fact.score for fact in here if fact.score is not None}
    return {
        "option": option,
        "criterion": criterion,
        "score": round(fmean(scores.values())) if scores else None,
        "evidence": "; ".join(scores) or None,
    }


def _weight(criterion: str, clauses: Sequence[str]) -> float | None:
    pattern = re.escape(criterion) + _WEIGHT
    found = (re.search(pattern, clause) for clause in clauses)
    return next((float(one[1]) for one in found if one), None)


def _unknown(clauses: Iterable[str]) -> list[str]:
    """Those that say that something is not known."""
    return [clause for clause in clauses if _UNKNOWN.search(clause)]


def _weighs(fact: Fact) -> float:
    return 0 if fact.score is None else fact.score - _MIDDLE


def _distinct(names: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(name for one in names if (name := str(one).strip())))
