"""How fast one answer is written, with guesses and without: different questions, each asked once.

    python -m bench.writing [--model qwen2.5-0.5b] [--engine auto] [--pairs 15]

What a model has written teaches the worker its habits, so that a question asked again would be
answered far too fast. Each pair is two questions of the same kind about two subjects that nothing
else is asked about; which one is guessed for changes from pair to pair.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path

from bench.client import Client
from bench.measures import GREEDY, question
from bench.pairs import Paired
from bench.servers import model_home, zaohua_serve

LONGEST = 160
SUBJECTS = {
    "en": (
        "baking bread|the French Revolution|lists in Python|a journey to Kyoto|black holes|running"
        "|taxes|cats|electric cars|house plants|job interviews|the water cycle|chess|photography"
        "|sleep|budgets|the Roman Empire|solar panels|the guitar|vaccines|birthdays|databases"
        "|the climate|novels|coffee|insurance|bicycles|volcanoes|time management|the stock market"
    ),
    "zh": (
        "做面包|法国大革命|编程入门|京都旅行|黑洞|跑步|报税|养猫|电动车|养花|面试|水循环|象棋|摄影|睡眠"
        "|理财|唐朝|太阳能|学吉他|疫苗|生日聚会|数据库|气候|小说|咖啡|保险|自行车|火山|时间管理|股票"
    ),
}
TASKS = {
    "en": (
        "Explain {} to a child.",
        "Give me five tips about {}.",
        "Write a short story about {}.",
        "Write an e-mail to a colleague about {}.",
    ),
    "zh": (
        "给孩子讲讲{}。",
        "关于{}给我五条建议。",
        "写一个关于{}的小故事。",
        "给同事写一封关于{}的邮件。",
    ),
}


def questions(language: str) -> list[tuple[str, str]]:
    """Pairs of the same kind, each about subjects of its own."""
    subjects, tasks = SUBJECTS[language].split("|"), TASKS[language]
    asked = [tasks[n // 2 % len(tasks)].format(subject) for n, subject in enumerate(subjects)]
    return list(zip(asked[::2], asked[1::2], strict=True))


async def compare(client: Client, pairs: Sequence[tuple[str, str]]) -> Paired:
    """Tokens/s after the first one, with and without guesses."""
    with_: list[float] = []
    without: list[float] = []
    for number, pair in enumerate(pairs):
        for guessed, text in zip((number % 2 == 0, number % 2 == 1), pair, strict=True):
            more = {**GREEDY, **({"prompt_lookup": None} if guessed else {})}
            trace = await client.chat(question(text), max_tokens=LONGEST, **more)
            (with_ if guessed else without).append(trace.decode_rate)
    return Paired(tuple(with_), tuple(without))


async def lines(home: Path, model: str, engine: str, pairs: int) -> list[str]:
    """The table's lines."""
    told = []
    with zaohua_serve(home, model, engine=engine) as served:
        client = Client(served.target)
        await client.chat(question("Hi"), max_tokens=2)
        for language in TASKS:
            got = await compare(client, questions(language)[:pairs])
            told.append(got.row(language))
        await client.aclose()
    return told


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--model", default="qwen2.5-0.5b")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--pairs", type=int, default=15, help="of each language, 15 at most")
    options = parser.parse_args()
    home = model_home(options.model)
    table = asyncio.run(lines(home, options.model, options.engine, options.pairs))
    print("| tokens/s | with guesses | without | ratio | 90 % interval |")
    print("|---|---:|---:|---:|---|", *table, sep="\n")


if __name__ == "__main__":
    main()
