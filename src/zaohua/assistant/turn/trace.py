"""The trace of an answer: for each step what it added, how long it took, how many tokens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from zaohua.assistant.values import TraceLine
from zaohua.generate.events import Finished


@dataclass(slots=True)
class Step:
    """A step under way; what it notes here becomes its line."""

    name: str
    said: str = ""
    tokens: int = 0
    details: dict[str, Any] = field(default_factory=dict)

    def note(self, said: str, *, tokens: int = 0, **details: Any) -> None:
        """Say what the step did, in one clause."""
        self.said, self.tokens = said, tokens
        self.details.update(details)


class Trace:
    """Lines in the order in which their steps ended."""

    def __init__(self) -> None:
        self.lines: list[TraceLine] = []

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Time a step and keep its line; a step that noted nothing leaves none."""
        step, begin = Step(name), time.perf_counter()
        try:
            yield step
        finally:
            self.add(step, time.perf_counter() - begin)

    def add(self, step: Step, seconds: float) -> None:
        """Keep the line of a step that took ``seconds``."""
        if step.said:
            took = round(seconds * 1000, 1)
            self.lines.append(
                TraceLine(
                    step=step.name,
                    said=step.said,
                    milliseconds=took,
                    tokens=step.tokens,
                    details=step.details,
                )
            )


def note_engine(trace: Trace, finished: Finished | None, seconds: float, written: int) -> None:
    """A line for the engine's work; ``written`` is the tokens seen to go by."""
    step = Step("engine")
    if finished is None:
        step.note(f"{written} tokens written", tokens=written)
    else:
        usage = finished.usage
        step.note(
            f"{usage.prompt_tokens} tokens read, {usage.cached_tokens} of them from the cache, "
            f"{usage.completion_tokens} written",
            tokens=usage.completion_tokens,
            prompt_tokens=usage.prompt_tokens,
            cached_tokens=usage.cached_tokens,
        )
    trace.add(step, seconds)
