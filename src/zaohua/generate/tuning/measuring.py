"""Measures a loaded engine: how fast it reads and writes."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from zaohua.generate.events import Chunk, Finished
from zaohua.generate.local_engine import LocalEngine
from zaohua.generate.request import CompletionRequest, Sampling
from zaohua.generate.routed import RoutedEngine
from zaohua.generate.tuning.figures import Figures

SHORT, LONG = 128, 1024
ANSWER = 32
"""Tokens of an answer whose speed is measured."""

_OPENING = 16
_TIMES = 3
_TEXT = (
    "The harbour town wakes before the sun. Boats come in with the night's catch, and the women "
    "who mend the nets have been up for an hour. 渔港在日出之前就醒了，船只带着夜里的收获回来，"
    "补网的妇女已经忙了一个小时。Nobody hurries, and yet everything is done in time; "
)


@dataclass(frozen=True, slots=True)
class _Timed:
    """Seconds to the first piece, seconds in all, tokens written."""

    first: float
    total: float
    tokens: int


async def measure(engine: LocalEngine | RoutedEngine, *, beats: Figures | None = None) -> Figures:
    """The figures of a loaded engine; no prompt is one that its cache holds.

    ``beats`` are the figures of another one: where this one reads at less than half and writes at
    less than four fifths of its speed, the longer measurements are left out.
    """
    probe = _Probe(engine, await engine.tokenize(_TEXT))
    await probe.ask(_OPENING, 2)
    short = SHORT / (await probe.ask(SHORT, 1)).total
    one = statistics.median([await probe.writing(1) for _ in range(_TIMES)])
    if beats is not None and short < beats.short_prompt / 2 and one < beats.one * 0.8:
        return Figures(short, 0.0, one, 0.0, 0.0, engine.resident())
    four, eight = await probe.writing(4), await probe.writing(8)
    long = LONG / (await probe.ask(LONG, 1)).total
    return Figures(short, long, one, four, eight, engine.resident())


class _Probe:
    """Asks an engine for texts of exact lengths, each with a beginning of its own.

    Every token is written by itself: what continues one text over and over is easily guessed.
    """

    def __init__(self, engine: LocalEngine | RoutedEngine, tokens: Sequence[int]) -> None:
        self._engine = engine
        self._tokens = list(tokens)
        self._asked = 0

    async def writing(self, streams: int) -> float:
        """Tokens a second of ``streams`` answers at once, all together."""
        begun = time.perf_counter()
        answers = await asyncio.gather(*(self.ask(_OPENING, ANSWER) for _ in range(streams)))
        if streams == 1:
            answer = answers[0]
            return (answer.tokens - 1) / max(answer.total - answer.first, 1e-6)
        return sum(answer.tokens for answer in answers) / (time.perf_counter() - begun)

    async def ask(self, length: int, answer: int) -> _Timed:
        """Have ``length`` tokens read and at most ``answer`` written."""
        prompt = self._prompt(length)
        begun, first, tokens = time.perf_counter(), 0.0, 0
        sampling = Sampling(max_tokens=answer, temperature=0.0)
        request = CompletionRequest(prompt, sampling, prompt_lookup=False)
        async with aclosing(self._engine.complete(request)) as events:
            async for event in events:
                if isinstance(event, Chunk) and event.text and not first:
                    first = time.perf_counter() - begun
                elif isinstance(event, Finished):
                    tokens = event.usage.completion_tokens
        total = time.perf_counter() - begun
        return _Timed(first or total, total, tokens)

    def _prompt(self, length: int) -> tuple[int, ...]:
        """Tokens of the text, begun elsewhere each time."""
        self._asked += 1
        start = self._asked * 7 % len(self._tokens)
        turned = self._tokens[start:] + self._tokens[:start]
        return tuple((turned * (length // len(turned) + 1))[:length])
