"""`/api/graph`: what lies around a thing in the knowledge graph, and which things there are."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from zaohua.errors import NotFoundError
from zaohua.knowledge import Passage
from zaohua.knowledge.graph import Entity, Neighbourhood
from zaohua.service.chat.shapes import Text
from zaohua.service.errors import documented
from zaohua.service.knowledge.parameters import Asking, Parts, readable_names
from zaohua.service.knowledge.parts import KnowledgeParts

router = APIRouter(prefix="/api/graph", tags=["knowledge"])

_LONGEST = 200

Collections = Annotated[
    list[Annotated[Text, Query(max_length=64)]],
    Query(max_length=50, description="Only these; left out: all the caller may read."),
]


class GraphName(BaseModel):
    """A thing, and how many relations it has."""

    name: str
    kind: str
    relations: int


class GraphNames(BaseModel):
    """Things of a graph."""

    items: list[GraphName]


class GraphEntity(BaseModel):
    """A thing with all its names; a ``value`` is a number, a day or a clause."""

    name: str
    kind: str
    names: list[str]
    value: bool
    relations: int = Field(description="In all, here or not.")


class GraphRelation(BaseModel):
    """What is said of two things, by name, and the characters of the document that say it."""

    subject: str
    relation: str
    object: str
    passage: int | None = Field(description="null: imported from a file.")
    document: int | None
    start: int | None
    end: int | None
    valid_from: str
    valid_to: str
    confidence: float = Field(description="0 to 1; up to 0.25 two things are named together.")


class GraphView(BaseModel):
    """What lies around ``name``, which is the first entity; ``cut``: there is more."""

    name: str
    entities: list[GraphEntity]
    relations: list[GraphRelation]
    cut: bool


@router.get("/names", responses=documented(404), summary="Things in the graph")
def names(
    parts: Parts,
    asking: Asking,
    collection: Collections = [],  # noqa: B006 - FastAPI copies it
    q: Annotated[Text, Query(max_length=_LONGEST, description="Part of a name.")] = "",
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> GraphNames:
    """The likeliest first; without ``q`` those with most relations."""
    among = readable_names(parts, asking, collection)
    found = parts.graph.names(q, among, limit) if among else []
    return GraphNames(items=[_name(one) for one in found])


@router.get("/neighbourhood", responses=documented(404), summary="What lies around a thing")
def neighbourhood(
    parts: Parts,
    asking: Asking,
    name: Annotated[Text, Query(min_length=1, max_length=_LONGEST)],
    collection: Collections = [],  # noqa: B006
    depth: Annotated[int, Query(ge=1, le=4, description="Relations from it.")] = 1,
) -> GraphView:
    """By any of its names; 150 entities at most."""
    among = readable_names(parts, asking, collection)
    if not among:
        raise NotFoundError("nothing of that name is in the graph", where=name[:80])
    return _view(parts, parts.graph.neighbourhood(name, depth, among))


def _view(parts: KnowledgeParts, found: Neighbourhood) -> GraphView:
    called = {one.id: one.name for one in found.entities}
    told = [one for one in found.relations if {one.subject, one.object} <= called.keys()]
    said = parts.library.passages_of([one.passage_id for one in told if one.passage_id is not None])
    return GraphView(
        name=found.entities[0].name,
        entities=[_entity(one) for one in found.entities],
        relations=[
            GraphRelation(
                subject=called[one.subject],
                relation=one.relation,
                object=called[one.object],
                valid_from=one.valid_from,
                valid_to=one.valid_to,
                confidence=one.confidence,
                **_place(said.get(one.passage_id or 0)),
            )
            for one in told
        ],
        cut=found.cut,
    )


def _place(passage: Passage | None) -> dict[str, int | None]:
    if passage is None:
        return dict.fromkeys(("passage", "document", "start", "end"))
    return {
        "passage": passage.id,
        "document": passage.document,
        "start": passage.start,
        "end": passage.end,
    }


def _entity(one: Entity) -> GraphEntity:
    names = [one.name, *one.aliases]
    return GraphEntity(
        name=one.name, kind=one.kind, names=names, value=one.value, relations=one.relations
    )


def _name(one: Entity) -> GraphName:
    return GraphName(name=one.name, kind=one.kind, relations=one.relations)
