"""How much of what memory gives does one answer use, while it is written?

    python -m bench.bandwidth [--model qwen2.5-0.5b] [--rounds 7]

What memory gives: two threads look for the largest value of arrays far larger than any cache. A
token reads every matrix of the graph in four bits once, but of the table of tokens only a row; its
share is tokens a second, times those bytes, over what memory gave just before and just after.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench.client import Client
from bench.measures import one_stream
from bench.servers import model_home, zaohua_serve
from zaohua.generate.formats import in_format
from zaohua.generate.openvino.paged.graph import GRAPH
from zaohua.settings import Settings
from zaohua.store.models import find

CORES = 2
ARRAY_BYTES = 1 << 28
READS = 3


@dataclass(frozen=True, slots=True)
class Round:
    """Bytes a second that memory gave, and tokens a second that were written."""

    memory: float
    tokens: float


class Memory:
    """What memory gives."""

    def __init__(self) -> None:
        self._arrays = [np.ones(ARRAY_BYTES // 4, np.float32) for _ in range(CORES)]

    def bytes_per_second(self) -> float:
        """The best of a few readings of all arrays at once."""
        with ThreadPoolExecutor(CORES) as threads:
            return max(self._once(threads) for _ in range(READS))

    def _once(self, threads: ThreadPoolExecutor) -> float:
        begun = time.perf_counter()
        list(threads.map(np.maximum.reduce, self._arrays))
        return CORES * ARRAY_BYTES / (time.perf_counter() - begun)


def bytes_per_token(folder: Path) -> int:
    """Of all constants that products are made with."""
    import openvino

    graph = openvino.Core().read_model(folder / GRAPH)
    products = [node for node in graph.get_ordered_ops() if node.get_type_name() == "MatMul"]
    matrices = [list(_constants(node.input_value(1).get_node())) for node in products]
    return sum(constant.data.nbytes for matrix in matrices for constant in matrix)


def _constants(node: Any) -> Iterator[Any]:
    if node.get_type_name() == "Constant":
        yield node
    for slot in range(node.get_input_size()):
        yield from _constants(node.input_value(slot).get_node())


async def measure(home: Path, model: str, rounds: int) -> list[Round]:
    """Memory, an answer of 128 tokens without guesses, memory; so many times."""
    memory = Memory()
    got = []
    with zaohua_serve(home, model, engine="auto") as served:
        client = Client(served.target)
        await one_stream(client, "first")
        for number in range(rounds):
            before = memory.bytes_per_second()
            tokens = await one_stream(client, number)
            got.append(Round((before + memory.bytes_per_second()) / 2, tokens))
        await client.aclose()
    return got


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--model", default="qwen2.5-0.5b")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    home = model_home(options.model)
    read = bytes_per_token(in_format(find(Settings(home=home), options.model), "int4", home))
    rounds = asyncio.run(measure(home, options.model, options.rounds))
    shares = sorted(one.tokens * read / one.memory for one in rounds)
    print(
        f"{read / 1e6:.0f} MB a token; memory {median([r.memory for r in rounds]) / 1e9:.1f} GB/s,"
        f" {median([r.tokens for r in rounds]):.1f} tokens/s: {median(shares):.0%} of it"
        f" ({shares[0]:.0%}-{shares[-1]:.0%})"
    )


if __name__ == "__main__":
    main()
