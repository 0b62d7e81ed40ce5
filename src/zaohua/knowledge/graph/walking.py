"""From what a question names outwards, the relations it asks for first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import log10

from sqlalchemy import select
from sqlalchemy.orm import Session

from zaohua.knowledge.graph.edges import Relation, relations_at
from zaohua.knowledge.terms import is_empty
from zaohua.store.tables import GraphEntityRow, GraphRelationRow
from zaohua.text.search_terms import is_unspaced, search_terms

MOST_HOPS = 4
FRONTIER = 64
"""Entities that are gone on from, the nearest first."""
EACH = 40
"""Relations of one entity in one direction that are looked at."""
_MOST_ASKED = 20
_ASKED = 0.5  # of the terms of a relation stand in the question
_STEM = 5  # letters by which English words are compared
_CROWD = 0.5  # for each ten times as many relations of what is gone through
_PREPOSITIONS = frozenset("由在于")
_BETWEEN = 1.0  # nearer is what joins two things that the question names


@dataclass(frozen=True, slots=True)
class Step:
    """A relation that was met: how many relations from the question, and at what cost."""

    relation: Relation
    distance: int
    cost: float


@dataclass(slots=True)
class _Walk:
    cost: dict[int, float]
    origins: dict[int, frozenset[int]]
    steps: dict[int, Step] = field(default_factory=dict)


def walk(
    session: Session,
    seeds: Sequence[int],
    terms: Sequence[str],
    collections: Sequence[int],
    hops: int,
) -> list[Step]:
    """The relations within ``hops`` of ``seeds``, those on the shortest paths first.

    A relation that the question (its ``terms``) asks for makes a path shorter, one that is little
    sure makes it longer, so does a crowd of them at one entity, and what joins two seeds is nearer.
    No entity is gone through twice.
    """
    asked = _asked(session, terms, collections)
    this = _Walk(dict.fromkeys(seeds, 0.0), {seed: frozenset([seed]) for seed in seeds})
    frontier = list(seeds)
    for distance in range(1, min(hops, MOST_HOPS) + 1):
        first = sorted(asked, key=lambda name: -asked[name])[:_MOST_ASKED]
        found = relations_at(session, frontier, collections, most=EACH, asked=first)
        reached = _take(this, frontier, found, asked, distance)
        goes_on = _without_values(session, reached)
        frontier = sorted(goes_on, key=lambda entity: this.cost[entity])[:FRONTIER]
        if not frontier:
            break
    return sorted(
        this.steps.values(),
        key=lambda step: (step.cost, -step.relation.confidence, step.relation.id),
    )


def relevance(relation: str, terms: Iterable[str]) -> float:
    """How much of ``relation`` stands in the terms of a question, 0 to 1."""
    said = [term for term in search_terms(relation) if term not in _PREPOSITIONS]
    own = [_stem(term) for term in said if not is_empty(term)]
    asked = {_stem(term) for term in terms}
    return sum(term in asked for term in own) / len(own) if own else 0.0


def _stem(term: str) -> str:
    return term if is_unspaced(term) else term[:_STEM]


def _asked(session: Session, terms: Sequence[str], collections: Sequence[int]) -> dict[str, float]:
    names = session.scalars(
        select(GraphRelationRow.relation)
        .where(GraphRelationRow.collection_id.in_(collections))
        .distinct()
    )
    found = {name: relevance(name, terms) for name in names}
    return {name: value for name, value in found.items() if value >= _ASKED}


def _take(
    this: _Walk,
    frontier: Sequence[int],
    found: Iterable[Relation],
    asked: dict[str, float],
    distance: int,
) -> list[int]:
    """Keep what was found; the entities that are reached for the first time."""
    edge = set(frontier)
    reached: dict[int, float] = {}
    met = list(found)
    crowd = Counter(end for one in met for end in (one.subject, one.object) if end in edge)
    for relation in met:
        ends = (relation.subject, relation.object)
        near = min((end for end in ends if end in edge), key=lambda end: this.cost[end])
        far = ends[1] if near == ends[0] else ends[0]
        length = 2 - asked.get(relation.relation, 0.0) + (1 - relation.confidence)
        length += _CROWD * log10(crowd[near])
        cost = this.cost[near] + length
        joins = this.origins.get(far, this.origins[near]) - this.origins[near]
        step = Step(relation, distance, cost - (_BETWEEN if joins else 0))
        known = this.steps.get(relation.id)
        if known is None or step.cost < known.cost:
            this.steps[relation.id] = (
                step if known is None else Step(relation, known.distance, step.cost)
            )
        if far not in this.cost or far in reached:
            this.origins[far] = this.origins.get(far, frozenset()) | this.origins[near]
            reached[far] = min(cost, reached.get(far, cost))
            this.cost[far] = reached[far]
    return list(reached)


def _without_values(session: Session, entities: Sequence[int]) -> list[int]:
    """Two things are not related because both are three metres long."""
    kept: list[int] = []
    for start in range(0, len(entities), 400):
        some = entities[start : start + 400]
        kept += session.scalars(
            select(GraphEntityRow.id).where(GraphEntityRow.id.in_(some), ~GraphEntityRow.value)
        )
    return kept
