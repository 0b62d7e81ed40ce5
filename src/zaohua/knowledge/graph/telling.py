"""Relations told: with their names, their words in the passage, validity, and doubts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zaohua.knowledge.graph.edges import Relation
from zaohua.knowledge.graph.values import Entity, Fact
from zaohua.knowledge.graph.walking import Step
from zaohua.knowledge.terms import Phrase
from zaohua.store.tables import (
    DocumentRow,
    GraphEntityRow,
    GraphNameRow,
    GraphRelationRow,
    GraphSourceRow,
    PassageRow,
)
from zaohua.text.language import main_language
from zaohua.text.search_terms import search_terms

TOGETHER = 0.25
"""Up to which confidence a relation says no more than that two things stand together."""
_MOST_OTHERS = 2  # values beside it that make a fact doubtful; more of them are a list
_MOST_COMPARED = 500
_LONGEST_QUOTE = 300
_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class _Said:
    """The passage of a relation: its words, its file, its document."""

    text: str
    source: str
    document: int | None


def tell(
    session: Session, steps: Sequence[Step], collections: Sequence[int], today: date
) -> list[Fact]:
    """``steps`` as facts, in their order."""
    relations = [step.relation for step in steps]
    rivals = _rivals(session, relations, collections)
    ends = {end for one in (*relations, *rivals) for end in (one.subject, one.object)}
    names = {number: entity.name for number, entity in entities(session, ends, collections).items()}
    said = _said(session, [*relations, *rivals])
    return [_fact(step, names, said, rivals, today) for step in steps]


def best_told(facts: Sequence[Fact], costs: Sequence[float], asked: Sequence[Phrase]) -> list[Fact]:
    """Each fact once, nearest first; the words of the question in what is said make it nearer."""
    phrases = [" ".join(phrase) for phrase in asked]
    ranked = sorted(
        zip(facts, costs, strict=True), key=lambda one: one[1] - _told_share(one[0], phrases)
    )
    found: dict[tuple[str, str, str], Fact] = {}
    for fact, _ in ranked:
        found.setdefault((fact.subject, fact.relation, fact.object), fact)
    return list(found.values())


def _told_share(fact: Fact, phrases: Sequence[str]) -> float:
    said = f" {' '.join(search_terms(f'{fact.relation} {fact.quote}'))} "
    return sum(f" {phrase} " in said for phrase in phrases) / max(1, len(phrases))


def entities(session: Session, ids: Iterable[int], collections: Sequence[int]) -> dict[int, Entity]:
    """Entities by id, under the name that is used most; counted in ``collections`` alone."""
    numbers = sorted(set(ids))
    found: dict[int, Entity] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        kept = select(GraphEntityRow.id, GraphEntityRow.value).where(GraphEntityRow.id.in_(some))
        values = {row.id: row.value for row in session.execute(kept)}
        used = defaultdict(list)
        said = (GraphNameRow.entity_id, GraphNameRow.name, GraphNameRow.kind, GraphNameRow.alias)
        for row in session.execute(
            select(*said, func.count().label("number"))
            .where(GraphNameRow.entity_id.in_(some), GraphNameRow.collection_id.in_(collections))
            .group_by(*said)
        ):
            used[row.entity_id].append((row.alias, -row.number, row.name, row.kind))
        for number, rows in used.items():
            found[number] = _entity(number, rows, value=values[number])
    return found


def counted(session: Session, entity: int, collections: Sequence[int]) -> int:
    """How many relations an entity has."""
    at = (GraphRelationRow.subject_id == entity) | (GraphRelationRow.object_id == entity)
    among = GraphRelationRow.collection_id.in_(collections)
    return int(session.scalar(select(func.count()).where(at, among)) or 0)


def _entity(number: int, rows: list[tuple[bool, int, str, str]], *, value: bool) -> Entity:
    others = {name for alias, _, name, _ in rows if alias}
    ranked = sorted((name in others, often, name) for _, often, name, _ in rows)
    names = list(dict.fromkeys(name for _, _, name in ranked))
    kinds = sorted((often, kind) for _, often, _, kind in rows if kind)
    kind = kinds[0][1] if kinds else ""
    return Entity(number, names[0], tuple(names[1:]), kind, main_language(names[0]), value, 0)


def _said(session: Session, relations: Iterable[Relation]) -> dict[int, _Said]:
    wanted = {one.passage: one for one in relations if one.passage is not None}
    found: dict[int, _Said] = {}
    rows = session.execute(
        select(PassageRow.id, PassageRow.text, DocumentRow.source, DocumentRow.id)
        .join(DocumentRow, DocumentRow.id == PassageRow.document_id)
        .where(PassageRow.id.in_(list(wanted)))
    )
    passages = {number: _Said(text, source, document) for number, text, source, document in rows}
    sources = {one.source for one in relations if one.source is not None}
    listed = select(GraphSourceRow.id, GraphSourceRow.path).where(GraphSourceRow.id.in_(sources))
    files = {row.id: row.path for row in session.execute(listed)}
    for one in relations:
        if one.passage in passages:
            found[one.id] = passages[one.passage]
        else:
            found[one.id] = _Said("", files.get(one.source or 0, ""), None)
    return found


def _rivals(
    session: Session, relations: Sequence[Relation], collections: Sequence[int]
) -> list[Relation]:
    """Relations of the same subjects with the same names: some may say something else."""
    if not relations:
        return []
    columns = [getattr(GraphRelationRow, name) for name in _COLUMNS]
    rows = session.execute(
        select(*columns)
        .where(GraphRelationRow.subject_id.in_({one.subject for one in relations}))
        .where(GraphRelationRow.relation.in_({one.relation for one in relations}))
        .where(GraphRelationRow.collection_id.in_(collections))
        .limit(_MOST_COMPARED)
    )
    return [Relation(*row) for row in rows]


_COLUMNS = (
    "id", "subject_id", "relation", "object_id", "passage_id", "source_id", "collection_id",
    "start", "end", "valid_from", "valid_to", "confidence",
)  # fmt: skip


def _fact(
    step: Step,
    names: dict[int, str],
    said: dict[int, _Said],
    rivals: Sequence[Relation],
    today: date,
) -> Fact:
    one = step.relation
    place = said[one.id]
    others = _otherwise(one, names, said, rivals)
    expired = bool(one.valid_to) and _last_day(one.valid_to) < today.isoformat()
    subject, thing = names.get(one.subject, ""), names.get(one.object, "")
    quote = place.text[one.start : one.end][:_LONGEST_QUOTE]
    told = f"{subject} — {one.relation} — {thing}"
    if one.confidence <= TOGETHER and quote:
        told = f"{subject}, {thing}: {quote}"
    return Fact(
        subject,
        one.relation,
        thing,
        one.passage,
        told + _notes(told, one, others, expired=expired),
        quote,
        place.source,
        one.valid_from,
        one.valid_to,
        expired,
        others,
        one.confidence,
        step.distance,
    )


def _otherwise(
    one: Relation, names: dict[int, str], said: dict[int, _Said], rivals: Sequence[Relation]
) -> tuple[str, ...]:
    """What other documents say; a list of many, or of one document, is no contradiction."""
    same = [r for r in rivals if (r.subject, r.relation) == (one.subject, one.relation)]
    others = dict.fromkeys(
        names[r.object]
        for r in same
        if r.object != one.object and r.object in names and _apart(one, r, said) and _meet(one, r)
    )
    return tuple(others) if len(others) <= _MOST_OTHERS else ()


def _apart(one: Relation, other: Relation, said: dict[int, _Said]) -> bool:
    return (said[one.id].document, one.source) != (said[other.id].document, other.source)


def _meet(one: Relation, other: Relation) -> bool:
    """Whether there is a time at which both hold, as far as is known."""
    return not (
        (one.valid_to and other.valid_from and one.valid_to <= other.valid_from)
        or (other.valid_to and one.valid_from and other.valid_to <= one.valid_from)
    )


def _last_day(told: str) -> str:
    """Of a year, a month or a day in ISO form; comparable as text."""
    return told + "-12-31"[len(told) - 4 :] if len(told) >= 4 else told


def _notes(told: str, one: Relation, others: Sequence[str], *, expired: bool) -> str:
    zh = main_language(told) == "zh"
    notes = []
    if one.valid_from:
        notes.append(f"自 {one.valid_from} 起" if zh else f"from {one.valid_from}")
    if one.valid_to:
        notes.append(f"至 {one.valid_to} 止" if zh else f"until {one.valid_to}")
    if expired:
        notes.append("已不再有效" if zh else "no longer valid")
    if others:
        notes.append(f"另有说法：{'、'.join(others)}" if zh else f"others say: {', '.join(others)}")
    joined = ("，" if zh else ", ").join(notes)
    return (f"（{joined}）" if zh else f" ({joined})") if notes else ""
