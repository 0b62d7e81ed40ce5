"""Everybody who can run the model, in one run: zaohua, bare servers, bare libraries.

    python -m bench.contest [--model qwen2.5-0.5b] [--engine auto] [--rounds 5] [--quick] [--only …]
        [--events first …]

All are loaded, and take turns at each piece of work, the order turned each time, so that a slow
minute of the machine hits all. Greedy. zaohua takes part in each way that ``zaohua engine tune``
found best for a kind of work, and is compared by the one for the kind that the work is of. What
cannot take part is listed with the reason.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

from bench.contestants import Contestant, Entry, entries
from bench.measures import Measure, eight_streams, long_prompt, one_stream, question
from bench.pairs import Paired
from bench.servers import model_home
from zaohua.generate.tuning.figures import Workload


@dataclass(frozen=True, slots=True)
class Event:
    """A piece of work, and the kind that it is of."""

    what: str
    measure: Measure
    workload: Workload


EVENTS: Final = (
    Event("first token after 900 tokens, ms", long_prompt, "documents"),
    Event("8 streams together, tokens/s", eight_streams, "readers"),
    Event("1 stream, tokens/s", one_stream, "chat"),
)

Figures = Mapping[str, Sequence[float]]
"""Of each contestant, one a round."""


async def rounds(event: Event, players: Mapping[str, Contestant], count: int) -> Figures:
    """The figures of all."""
    figures: dict[str, list[float]] = {name: [] for name in players}
    names = list(players)
    for i in range(count):
        turn = i % len(names)
        for name in [*names[turn:], *names[:turn]]:
            figures[name].append(await event.measure(players[name], i))
    return figures


def lines(event: Event, figures: Figures, ours: str) -> list[str]:
    """The table's lines: medians, and our figure over theirs round by round."""
    told = []
    for name, values in figures.items():
        middle = f"{statistics.median(values):,.1f}"
        if name == ours:
            told.append(f"| {event.what} | {name} | {middle} |  |  |")
            continue
        pair = Paired(tuple(figures[ours]), tuple(values))
        told.append(f"|  | {name} | {middle} | {pair.ratio:.2f} | {pair.interval(pair.ratios)} |")
    return told


async def contest(chosen: Sequence[Entry], events: Sequence[Event], count: int) -> list[str]:
    """Start all, warm them up, let them take turns."""
    async with AsyncExitStack() as stack:
        players: dict[str, Contestant] = {}
        for entry in chosen:
            players[entry.name] = await entry.start(stack)
            await players[entry.name].chat(question("Hi"), max_tokens=2, temperature=0)
        table = []
        for event in events:
            ours = next(entry.name for entry in chosen if event.workload in entry.workloads)
            table += lines(event, await rounds(event, players, count), ours)
    return table


def named(name: str, wanted: Sequence[str] | None) -> bool:
    """Whether one of ``wanted`` stands in ``name``; so it is if nothing is wanted."""
    return not wanted or any(part in name for part in wanted)


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--model", default="qwen2.5-0.5b")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*", help="what must be in a contestant's name")
    parser.add_argument("--events", nargs="*", help="what must be in an event's name")
    parser.add_argument("--quick", action="store_true", help="one round, one stream only")
    options = parser.parse_args()
    every = entries(model_home(options.model), options.model, options.engine)
    ours = [entry for entry in every if entry.workloads]
    wanted = [entry for entry in every[len(ours) :] if named(entry.name, options.only)]
    able = [*ours, *(entry for entry in wanted if not entry.missing)]
    every_event = EVENTS[2:] if options.quick else EVENTS
    events = [event for event in every_event if named(event.what, options.events)]
    count = 1 if options.quick else options.rounds
    table = asyncio.run(contest(able, events, count))
    print("| what | who | median | zaohua ÷ it | 90 % interval |\n|---|---|---:|---:|---|")
    print(*table, sep="\n")
    for entry in wanted:
        if entry.missing:
            print(f"\n{entry.name} takes no part: {entry.missing}")


if __name__ == "__main__":
    main()
