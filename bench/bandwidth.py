"""How much of what memory gives does one answer use, while it is written?

    python -m bench.bandwidth [--model qwen2.5-0.5b] [--rounds 7]

As it was tuned for one person who talks. What memory gives: two threads look for the largest value
of arrays far larger than any cache. A token reads every matrix once, but of the table of tokens
only a row, where that is no matrix as well; its share is tokens a second, times those bytes, over
what memory gave just before and just after. A machine that is shared gives now more, now less;
where the two are far apart, nobody knows what it gave in between.
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

import gguf
import numpy as np

from bench.client import Client
from bench.measures import one_stream
from bench.servers import model_home, zaohua_serve
from zaohua.generate.formats import in_format
from zaohua.generate.openvino.graph import GRAPH
from zaohua.generate.setups import Setup
from zaohua.generate.tuning.choosing import chosen
from zaohua.settings import Settings
from zaohua.store.models import InstalledModel, find

CORES = 2
ARRAY_BYTES = 1 << 28
READS = 3
STEADY = 1.15
"""Times as much as before or after, at most."""


@dataclass(frozen=True, slots=True)
class Round:
    """Bytes a second that memory gave before and after, and tokens a second that were written."""

    before: float
    tokens: float
    after: float

    @property
    def memory(self) -> float:
        """What it gave on average."""
        return (self.before + self.after) / 2

    @property
    def steady(self) -> bool:
        """Whether it gave as much after as before."""
        return max(self.before, self.after) < STEADY * min(self.before, self.after)

    def share(self, read: int) -> float:
        """Of memory's bytes, where a token reads so many."""
        return self.tokens * read / self.memory


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


def bytes_per_token(setup: Setup, model: InstalledModel, home: Path) -> int:
    """Of all weights that products are made with."""
    path = in_format(model, setup.weights, home)
    return _of_graph(path) if path.is_dir() else _of_file(path)


def _of_file(path: Path) -> int:
    tensors = {str(tensor.name): int(tensor.n_bytes) for tensor in gguf.GGUFReader(path).tensors}
    if "output.weight" in tensors:
        del tensors["token_embd.weight"]
    return sum(tensors.values())


def _of_graph(folder: Path) -> int:
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
            got.append(Round(before, tokens, memory.bytes_per_second()))
        await client.aclose()
    return got


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--model", default="qwen2.5-0.5b")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    settings = Settings(home=model_home(options.model), engine="auto")
    model = find(settings, options.model)
    setup = chosen(model, settings)
    read = bytes_per_token(setup, model, settings.home)
    rounds = asyncio.run(measure(settings.home, options.model, options.rounds))
    print(f"{setup.label}: {read / 1e6:.0f} MB a token")
    print("| memory before, GB/s | after | tokens/s | share |\n|---:|---:|---:|---:|")
    for one in sorted(rounds, key=lambda one: one.memory):
        memory = f"| {one.before / 1e9:.1f} | {one.after / 1e9:.1f}"
        print(f"{memory} | {one.tokens:.1f} | {one.share(read):.0%} |")
    steady = [one for one in rounds if one.steady]
    for name, some in (("all", rounds), ("those in which memory kept its speed", steady)):
        shares = [one.share(read) for one in some]
        print(f"median of {name} ({len(some)}): {median(shares) if shares else 0:.0%}")


if __name__ == "__main__":
    main()
