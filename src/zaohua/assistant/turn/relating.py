"""The graph in a turn: relations between the things a question names, as sources."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import PurePath

from zaohua.assistant.turn.guarding import harmless
from zaohua.assistant.turn.sources import Bookcase, stated
from zaohua.assistant.turn.trace import Trace
from zaohua.assistant.values import Citation
from zaohua.knowledge.chunks import tokens_of
from zaohua.knowledge.graph import Fact, Graph

_MOST = 12
"""Relations told of one question."""


async def relate(
    trace: Trace,
    graph: Graph | None,
    question: str,
    bookcase: Bookcase,
    passages: Sequence[Citation],
) -> list[Citation]:
    """What the graph of the collections knows and ``passages`` do not say themselves."""
    if graph is None:
        return []
    with trace.step("graph") as step:
        found = await asyncio.to_thread(graph.facts, question, bookcase.collections, limit=_MOST)
        there = {source["passage_id"] for source in passages}
        new = [one for one in found if one.passage_id is None or one.passage_id not in there]
        sources = [harmless(bookcase.guard, _source(facts))[0] for facts in _by_origin(new)]
        step.note(
            f"{len(new)} relations of {len(sources)} places",
            tokens=sum(tokens_of(source["text"]) for source in sources),
            relations=[one.text for one in new],
        )
    return sources


def _by_origin(facts: Sequence[Fact]) -> list[list[Fact]]:
    """Those that one passage or one file says together."""
    groups: dict[tuple[int | None, str], list[Fact]] = {}
    for one in facts:
        groups.setdefault((one.passage_id, one.source), []).append(one)
    return list(groups.values())


def _source(facts: Sequence[Fact]) -> Citation:
    name = PurePath(facts[0].source).name
    source = stated("relation", name, name, "\n".join(one.text for one in facts))
    return {**source, "passage_id": facts[0].passage_id}
