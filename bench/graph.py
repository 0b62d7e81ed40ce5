"""Measures the graph: two-hop questions against plain retrieval, speed of building and asking.

    python -m bench.graph [--seed N] [--only hops|speed]

Hops: made-up pages (`bench.graph_world`), questions whose two facts stand on two pages. Of the
graph, built without a model: is each of the two among the 20 facts given? Of retrieval: do the
first five passages hold both sentences? Speed: passages a second, and milliseconds of a question
at 20,000 relations, about anything and about a hub of 10,000.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.graph_world import Language, Needed, Question, world
from zaohua.generate.e5 import passage_embedder
from zaohua.generate.engine import Embedder
from zaohua.knowledge import Found, Knowledge
from zaohua.knowledge.graph import Fact, Graph
from zaohua.knowledge.graph.names import key_of
from zaohua.store.database import Database

LANGUAGES: tuple[Language, ...] = ("zh", "en")
FACTS = 20
FIRST = 5
COMPANY = ("一同提到", "mentioned with")
RELATIONS = 20_000
HUB = 10_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("hops", "speed"), default="")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    figures: dict[str, Any] = {}
    if given.only != "speed":
        embedder = passage_embedder()
        for language in LANGUAGES:
            figures[f"hops {language}"] = hops(language, given.seed, embedder, told=given.misses)
    if given.only != "hops":
        figures["speed"] = speed()
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2, ensure_ascii=False), "utf-8")


def hops(
    language: Language, seed: int, embedder: Embedder, *, told: bool = False
) -> dict[str, Any]:
    """Shares of questions whose two facts are found, by the graph and by retrieval."""
    made = world(language, seed)
    with tempfile.TemporaryDirectory() as folder:
        library, graph, database = _opened(Path(folder), made.pages, embedder)
        begin = time.perf_counter()
        built = graph.build()
        seconds = time.perf_counter() - begin
        by_graph, by_both, by_search = [], [], []
        with asyncio.Runner() as runner:
            for question in made.questions:
                facts = graph.facts(question.text, limit=FACTS)
                found = runner.run(library.search(question.text, limit=FIRST))
                by_graph.append(_stated(facts, question))
                by_search.append(_held(found, question))
                by_both.append(_covered(facts, found, question))
                if told and not by_graph[-1]:
                    print(question.text, "|", question.first.sentence, question.second.sentence)
        database.close()
    share = statistics.mean
    return {
        "questions": len(made.questions),
        "passages": built.passages,
        "relations": built.relations,
        "passages/s": round(built.passages / seconds),
        "graph": round(share(map(float, by_graph)), 3),
        "search": round(share(map(float, by_search)), 3),
        "graph and search": round(share(map(float, by_both)), 3),
    }


def speed() -> dict[str, Any]:
    """Milliseconds of a question at 20,000 relations, a hub of 10,000 of them among its things."""
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "relations.csv"
        with table.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("subject", "relation", "object"))
            for number in range(HUB):
                rows.writerow((f"员工{number}号", "就职于", "青岚集团"))
            for _ in range(RELATIONS - HUB):
                one, other = chance.sample(range(4000), 2)
                rows.writerow(
                    (f"部件{one}型", chance.choice(("供应", "属于", "替代")), f"部件{other}型")
                )
        database = Database(f"sqlite:///{folder}/bench.db")
        database.migrate()
        graph = Graph(database)
        begin = time.perf_counter()
        graph.add(table)
        imported = time.perf_counter() - begin
        plain = [
            _timed(graph, f"部件{chance.randrange(4000)}型的供应商属于谁？") for _ in range(200)
        ]
        near = [_timed(graph, f"员工{chance.randrange(HUB)}号的同事有谁？") for _ in range(200)]
        hub = [_timed(graph, "青岚集团有哪些员工？") for _ in range(100)]
        database.close()
    return {
        "relations": RELATIONS,
        "imported, relations/s": round(RELATIONS / imported),
        "question, ms": _spread(plain),
        "one step from the hub, ms": _spread(near),
        "the hub itself, ms": _spread(hub),
    }


def _opened(
    folder: Path, pages: dict[str, str], embedder: Embedder
) -> tuple[Knowledge, Graph, Database]:
    files = folder / "files"
    files.mkdir()
    for name, text in pages.items():
        (files / name).write_text(text, "utf-8")
    database = Database(f"sqlite:///{folder / 'bench.db'}")
    database.migrate()
    library = Knowledge(database, embedder)
    library.add([files])
    asyncio.run(library.embed())
    return library, Graph(database), database


def _stated(facts: Sequence[Fact], question: Question) -> bool:
    return all(_states(facts, needed) for needed in (question.first, question.second))


def _states(facts: Sequence[Fact], needed: Needed) -> bool:
    """Whether a fact relates the two by name, or its text has the sentence that does."""
    ends = {key_of(needed.subject), key_of(needed.object)}
    return any(
        ({key_of(one.subject), key_of(one.object)} == ends and one.relation not in COMPANY)
        or needed.sentence.rstrip("。.") in one.text
        for one in facts
    )


def _held(found: Sequence[Found], question: Question) -> bool:
    texts = [one.passage.text for one in found]
    return all(
        any(needed.sentence in text for text in texts)
        for needed in (question.first, question.second)
    )


def _covered(facts: Sequence[Fact], found: Sequence[Found], question: Question) -> bool:
    texts = [one.passage.text for one in found]
    return all(
        _states(facts, needed) or any(needed.sentence in text for text in texts)
        for needed in (question.first, question.second)
    )


def _timed(graph: Graph, question: str) -> float:
    begin = time.perf_counter()
    graph.facts(question, limit=FACTS)
    return 1000 * (time.perf_counter() - begin)


def _spread(times: list[float]) -> dict[str, float]:
    return {
        "p50": round(statistics.median(times), 1),
        "p95": round(statistics.quantiles(times, n=20)[-1], 1),
    }


if __name__ == "__main__":
    main()
