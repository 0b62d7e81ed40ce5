"""The knowledge graph of the collections in a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from zaohua.errors import NotFoundError, UsageError
from zaohua.generate.engine import Engine
from zaohua.knowledge.graph.asking import build_by_model
from zaohua.knowledge.graph.building import build_by_rules
from zaohua.knowledge.graph.edges import Relation
from zaohua.knowledge.graph.importing import Columns, import_file
from zaohua.knowledge.graph.linking import left_over, link, named
from zaohua.knowledge.graph.listing import most_related, named_like
from zaohua.knowledge.graph.names import key_of
from zaohua.knowledge.graph.paths import around, shortest_path
from zaohua.knowledge.graph.telling import best_told, counted, entities, tell
from zaohua.knowledge.graph.values import Built, Edge, Entity, Fact, Imported, Neighbourhood
from zaohua.knowledge.graph.walking import MOST_HOPS, walk
from zaohua.knowledge.keeping import collection_named
from zaohua.knowledge.terms import asked_phrases
from zaohua.knowledge.values import MAIN
from zaohua.progress import Progress, Silent
from zaohua.store.database import Database
from zaohua.store.tables import CollectionRow

MOST_SHOWN = 150
"""Entities of a neighbourhood."""
_SPARE = 8  # relations whose words are looked at, for each fact that is wanted


class Graph:
    """Entities and relations of collections, each with the passage or the file that says it.

    What is not ``async`` blocks: call it from worker threads. ``collections`` are names; empty
    means all. What stands in other collections is neither given nor gone through.

    Args:
        database: migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def build(self, collections: Sequence[str] = (), progress: Progress | None = None) -> Built:
        """Read the passages that are new for the graph, without a model.

        Raises:
            NotFoundError: there is no such collection.
        """
        return build_by_rules(self._database, collections, progress or Silent())

    async def build_with(
        self, engine: Engine, collections: Sequence[str] = (), progress: Progress | None = None
    ) -> Built:
        """Read the passages that this model has not read; what was read stays read if stopped.

        Raises:
            NotFoundError: there is no such collection.
            EngineFailed: the engine broke off again and again.
        """
        return await build_by_model(self._database, engine, collections, progress or Silent())

    def add(
        self, path: str | Path, collection: str = MAIN, columns: Columns | None = None
    ) -> Imported:
        """Take relations or names from a CSV, TSV, Turtle or N-Triples file.

        The file takes the place of what was imported from it before.

        Raises:
            NotFoundError: it cannot be read.
            UsageError: its columns are none of those that are understood.
            MissingExtraError: it is RDF and the library for that is not installed.
        """
        return import_file(self._database, Path(path), collection, columns or Columns())

    def facts(
        self,
        question: str,
        collections: Sequence[str] = (),
        hops: int = 2,
        limit: int = 20,
        today: date | None = None,
    ) -> list[Fact]:
        """What the graph knows of the things that a question names, shortest paths first.

        Empty if it names nothing that is known.

        Raises:
            NotFoundError: there is no such collection.
        """
        with self._database.reading() as session:
            among = _collections(session, collections)
            linked = link(session, question, among)
            seeds = list(dict.fromkeys(number for one in linked for number in one.entities))
            if not seeds:
                return []
            terms = left_over(question, linked)
            steps = walk(session, seeds, terms, among, hops)[: limit * _SPARE]
            found = tell(session, steps, among, today or date.today())
        costs = [step.cost for step in steps]
        return best_told(found, costs, asked_phrases(" ".join(terms)))[:limit]

    def path(
        self, first: str, last: str, collections: Sequence[str] = (), today: date | None = None
    ) -> list[Fact]:
        """The relations of a shortest path between two names; empty if there is none.

        Raises:
            NotFoundError: one of them is not in the graph.
        """
        with self._database.reading() as session:
            among = _collections(session, collections)
            ends = [_named(session, name, among) for name in (first, last)]
            steps = shortest_path(session, ends[0], ends[1], among)
            return tell(session, steps, among, today or date.today())

    def neighbourhood(
        self, name: str, hops: int = 1, collections: Sequence[str] = ()
    ) -> Neighbourhood:
        """What lies around ``name``, its entity first, 150 entities at most.

        Raises:
            NotFoundError: it is not in the graph.
            UsageError: too many hops.
        """
        if not 1 <= hops <= MOST_HOPS:
            raise UsageError("hops are 1 to 4", where=str(hops))
        with self._database.reading() as session:
            among = _collections(session, collections)
            centre = _named(session, name, among)
            relations, cut = around(session, centre, among, hops, MOST_SHOWN)
            ends = dict.fromkeys(centre)
            ends |= dict.fromkeys(end for one in relations for end in (one.subject, one.object))
            known = entities(session, ends, among)
            shown = [_counted(session, known[end], among) for end in ends if end in known]
        return Neighbourhood(tuple(shown), tuple(map(_edge, relations)), cut)

    def names(
        self, part: str = "", collections: Sequence[str] = (), limit: int = 20
    ) -> list[Entity]:
        """Things with ``part`` in their name, the likeliest first; without it the most related.

        Raises:
            NotFoundError: there is no such collection.
        """
        with self._database.reading() as session:
            among = _collections(session, collections)
            if part.strip():
                found = named_like(session, part, among, limit)
            else:
                found = most_related(session, among, limit)
            known = entities(session, found, among)
            return [_counted(session, known[number], among) for number in found]


def _collections(session: Session, names: Sequence[str]) -> list[int]:
    if names:
        return [collection_named(session, name).id for name in names]
    return list(session.scalars(select(CollectionRow.id)))


def _named(session: Session, name: str, collections: Sequence[int]) -> list[int]:
    found = named(session, key_of(name), collections)
    if not found:
        raise NotFoundError(
            "nothing of that name is in the graph",
            where=name[:80],
            mend="'zaohua knowledge graph build' reads the documents",
        )
    return found


def _counted(session: Session, entity: Entity, collections: Sequence[int]) -> Entity:
    return replace(entity, relations=counted(session, entity.id, collections))


def _edge(one: Relation) -> Edge:
    return Edge(
        one.subject,
        one.relation,
        one.object,
        one.passage,
        one.confidence,
        one.valid_from,
        one.valid_to,
    )
