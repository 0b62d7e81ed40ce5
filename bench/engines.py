"""One engine beside another: the same model through zaohua with each, in one run.

    python -m bench.engines [--model qwen2.5-0.5b] [--engine auto] [--pairs 5]

The other is llama.cpp from its wheel, on the model's file as it is. ``auto`` is what was found by
``zaohua engine tune`` in the benchmark's home. Both servers run side by side and are measured in
turn with the same prompts, greedy; what they say differs where their arithmetic does.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from pathlib import Path

from bench.client import Client
from bench.measures import eight_streams, long_prompt, one_stream, question
from bench.pairs import Paired, in_turn
from bench.servers import linked_home, model_home, zaohua_serve
from bench.serving import second_turn


async def beside(home: Path, model: str, engine: str, pairs: int) -> list[str]:
    """The table's lines."""
    with (
        linked_home(home) as other,
        zaohua_serve(home, model, engine=engine) as first,
        zaohua_serve(other, model) as second,
    ):
        ours, theirs = Client(first.target), Client(second.target)
        for client in (ours, theirs):
            await client.chat(question("Hi"), max_tokens=1)
        rows = [
            ("first token after 900 tokens, ms", await in_turn(long_prompt, ours, theirs, pairs)),
            ("8 streams together, tokens/s", await in_turn(eight_streams, ours, theirs, pairs)),
            ("decode, 1 stream, tokens/s", await in_turn(one_stream, ours, theirs, pairs)),
        ]
        turns = [await second_turn(client, max(pairs // 2, 3)) for client in (ours, theirs)]
        await ours.aclose()
        await theirs.aclose()
    again = tuple(f"{statistics.median(ratios):.3f}" for ratios in turns)
    return [*(_line(what, got) for what, got in rows),
            f"| second turn: first token ÷ cold | {again[0]} | {again[1]} | | |"]  # fmt: skip


def _line(what: str, got: Paired) -> str:
    ours, theirs = statistics.median(got.ours), statistics.median(got.theirs)
    interval = got.interval(got.ratios)
    return f"| {what} | {ours:,.1f} | {theirs:,.1f} | {got.ratio:.2f} | {interval} |"


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--model", default="qwen2.5-0.5b")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    home = model_home(options.model)
    lines = asyncio.run(beside(home, options.model, options.engine, options.pairs))
    print(f"| {options.model} | {options.engine} | llama.cpp | ratio | 90 % interval |")
    print("|---|---:|---:|---:|---|", *lines, sep="\n")


if __name__ == "__main__":
    main()
