"""What zaohua adds to the engine: the same llama.cpp through zaohua and bare, in one run.

    python -m bench.serving [--model qwen2.5-0.5b] [--pairs 7] [--json FILE]

Both servers run side by side with the same settings and are measured in turn with the same
prompts, so that a slow minute of the machine hits both. Greedy decoding, so both say the same.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import statistics
import time
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.client import Client
from bench.measures import GREEDY, eight_streams, one_stream, question
from bench.pairs import Paired, alternate, in_turn
from bench.prompts import words
from bench.servers import Served, bare_llamacpp, model_home, zaohua_serve
from zaohua import __version__

IDLE_STREAMS = 64


async def first_token(ours: Client, bare: Client, pairs: int) -> Paired:
    """Milliseconds to the first token after a short prompt, nothing else running."""

    async def measure(client: Client, i: int) -> float:
        trace = await client.chat(question(f"Say: {words(6, ('ttft', i))}"), max_tokens=2, **GREEDY)
        return trace.first_token * 1000

    return await alternate(lambda i: measure(ours, i), lambda i: measure(bare, i), pairs)


async def second_turn(client: Client, repeats: int) -> list[float]:
    """First token of a second turn ÷ of the first, in a conversation that begins with 900 words."""
    ratios = []
    for i in range(repeats):
        messages = question(f"Here are words: {words(880, ('turn', i))}. Which do you like?")
        cold = await client.chat(messages, max_tokens=24, **GREEDY)
        messages += [{"role": "assistant", "content": cold.text}, *question("Why that one?")]
        warm = await client.chat(messages, max_tokens=8, **GREEDY)
        ratios.append(warm.first_token / cold.first_token)
    return ratios


async def stop_while_reading(client: Client, repeats: int) -> list[float]:
    """Seconds until the only slot is free after a reader left while its long prompt was read.

    The next request waits for the slot: its first token is late by as much.
    """
    late = []
    for i in range(repeats):
        usual = (await client.chat(question(words(5, ("calm", i))), max_tokens=1)).first_token
        long = client.chat(question(words(2000, ("stop", i))), max_tokens=1)
        with suppress(TimeoutError):
            await asyncio.wait_for(long, 1.5 + 0.1 * i)
        after = (await client.chat(question(words(5, ("next", i))), max_tokens=1)).first_token
        late.append(max(after - usual, 0.0))
    return late


async def gateway_cpu(served: Served, repeats: int, tokens: int = 100) -> list[float]:
    """Gateway CPU milliseconds a chunk: 64 streams of the fake engine, 20 tokens/s each."""
    client, costs = Client(served.target), []
    text = f"[[words {tokens}]] [[slow 0.05]]"
    await client.chat(question("[[words 20]]"))
    for _ in range(repeats):
        before = sum(served.process.cpu_times()[:2])
        traces = await asyncio.gather(
            *(client.chat(question(text), max_tokens=tokens) for _ in range(IDLE_STREAMS))
        )
        spent = sum(served.process.cpu_times()[:2]) - before
        costs.append(spent / sum(len(t.arrivals) for t in traces) * 1000)
    await client.aclose()
    return costs


def _paired(name: str, unit: str, got: Paired, *, difference: bool = False) -> dict[str, Any]:
    row: dict[str, Any] = {
        "what": name,
        "unit": unit,
        "zaohua": round(statistics.median(got.ours), 2),
        "llama.cpp": round(statistics.median(got.theirs), 2),
        "pairs": len(got.ours),
    }
    if difference:
        gaps = [a - b for a, b in zip(got.ours, got.theirs, strict=True)]
        return row | {"difference": round(got.difference, 2), "interval": got.interval(gaps)}
    return row | {"ratio": round(got.ratio, 3), "interval": got.interval(got.ratios)}


def _alone(name: str, unit: str, values: list[float]) -> dict[str, Any]:
    middle = statistics.median(values)
    spread = f"{min(values):.3f}–{max(values):.3f}"
    return {"what": name, "unit": unit, "zaohua": round(middle, 3), "interval": spread}


async def first_answer(served: Served) -> float:
    """Seconds from the start of the server to the first token of its first answer."""
    client = Client(served.target)
    await client.chat(question("Hi"), max_tokens=1)
    await client.aclose()
    return time.perf_counter() - served.started


async def beside_bare(home: Path, model: str, pairs: int) -> list[dict[str, Any]]:
    """zaohua and bare llama.cpp, both running, asked in turn."""
    rows = []
    with zaohua_serve(home, model) as served:
        rows.append(_alone("first answer after start", "s", [await first_answer(served)]))
        async with bare_llamacpp(home, model) as target:
            ours, bare = Client(served.target), Client(target)
            await bare.chat(question("Hi"), max_tokens=1)
            one = await in_turn(one_stream, ours, bare, pairs)
            rows.append(_paired("decode, 1 stream", "tokens/s", one))
            many = await in_turn(eight_streams, ours, bare, pairs)
            rows.append(_paired("8 streams together", "tokens/s", many))
            first = await first_token(ours, bare, pairs * 5)
            rows.append(_paired("first token, short prompt", "ms", first, difference=True))
            ratios = await second_turn(ours, max(pairs // 2, 3))
            rows.append(_alone("second turn of 900 tokens: first token ÷ cold", "", ratios))
            await ours.aclose()
            await bare.aclose()
    return rows


async def alone(home: Path, model: str, pairs: int) -> list[dict[str, Any]]:
    """What only zaohua is measured for: stopping, and the gateway's own cost."""
    with zaohua_serve(home, model, "--slots", "1") as served:
        late = await stop_while_reading(Client(served.target), pairs)
    with zaohua_serve(home, "fake", engine="fake") as served:
        costs = await gateway_cpu(served, 5)
    return [
        _alone("slot free after a stop while a 2,000-word prompt is read", "s", late),
        _alone(f"gateway CPU a chunk, {IDLE_STREAMS} streams", "ms", costs),
    ]


async def measure_all(model: str, pairs: int) -> list[dict[str, Any]]:
    """All rows of the table, in order."""
    home = model_home(model)
    return [*await beside_bare(home, model, pairs), *await alone(home, model, pairs)]


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    names = ("xllamacpp", "uvicorn", "fastapi", "uvloop")
    told = {"machine": platform.machine(), "python": platform.python_version()}
    return told | {"zaohua": __version__} | {name: version(name) for name in names}


def main() -> None:
    """Measure and print, as a Markdown table and on request as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--model", default="qwen2.5-0.5b")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = asyncio.run(measure_all(options.model, options.pairs))
    print("| what | unit | zaohua | llama.cpp | ratio or difference | 90 % interval or range |")
    print("|---|---|---:|---:|---:|---|")
    for row in rows:
        compared = row.get("ratio", row.get("difference", ""))
        cells = (row["what"], row["unit"], row["zaohua"], row.get("llama.cpp", ""), compared)
        print("|", " | ".join(map(str, cells)), "|", row["interval"], "|")
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
