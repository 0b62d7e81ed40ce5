"""Which entities a question speaks of: the longest name at each place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from zaohua.knowledge.graph.names import MOST_TERMS
from zaohua.knowledge.graph.writing import AT_ONCE
from zaohua.knowledge.terms import is_empty
from zaohua.store.tables import GraphNameRow
from zaohua.text.search_terms import is_unspaced, search_terms

MOST_QUESTION_TERMS = 128


@dataclass(frozen=True, slots=True)
class Linked:
    """Entities of one name, and which terms of the question are that name."""

    entities: tuple[int, ...]
    first: int
    terms: int


def link(session: Session, question: str, collections: Sequence[int]) -> list[Linked]:
    """The names in ``question`` by place; other names count as names do."""
    terms = search_terms(question)[:MOST_QUESTION_TERMS]
    found = _known(session, _candidates(terms), collections)
    linked = []
    place = 0
    while place < len(terms):
        for length in range(min(MOST_TERMS, len(terms) - place), 0, -1):
            entities = found.get(" ".join(terms[place : place + length]))
            if entities:
                linked.append(Linked(tuple(sorted(entities)), place, length))
                place += length - 1
                break
        place += 1
    return linked


def left_over(question: str, linked: Sequence[Linked]) -> list[str]:
    """The terms of ``question`` that are in no name: what is asked of those."""
    terms = search_terms(question)[:MOST_QUESTION_TERMS]
    taken = {place for one in linked for place in range(one.first, one.first + one.terms)}
    return [term for place, term in enumerate(terms) if place not in taken]


def named(session: Session, key: str, collections: Sequence[int]) -> list[int]:
    """The entities of exactly this name."""
    return sorted(_known(session, {key}, collections).get(key, ()))


def _candidates(terms: Sequence[str]) -> set[str]:
    """All runs of terms that may be a name: not one character alone, no empty word alone."""
    runs = {
        " ".join(terms[start : start + length])
        for start in range(len(terms))
        for length in range(2, MOST_TERMS + 1)
        if start + length <= len(terms)
    }
    return runs | {term for term in terms if not is_empty(term) and not is_unspaced(term)}


def _known(session: Session, keys: set[str], collections: Sequence[int]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    listed = sorted(keys)
    for start in range(0, len(listed), AT_ONCE):
        rows = session.execute(
            select(GraphNameRow.key, GraphNameRow.entity_id)
            .where(GraphNameRow.key.in_(listed[start : start + AT_ONCE]))
            .where(GraphNameRow.collection_id.in_(collections))
            .distinct()
        )
        for key, number in rows:
            found[key].add(number)
    return found
