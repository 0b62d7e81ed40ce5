"""Long texts: how much faster their parts are done in all slots than one at a time.

    python -m bench.long [--model smollm2-135m] [--characters 20000] [--pairs 2] [--json FILE]

A text of chapters is summarised (map-reduce) and rewritten (in order), once with as many parts at a
time as the engine has slots and once with one. The two follow one another, in turns, with another
text each time, so that nothing is found in the cache and other work on the machine disturbs both
alike. Compared are the tokens written in a second, since texts and answers differ in length.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from bench.retrieval_corpus import fillers
from bench.servers import model_home
from zaohua.generate.engine import Engine
from zaohua.generate.long import Whole, measure, process
from zaohua.generate.many import answered
from zaohua.generate.pool import open_models
from zaohua.generate.prompts import library
from zaohua.generate.prompts.long_text import long_task
from zaohua.generate.prompts.spec import How
from zaohua.generate.request import Sampling
from zaohua.progress import Silent
from zaohua.settings import Settings

WORK: Final[tuple[tuple[str, How], ...]] = (("summary", "map-reduce"), ("rewrite", "in-order"))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--characters", type=int, default=20_000)
    parser.add_argument("--pairs", type=int, default=2)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    found = asyncio.run(compared(given.model, given.characters, given.pairs))
    for one in found:
        print(
            f"{one['prompt']}: {one['ratio']:.2f} times the tokens a second with "
            f"{one['parallel']} parts at a time ({one['together']:.0f} against {one['alone']:.0f})"
        )
    if given.json:
        given.json.write_text(json.dumps(found, indent=2), "utf-8")


async def compared(model: str, characters: int, pairs: int) -> list[dict[str, Any]]:
    """For each kind of work, tokens a second in all slots and one at a time."""
    models = open_models(Settings(home=model_home(model), model=model))
    try:
        async with models.use(model) as engine:
            return [await _compared(engine, *work, characters, pairs) for work in WORK]
    finally:
        await models.aclose()


async def _compared(
    engine: Engine, prompt: str, how: How, characters: int, pairs: int
) -> dict[str, Any]:
    rates: dict[bool, list[float]] = {True: [], False: []}
    parts = parallel = 0
    for number in range(pairs):
        for place, together in enumerate((True, False) if number % 2 else (False, True)):
            text = chapters(characters, 2 * number + place)
            whole, seconds, parallel = await _done(engine, prompt, how, text, together=together)
            parts = whole.parts
            rates[together].append(whole.usage.completion_tokens / seconds)
            print(f"{prompt} {together=} {whole.parts} parts {seconds:.1f} s", flush=True)
    ratios = [one / other for one, other in zip(rates[True], rates[False], strict=True)]
    return {
        "prompt": prompt,
        "characters": characters,
        "parts": parts,
        "parallel": parallel,
        "together": statistics.median(rates[True]),
        "alone": statistics.median(rates[False]),
        "ratio": statistics.median(ratios),
    }


async def _done(
    engine: Engine, prompt: str, how: How, text: str, *, together: bool
) -> tuple[Whole, float, int]:
    template = library(Settings()).get(prompt, "en")
    room = await measure(engine, text)
    task = long_task(template, {"text": text}, how, Sampling(temperature=0, seed=1))
    used = room if together else replace(room, parallel=1)
    began = time.monotonic()
    steps = process(task, partial(answered, engine), used, progress=Silent())
    told = [one async for one in steps]
    whole = told[-1]
    assert isinstance(whole, Whole)
    return whole, time.monotonic() - began, room.parallel


def chapters(characters: int, seed: int) -> str:
    """A text of chapters of about 4,000 characters, another one for each seed."""
    written: list[str] = []
    size = chapter = 0
    for number, paragraph in enumerate(fillers("en", 10_000, seed + 10)):
        if size >= characters:
            break
        if size >= 4000 * chapter:
            chapter += 1
            written.append(f"# Chapter {chapter}")
        written.append(f"{number}. {paragraph.strip().lstrip('# ')}")
        size += len(written[-1])
    return "\n\n".join(written)


if __name__ == "__main__":
    main()
