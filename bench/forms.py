"""Answers that must be JSON of a schema: zaohua as it is tuned beside bare llama.cpp, in one run.

    python -m bench.forms [--model qwen2.5-0.5b] [--pairs 7] [--json FILE]

Both are asked in turn over HTTP, greedily, for the same form. Told are the tokens a second of one
answer and of eight together, from question to end, and whether all are of the form.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import jsonschema

from bench.client import Client, Trace
from bench.measures import GREEDY, STREAMS, Answering, question
from bench.pairs import Paired, in_turn
from bench.prompts import words
from bench.servers import bare_llamacpp, model_home, zaohua_serve

_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 60}
FORM: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "title": _TEXT,
        "mood": {"enum": ["bright", "calm", "dark"]},
        "characters": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": _TEXT, "wants": _TEXT, "age": {"type": "integer"}},
                "required": ["name", "wants", "age"],
                "additionalProperties": False,
            },
            "minItems": 3,
            "maxItems": 3,
        },
    },
    "required": ["title", "mood", "characters"],
    "additionalProperties": False,
}
MOST: Final = 400
"""Tokens of an answer."""


async def one(who: Answering, seed: object) -> float:
    """Tokens/s of one answer."""
    return await together(who, seed, 1)


async def many(who: Answering, seed: object) -> float:
    """Tokens/s of eight answers together."""
    return await together(who, seed, STREAMS)


async def together(who: Answering, seed: object, count: int) -> float:
    """Tokens/s of so many answers that begin at once.

    Raises:
        jsonschema.ValidationError, json.JSONDecodeError: one is not of the form.
    """
    form = {"type": "json_schema", "json_schema": {"name": "story", "schema": FORM, "strict": True}}
    traces: Sequence[Trace] = await asyncio.gather(
        *(
            who.chat(
                question(f"Plan a story with these words: {words(12, (seed, number))}"),
                max_tokens=MOST,
                response_format=form,
                **GREEDY,
            )
            for number in range(count)
        )
    )
    for trace in traces:
        jsonschema.validate(json.loads(trace.text), FORM)
    return sum(trace.completion_tokens for trace in traces) / max(trace.total for trace in traces)


async def measured(model: str, pairs: int) -> dict[str, Paired]:
    """Both rows."""
    home = model_home(model)
    with zaohua_serve(home, model, engine="auto") as served:
        async with bare_llamacpp(home, model) as target:
            ours, theirs = Client(served.target), Client(target)
            for who in (ours, theirs):
                await one(who, "warm")
            rows = {
                "one answer": await in_turn(one, ours, theirs, pairs),
                "eight together": await in_turn(many, ours, theirs, pairs),
            }
            await ours.aclose()
            await theirs.aclose()
    return rows


def main() -> None:
    """Measure and print, as a Markdown table and on request as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--model", default="qwen2.5-0.5b")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = asyncio.run(measured(options.model, options.pairs))
    print("| answers of a form, tokens/s | zaohua | llama.cpp | ratio | 90 % interval |")
    print("|---|---:|---:|---:|---|")
    for name, got in rows.items():
        middle = [statistics.median(side) for side in (got.ours, got.theirs)]
        ratio = f"{got.ratio:.2f} | {got.interval(got.ratios)}"
        print(f"| {name} | {middle[0]:.1f} | {middle[1]:.1f} | {ratio} |")
    if options.json:
        told = {name: {"ours": got.ours, "theirs": got.theirs} for name, got in rows.items()}
        options.json.write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
