"""What was extracted, written to the graph: entities found again or made, names, relations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from zaohua.knowledge.graph.names import is_value, key_of
from zaohua.knowledge.graph.values import Extract, Mention, Statement
from zaohua.store.tables import GraphEntityRow, GraphNameRow, GraphRelationRow

AT_ONCE = 400
"""Rows or values of one SQL statement."""

_RELATION = 120
_VALUE = "= "  # before the keys of values, which are no names


@dataclass(frozen=True, slots=True)
class Place:
    """Where extracts come from: a passage, or an imported file."""

    passage: int | None = None
    source: int | None = None


@dataclass(slots=True)
class Written:
    """How much a round has written."""

    entities: int = 0
    relations: int = 0


@dataclass(slots=True)
class _Round:
    session: Session
    collection: int
    written: Written
    ids: dict[str, int] = field(default_factory=dict)


def write(session: Session, collection: int, extracts: Sequence[tuple[Place, Extract]]) -> Written:
    """Write what was found at each place of a collection; nothing is written twice for one place.

    A name that is another name of something in the collection is taken to be that.
    """
    this = _Round(session, collection, Written())
    keys = {key for _, extract in extracts for key in _keys(extract)}
    _find(this, keys)
    _make(this, [key for key in sorted(keys) if key not in this.ids])
    names: dict[tuple[object, ...], dict[str, Any]] = {}
    relations: dict[tuple[object, ...], dict[str, Any]] = {}
    for place, extract in extracts:
        for row in _names(this, place, extract):
            known = names.setdefault((row["entity_id"], row["key"], place, row["way"]), row)
            known["kind"] = known["kind"] or row["kind"]
        for row in _relations(this, place, extract):
            same = (row["subject_id"], row["relation"], row["object_id"], place)
            relations.setdefault(same, row)
    for table, rows in ((GraphNameRow, names), (GraphRelationRow, relations)):
        for some in _parts(list(rows.values())):
            session.execute(insert(table), some)
    this.written.relations += len(relations)
    return this.written


def entity_key(name: str) -> str:
    """By which an entity is found: that of its name, or of a value."""
    key = key_of(name)
    return f"{_VALUE}{key}"[:200] if is_value(name) else key


def _keys(extract: Extract) -> Iterable[str]:
    for mention in extract.mentions:
        yield entity_key(mention.of or mention.name)
    for one in extract.statements:
        yield entity_key(one.subject)
        yield entity_key(one.object)


def _find(this: _Round, keys: Iterable[str]) -> None:
    """Entities of that key; before them those of the collection that have it as another name."""
    for some in _parts(sorted(keys)):
        rows = this.session.execute(
            select(GraphEntityRow.key, GraphEntityRow.id).where(GraphEntityRow.key.in_(some))
        )
        this.ids.update((key, number) for key, number in rows)
        aliases: dict[str, set[int]] = defaultdict(set)
        for key, number in this.session.execute(
            select(GraphNameRow.key, GraphNameRow.entity_id)
            .where(GraphNameRow.key.in_(some), GraphNameRow.collection_id == this.collection)
            .where(GraphNameRow.alias)
            .distinct()
        ):
            aliases[key].add(number)
        for key, numbers in aliases.items():
            if key not in this.ids and len(numbers) == 1:
                this.ids[key] = numbers.pop()


def _make(this: _Round, keys: Sequence[str]) -> None:
    for some in _parts(keys):
        rows = [{"key": key, "value": key.startswith(_VALUE)} for key in some]
        made = insert(GraphEntityRow).returning(GraphEntityRow.id, sort_by_parameter_order=True)
        this.ids.update(zip(some, this.session.scalars(made, rows), strict=True))
    this.written.entities += len(keys)


def _names(this: _Round, place: Place, extract: Extract) -> Iterable[dict[str, Any]]:
    way = next((one.way for one in extract.statements if one.way.startswith("model")), "")
    for mention in extract.mentions:
        yield _name(this, place, mention, way)
        if mention.of:
            yield _name(this, place, Mention(mention.of), way)
    for one in extract.statements:
        yield _name(this, place, Mention(one.subject), way)
        yield _name(this, place, Mention(one.object), way)


def _name(this: _Round, place: Place, mention: Mention, way: str) -> dict[str, Any]:
    name = mention.name
    return {
        "entity_id": this.ids[entity_key(mention.of or name)],
        "collection_id": this.collection,
        "passage_id": place.passage,
        "source_id": place.source,
        "key": entity_key(name),
        "name": name,
        "kind": mention.kind[:64],
        "alias": bool(mention.of),
        "way": way,
    }


def _relations(this: _Round, place: Place, extract: Extract) -> Iterable[dict[str, Any]]:
    for one in extract.statements:
        yield {
            "collection_id": this.collection,
            "subject_id": this.ids[entity_key(one.subject)],
            "object_id": this.ids[entity_key(one.object)],
            "passage_id": place.passage,
            "source_id": place.source,
            **_said(one),
        }


def _said(one: Statement) -> dict[str, Any]:
    return {
        "relation": one.relation[:_RELATION],
        "start": one.start,
        "end": one.end,
        "valid_from": one.valid_from[:10],
        "valid_to": one.valid_to[:10],
        "confidence": one.confidence,
        "way": one.way,
    }


def _parts(items: Sequence[Any]) -> Iterable[list[Any]]:
    rest = iter(items)
    while some := list(islice(rest, AT_ONCE)):
        yield some
