"""Ways from one entity to another, and what lies around one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from zaohua.knowledge.graph.edges import Relation, relations_at
from zaohua.knowledge.graph.walking import Step

LONGEST = 6
"""Relations of a path."""
_EACH = 200
_MOST_SEEN = 5000
_AROUND_EACH = 60

_Ways = dict[int, tuple[int, Relation] | None]


def shortest_path(
    session: Session, first: Sequence[int], last: Sequence[int], collections: Sequence[int]
) -> list[Step]:
    """The relations of a shortest path; empty if there is none of up to six, or they are one.

    It is looked for from both ends, the smaller one first.
    """
    ways: list[_Ways] = [dict.fromkeys(first), dict.fromkeys(last)]
    edges = [list(first), list(last)]
    for _ in range(LONGEST):
        side = 0 if len(edges[0]) <= len(edges[1]) else 1
        edges[side] = _wider(session, edges[side], ways[side], collections)
        met = [one for one in edges[side] if one in ways[1 - side]]
        if met:
            return _joined(ways, met[0])
        if not edges[side] or sum(map(len, ways)) > _MOST_SEEN:
            break
    return []


def around(
    session: Session, entities: Sequence[int], collections: Sequence[int], hops: int, most: int
) -> tuple[list[Relation], bool]:
    """The relations within ``hops``, at most ``most`` entities; whether there are more."""
    seen, frontier = set(entities), list(entities)
    found: dict[int, Relation] = {}
    cut = False
    for _ in range(hops):
        each = max(2, min(_AROUND_EACH, 2 * most // max(1, len(frontier))))
        reached = []
        for one in relations_at(session, frontier, collections, most=each + 1):
            new = [end for end in (one.subject, one.object) if end not in seen]
            if len(seen) + len(new) > most:
                cut = True
                continue
            found[one.id] = one
            seen.update(new)
            reached += new
        cut = cut or _some_at(found.values(), frontier, each)
        frontier = reached
    return list(found.values()), cut


def _some_at(found: object, frontier: Sequence[int], each: int) -> bool:
    """Whether one of ``frontier`` has more relations in one direction than were asked for."""
    counts: dict[tuple[int, bool], int] = {}
    for one in found:  # type: ignore[attr-defined]
        for key in ((one.subject, True), (one.object, False)):
            counts[key] = counts.get(key, 0) + 1
    return any(counts.get((end, side), 0) > each for end in frontier for side in (True, False))


def _wider(
    session: Session, edge: Sequence[int], ways: _Ways, collections: Sequence[int]
) -> list[int]:
    new: list[int] = []
    inside = set(edge)
    for one in relations_at(session, edge, collections, most=_EACH):
        for near, far in ((one.subject, one.object), (one.object, one.subject)):
            if near in inside and far not in ways:
                ways[far] = (near, one)
                new.append(far)
    return new


def _joined(ways: Sequence[_Ways], middle: int) -> list[Step]:
    before = _back(ways[0], middle)[::-1]
    path = [*before, *_back(ways[1], middle)]
    return [Step(relation, place, place) for place, relation in enumerate(path, start=1)]


def _back(ways: _Ways, place: int) -> list[Relation]:
    found = []
    while step := ways[place]:
        place, relation = step
        found.append(relation)
    return found
