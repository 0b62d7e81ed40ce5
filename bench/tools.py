"""What tools are worth to a small model: the same questions with and without them, greedy.

    python -m bench.tools [--model qwen2.5-0.5b] [--ways without tools routed] [--show]

``without`` asks the model alone, ``tools`` lets it call them, ``routed`` makes the calls that stand
in the question first. Right is an answer that holds the wanted number (to 0.5 % for units), date
or weekday.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from bench.servers import model_home
from bench.tools_questions import HELD_OUT, TUNED, Question
from zaohua.assistant.tools import Toolbox, ToolEnded, run_with_tools
from zaohua.assistant.tools.builtin import plain_tools
from zaohua.assistant.tools.routing import calls_in
from zaohua.generate.collect import collect
from zaohua.generate.engine import Engine
from zaohua.generate.events import Chunk, Finished
from zaohua.generate.pool import open_models
from zaohua.generate.request import ChatRequest, Message, Sampling
from zaohua.settings import Settings
from zaohua.text.instructions import default_instructions

WAYS = ("without", "tools", "routed")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TOLERANCE = 0.005
AT_ONCE = 4


@dataclass(frozen=True)
class Asked:
    """An answer, the calls made for it and the tokens it took."""

    text: str
    calls: tuple[str, ...]
    tokens: int


def right(question: Question, answer: str) -> bool:
    """Whether ``answer`` holds what is wanted."""
    if question.wanted in WEEKDAYS:
        chinese = "一二三四五六日"[WEEKDAYS.index(question.wanted)]
        named = {day for day in WEEKDAYS if day in answer}
        named |= {WEEKDAYS["一二三四五六日天".index(d) % 7 if d != "天" else 6]
                  for d in re.findall("(?:星期|周|礼拜)([一二三四五六日天])", answer)}  # fmt: skip
        return named == {question.wanted} and bool(chinese)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", question.wanted):
        return holds_date(question.wanted, answer)
    wanted = float(question.wanted)
    slack = abs(wanted) * (TOLERANCE if question.kind == "units" else 1e-9)
    numbers = re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3})", "", answer))
    given = set(re.findall(r"\d+(?:\.\d+)?", question.text.replace(",", "")))
    return any(abs(float(n) - wanted) <= slack for n in numbers if n not in given)


def holds_date(wanted: str, answer: str) -> bool:
    """Whether a date stands in a text, in one of the usual forms."""
    year, month, day = (int(part) for part in wanted.split("-"))
    names = "January February March April May June July August September October November December"
    name = names.split()[month - 1]
    forms = (
        rf"{year}[-/年.]\s*0?{month}\s*[-/月.]\s*0?{day}(?!\d)",
        rf"{name} 0?{day}(?:st|nd|rd|th)?,? {year}",
        rf"0?{day}(?:st|nd|rd|th)? (?:of )?{name},? {year}",
        rf"(?<!\d)0?{month} ?月 ?0?{day}(?!\d)",
        rf"{name} 0?{day}(?!\d)",
    )
    return any(re.search(form, answer) for form in forms)


async def ask(engine: Engine, question: Question, way: str) -> Asked:
    """One answer."""
    told = default_instructions(question.text)
    head = (Message("system", told),) if told else ()
    request = ChatRequest(
        (*head, Message("user", question.text)), Sampling(temperature=0, max_tokens=200)
    )
    if way == "without":
        got = await collect(engine.chat(request))
        return Asked(got.text, (), got.usage.total_tokens)
    text, calls, tokens = "", [], 0
    route = calls_in if way == "routed" else None
    events = run_with_tools(engine, request, Toolbox(plain_tools()), route=route)
    async with aclosing(events) as stream:
        async for event in stream:
            if isinstance(event, Chunk):
                text += event.text
            elif isinstance(event, ToolEnded):
                called = event.result.call
                calls.append(f"{called.name}{called.arguments} → {event.result.text[:120]}")
            elif isinstance(event, Finished):
                tokens = event.usage.total_tokens
    return Asked(text, tuple(calls), tokens)


async def measure(model: str, ways: Sequence[str], *, show: bool) -> None:
    """Print the table."""
    settings = Settings(home=model_home(model), model=model, engine="llamacpp", slots=AT_ONCE)
    models = open_models(settings)
    try:
        async with models.use() as engine:
            for name, questions in (("tuned", TUNED), ("held out", HELD_OUT)):
                print(f"\n{name}: {len(questions)} questions")
                for way in ways:
                    await _way(engine, questions, way, show=show)
    finally:
        await models.aclose()


async def _way(engine: Engine, questions: Sequence[Question], way: str, *, show: bool) -> None:
    told: dict[str, list[bool]] = {}
    tokens = 0
    room = asyncio.Semaphore(AT_ONCE)

    async def in_turn(question: Question) -> Asked:
        async with room:
            return await ask(engine, question, way)

    waiting = [asyncio.create_task(in_turn(question)) for question in questions]
    for question, task in zip(questions, waiting, strict=True):
        asked = await task
        good = right(question, asked.text)
        chinese = any("\u4e00" <= c <= "\u9fff" for c in question.text)
        for key in (question.kind, "zh" if chinese else "en", "all"):
            told.setdefault(key, []).append(good)
        tokens += asked.tokens
        if show:
            print("+" if good else "-", way, "|", question.text, "|", *asked.calls, "|",
                  " ".join(asked.text.split())[:300], flush=True)  # fmt: skip
    shares = ", ".join(f"{key} {sum(found)}/{len(found)}" for key, found in sorted(told.items()))
    print(f"{way}: {shares}; {tokens / len(questions):.0f} tokens a question", flush=True)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="qwen2.5-0.5b")
    parser.add_argument("--show", action="store_true", help="print every answer")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    given = parser.parse_args()
    asyncio.run(measure(given.model, given.ways, show=given.show))


if __name__ == "__main__":
    main()
