"""How long people wait for the first token while a batch runs: many clients, one server.

    python -m bench.load [--model smollm2-135m] [--clients 50] [--batch 500] [--seconds 300]

Each client thinks, asks a short question, reads the answer, and thinks again. First one of them has
the server for itself, then all of them ask, then all of them while a batch of requests is there
(`service_tier: "flex"`, all sent at once). A client that is refused comes back when it was told to.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.client import Client, Refused
from bench.measures import GREEDY, question
from bench.prompts import words
from bench.servers import Served, model_home, zaohua_serve
from bench.serving import machine

ANSWER, BATCH_ANSWER = 32, 64
BUSY = 503
ALONE_SHARE = 0.2
"""Part of the seconds that one client has the server for itself."""


@dataclass(slots=True)
class Seen:
    """What the clients of one phase saw: seconds to first tokens, refusals, other errors."""

    first: list[float] = field(default_factory=list)
    busy: int = 0
    errors: list[str] = field(default_factory=list)

    def row(self, name: str) -> dict[str, object]:
        """As a row of the table, times in milliseconds."""
        p50, p95 = (round(percentile(self.first, q) * 1000) for q in (0.5, 0.95))
        counts = {"requests": len(self.first), "503": self.busy, "errors": len(self.errors)}
        return {"phase": name, **counts, "p50": p50, "p95": p95}


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of all do not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


async def person(client: Client, name: str, seen: Seen, until: float, think: float) -> None:
    """Ask again and again, ``think`` seconds apart on average, until the clock says ``until``."""
    rng = random.Random(name)
    for turn in range(10**9):
        pause = rng.expovariate(1 / think) if think else 0.0
        if time.perf_counter() + pause >= until:
            return
        await asyncio.sleep(pause)
        asked = question(f"Tell me something about: {words(8, (name, turn))}")
        try:
            trace = await client.chat(asked, max_tokens=ANSWER, user=name, **GREEDY)
        except Refused as refused:
            seen.busy += refused.status == BUSY
            if refused.status != BUSY:
                seen.errors.append(str(refused))
            await asyncio.sleep(refused.retry_after)
        except Exception as error:
            seen.errors.append(repr(error))
        else:
            seen.first.append(trace.first_token)


async def people(client: Client, count: int, seconds: float, think: float, name: str) -> Seen:
    """What ``count`` clients see."""
    seen, until = Seen(), time.perf_counter() + seconds
    everyone = (person(client, f"{name}{n}", seen, until, think) for n in range(count))
    await asyncio.gather(*everyone)
    return seen


async def batch_request(client: Client, number: int, seen: Seen) -> None:
    """One request of the batch, sent again if the server is too busy even for a batch."""
    asked = question(f"Write a story with these words: {words(40, ('batch', number))}")
    options = {"max_tokens": BATCH_ANSWER, "service_tier": "flex", "user": "batch", **GREEDY}
    try:
        seen.first.append((await client.chat(asked, **options)).first_token)
    except Refused as refused:
        seen.busy += refused.status == BUSY
        seen.errors.append(str(refused))
    except Exception as error:
        seen.errors.append(repr(error))


def memory(served: Served) -> int:
    """Bytes of the server and its worker."""
    processes = [served.process, *served.process.children(recursive=True)]
    return sum(process.memory_info().rss for process in processes if process.is_running())


async def loaded(
    served: Served, client: Client, options: argparse.Namespace
) -> tuple[Seen, Seen, list[int]]:
    """What people and the batch see of each other, and the memory at start, middle and end."""
    batch_seen, used = Seen(), [memory(served)]
    batch = asyncio.gather(*(batch_request(client, n, batch_seen) for n in range(options.batch)))
    crowd = asyncio.create_task(
        people(client, options.clients, options.seconds, options.think, "loaded")
    )
    await asyncio.sleep(options.seconds / 2)
    used.append(memory(served))
    seen = await crowd
    used.append(memory(served))
    if batch.done():
        print("the batch was over before the people: take a larger one")
    batch.cancel()
    await asyncio.gather(batch, return_exceptions=True)
    return seen, batch_seen, used


async def measure(options: argparse.Namespace) -> dict[str, object]:
    """All phases on one server."""
    home = model_home(options.model)
    with zaohua_serve(home, options.model, engine=options.engine) as served:
        client = Client(served.target)
        await client.chat(question("Hi"), max_tokens=1)
        one = await people(client, 1, options.seconds * ALONE_SHARE, 0.0, "alone")
        many = await people(client, options.clients, options.seconds, options.think, "calm")
        seen, batch, used = await loaded(served, client, options)
        await client.aclose()
    rows = [
        one.row("one client"),
        many.row(f"{options.clients} clients"),
        seen.row(f"{options.clients} clients and the batch"),
        batch.row(f"the batch of {options.batch}"),
    ]
    p95 = [percentile(phase.first, 0.95) for phase in (one, many, seen)]
    ratios = {"to one client": p95[2] / (p95[0] or 1), "to no batch": p95[2] / (p95[1] or 1)}
    errors = sorted({*one.errors, *many.errors, *seen.errors, *batch.errors})
    return {"rows": rows, "p95 ratios": ratios, "memory": used, "errors": errors}


def show(got: dict[str, object]) -> None:
    """Print everything, the rows as a Markdown table."""
    rows = got["rows"]
    assert isinstance(rows, list)
    print("|", " | ".join(rows[0]), "|")
    print("|---" + "|---:" * (len(rows[0]) - 1) + "|")
    for row in rows:
        print("|", " | ".join(map(str, row.values())), "|")
    ratios, used, errors = got["p95 ratios"], got["memory"], got["errors"]
    assert isinstance(ratios, dict)
    assert isinstance(used, list)
    assert isinstance(errors, list)
    told = ", ".join(f"{value:.2f} × {name}" for name, value in ratios.items())
    print(f"p95 first token with the batch: {told}")
    print("memory at start, middle, end:", ", ".join(f"{size / 1e6:.0f} MB" for size in used))
    for error in errors[:10]:
        print("error:", error)


def main() -> None:
    """Measure and print; on request as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=300, help="of each of the two phases")
    parser.add_argument("--think", type=float, default=30, help="seconds between two questions")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    got = asyncio.run(measure(options))
    show(got)
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), **got}, indent=1))


if __name__ == "__main__":
    main()
