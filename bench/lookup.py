"""Prompt lookup: a text of 600 words written anew with and without it, by the same server, in turn.

    python -m bench.lookup [--model qwen2.5-0.5b] [--engine auto] [--pairs 5]

What it gives must be the same text, so each prompt has been read when an answer is measured: what
is read at once rounds differently than what the cache holds. A story, which quotes nothing, shows
what it costs.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

from bench.client import Client, Trace
from bench.measures import GREEDY, question
from bench.pairs import Paired, alternate
from bench.prompts import EDIT, words
from bench.servers import model_home, zaohua_serve

LOOKUP: dict[str, Any] = {"prompt_lookup": True}
USUAL: dict[str, Any] = {"prompt_lookup": False}


class Compared:
    """One question asked with and without lookup, and whether the answers were the same."""

    def __init__(self, client: Client, text: str, length: int) -> None:
        self._client, self._text, self._length = client, text, length
        self.usual: list[Trace] = []
        self.looked_up: list[Trace] = []

    async def measured(self, pairs: int) -> Paired:
        """Tokens/s after the first one, with and without."""
        return await alternate(
            lambda i: self._rate(i, self.looked_up, LOOKUP),
            lambda i: self._rate(i, self.usual, USUAL),
            pairs,
        )

    @property
    def same(self) -> int:
        """How many answers were the same."""
        pairs = zip(self.usual, self.looked_up, strict=True)
        return sum(one.text == other.text for one, other in pairs)

    async def _rate(self, seed: int, traces: list[Trace], more: dict[str, Any]) -> float:
        asked = question(f"({words(3, seed)}) {self._text}")
        await self._client.chat(asked, max_tokens=1, **GREEDY)
        trace = await self._client.chat(asked, max_tokens=self._length, **{**GREEDY, **more})
        traces.append(trace)
        return trace.decode_rate


async def lines(home: Path, model: str, engine: str, pairs: int) -> list[str]:
    """The table's lines."""
    told = []
    with zaohua_serve(home, model, engine=engine) as served:
        client = Client(served.target)
        for more in (USUAL, LOOKUP):
            await client.chat(question("Hi"), max_tokens=2, **more)
        story = "Tell a long story about a lighthouse keeper and his dog."
        for what, text, length in (("editing 600 words", EDIT, 700), ("a story", story, 128)):
            compared = Compared(client, text, length)
            got = await compared.measured(pairs)
            told.append(f"{got.row(what)} {compared.same} of {pairs} |")
        await client.aclose()
    return told


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--model", default="qwen2.5-0.5b")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    home = model_home(options.model)
    table = asyncio.run(lines(home, options.model, options.engine, options.pairs))
    print("| tokens/s | looked up | usual | ratio | 90 % interval | same text |")
    print("|---|---:|---:|---:|---|---|", *table, sep="\n")


if __name__ == "__main__":
    main()
