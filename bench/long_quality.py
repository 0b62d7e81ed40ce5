"""What is left of a long text in its summary, for different sizes of its parts.

    python -m bench.long_quality [--sizes 1000,1500,2000,3000,4000] [--languages en,zh]
        [--characters 24000] [--seeds 1] [--words 0] [--thorough] [--alone] [--show] [--json FILE]

Stories of `bench.stories` are summarised part by part. ``named`` and ``plain`` are the shares of
the two kinds of events that the answers about the parts kept, ``whole`` that of all events that the
summary kept. ``foreign`` is the share of telling words and numbers that do not stand in the text,
``mixed`` that of sentences that give a person another's place or number, ``again`` that of
sentences said before. ``ratio`` (with ``--alone``) is how many characters a second are done in all
slots for each that is done one part at a time. Wordings are compared by a
``prompts/summary.en.md`` in the home.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from bench.retrieval_corpus import Language
from bench.servers import model_home, zaohua_serve
from bench.stories import Event, Story, story
from zaohua.cli.connecting import choose, connect
from zaohua.generate.engine import Engine
from zaohua.generate.long import PartDone, measure, process
from zaohua.generate.many import answered
from zaohua.generate.prompts import Template, library
from zaohua.generate.prompts.long_text import long_task
from zaohua.generate.prompts.shaping import numbers, words
from zaohua.generate.request import Sampling
from zaohua.progress import Silent
from zaohua.settings import Settings
from zaohua.text.sentences import sentences


@dataclass(frozen=True, slots=True)
class Run:
    """A story gone through: what came of the parts, and of all; seconds and tokens."""

    parts: tuple[str, ...]
    whole: str
    seconds: float
    read: int
    written: int


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="qwen2.5-0.5b")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--sizes", default="1000,1500,2000,3000,4000", help="characters of a part")
    parser.add_argument("--languages", default="en,zh")
    parser.add_argument("--characters", type=int, default=24_000)
    parser.add_argument("--seeds", type=int, default=1, help="stories of each language")
    parser.add_argument("--words", type=int, default=0, help="of the summary; 0: as it comes")
    parser.add_argument("--thorough", action="store_true", help="all sentences are read")
    parser.add_argument("--alone", action="store_true", help="one part at a time, too")
    parser.add_argument("--show", action="store_true", help="print what was written")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    found = asyncio.run(measured(given))
    if given.json:
        given.json.write_text(json.dumps(found, indent=2), "utf-8")


async def measured(given: argparse.Namespace) -> list[dict[str, Any]]:
    """A row for each language and size."""
    home = model_home(given.model)
    settings = Settings(home=home, model=given.model, engine=given.engine)
    rows: list[dict[str, Any]] = []
    with zaohua_serve(home, given.model, engine=given.engine):
        async with connect(choose(settings)) as models, models.use() as engine:
            for language in given.languages.split(","):
                template = library(settings).get("summary", language)
                for size in map(int, given.sizes.split(",")):
                    rows.append(await _row(engine, template, language, size, given))
                    print(rows[-1], flush=True)
    return rows


async def _row(
    engine: Engine, template: Template, language: Language, size: int, given: argparse.Namespace
) -> dict[str, Any]:
    told: list[dict[str, float]] = []
    inputs = {"thorough": given.thorough, **({"words": given.words} if given.words else {})}
    for seed in range(given.seeds):
        one = story(given.characters, language, seed)
        run = await summarised(engine, template, one, size, inputs)
        figures = judged(one, run)
        if given.alone:
            other = story(given.characters, language, seed + 100)  # of which nothing is read yet
            slow = await summarised(engine, template, other, size, inputs, parallel=1)
            figures["ratio"] = figures["characters/s"] * slow.seconds / len(other.text)
        told.append(figures)
        if given.show:
            print("\n".join((f"--- {language} {size}", *run.parts, "---", run.whole, "---")))
    means = {name: round(statistics.fmean(one[name] for one in told), 2) for name in told[0]}
    return {"language": language, "size": size, **means}


async def summarised(
    engine: Engine,
    template: Template,
    given: Story,
    size: int,
    inputs: Mapping[str, Any],
    parallel: int = 0,
) -> Run:
    """The story summarised in parts of ``size`` characters; ``parallel`` at a time, 0: as usual."""
    filled = {"text": given.text, **inputs}
    task = long_task(template, filled, "map-reduce", Sampling(seed=1), batch=True)
    room = await measure(engine, given.text)
    most = int(room.size(given.text) * size / len(given.text))
    room = replace(room, parallel=parallel or room.parallel)
    began, parts = time.monotonic(), []
    ask, bounded = partial(answered, engine), replace(task, most=most)
    async for one in process(bounded, ask, room, progress=Silent()):
        if isinstance(one, PartDone):
            parts.append(one.text)
        else:
            whole = one
    seconds = time.monotonic() - began
    text = template.read(whole.answer, filled)
    usage = whole.usage
    return Run(tuple(parts), text, seconds, usage.prompt_tokens, usage.completion_tokens)


def judged(given: Story, run: Run) -> dict[str, float]:
    """The figures of a run."""
    said = "\n".join(run.parts)
    lines = [line.strip() for part in run.parts for line in sentences(part) if line.strip()]
    named = [event for event in given.events if event.number]
    plain = [event for event in given.events if not event.number]
    telling = [*words(said), *numbers(said)]
    known = {*words(given.text), *numbers(given.text)}
    return {
        "named": _kept(named, said),
        "plain": _kept(plain, said),
        "whole": _kept(given.events, run.whole),
        "foreign": sum(one not in known for one in telling) / max(len(telling), 1),
        "mixed": sum(_mixed(named, line) for line in lines) / max(len(lines), 1),
        "again": 1 - len(set(lines)) / max(len(lines), 1),
        "number": len(run.parts),
        "written": len(said),
        "summary": len(run.whole),
        "read tokens": run.read,
        "written tokens": run.written,
        "seconds": run.seconds,
        "characters/s": len(given.text) / run.seconds,
    }


def _kept(events: Sequence[Event], text: str) -> float:
    return statistics.fmean(event.kept(text) for event in events)


def _mixed(events: Sequence[Event], line: str) -> bool:
    """Whether a sentence tells of one person, and of another's place or number."""
    found = [event.found(line) for event in events]
    people = sum(who for who, *_ in found)
    return people == 1 and any(any(others) for who, *others in found if not who)


if __name__ == "__main__":
    main()
