"""The benchmark of everybody: turns, tables, what each library is asked and tells."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from bench.client import Trace
from bench.contest import EVENTS, contest, lines, rounds
from bench.contestants import Entry, OpenVinoBare, TransformersBare
from bench.measures import question

from zaohua.generate.tuning.figures import WORKLOADS
from zaohua.store.models import InstalledModel


class Scripted:
    """Writes 100 tokens a second, or ``rate``."""

    def __init__(self, name: str, order: list[str], rate: float = 100.0) -> None:
        self.name, self.order, self.rate = name, order, rate

    async def chat(self, messages: Any, **options: Any) -> Trace:
        self.order.append(self.name)
        count = options["max_tokens"]
        times = [0.01 + i / self.rate for i in range(count)]
        return Trace(arrivals=times, completion_tokens=count, total=times[-1])

    async def aclose(self) -> None:
        """Nothing to let go."""


async def test_all_take_turns_and_begin_in_turn() -> None:
    order: list[str] = []
    players = {name: Scripted(name, order) for name in "abc"}
    figures = await rounds(EVENTS[2], players, 4)
    assert "".join(order) == "abcbcacababc"
    assert {len(values) for values in figures.values()} == {4}


async def test_the_table_compares_with_ours() -> None:
    order: list[str] = []
    players = {"ours": Scripted("ours", order, 200.0), "other": Scripted("other", order)}
    table = lines(EVENTS[2], await rounds(EVENTS[2], players, 3), "ours")
    assert table == [
        "| 1 stream, tokens/s | ours | 200.0 |  |  |",
        "|  | other | 100.0 | 2.00 | 2.000–2.000 |",
    ]


async def test_all_are_started_and_warmed_up() -> None:
    order: list[str] = []

    async def start(stack: Any) -> Scripted:
        return Scripted("one", order)

    one = Entry("one", start, workloads=frozenset(WORKLOADS))
    table = await contest([one], EVENTS, 2)
    assert [line.split("|")[1].strip() for line in table] == [event.what for event in EVENTS]
    assert len(order) == 1 + 2 * (1 + 8 + 1)


@pytest.mark.parametrize(
    "kind", [OpenVinoBare, pytest.param(TransformersBare, marks=pytest.mark.slow)]
)
async def test_a_bare_library_answers_several_at_once(
    kind: Any, test_model: InstalledModel, tmp_path: Path
) -> None:
    one = await asyncio.to_thread(kind, test_model.path, test_model)
    asked = [question(f"Name {count} fruits.") for count in ("two", "three")]
    traces = await asyncio.gather(*(one.chat(text, max_tokens=6, temperature=0) for text in asked))
    assert [trace.completion_tokens for trace in traces] == [6, 6]
    for trace in traces:
        assert trace.arrivals == sorted(trace.arrivals)
        assert 0 < trace.first_token <= trace.total
        assert trace.prompt_tokens > 10
    await one.aclose()
