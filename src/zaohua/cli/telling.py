"""Shows an answer while it comes."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from zaohua.cli.terminal import colours, dim, harmless

if TYPE_CHECKING:
    from zaohua.assistant.tools import LoopEvent, ToolResult
    from zaohua.generate.collect import Answer
    from zaohua.generate.events import PromptProgress, Timings, Usage

PATIENCE_SECONDS = 0.7
LONGEST_RESULT = 160
_CIRCLING = "ended: it began to say the same again and again"


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as far as it came: ``stopped`` by the user, or whole."""

    answer: Answer
    usage: Usage | None
    timings: Timings | None
    seconds: float
    first_seconds: float
    stopped: bool = False

    @property
    def circling(self) -> bool:
        """Whether it was ended since it only said the same again."""
        return self.answer.finish_reason == "repetition"

    def speed(self) -> str:
        """``42 tokens · 38.1 tokens/s · first after 0.2 s``, as far as it is known."""
        if self.usage is None:
            return "stopped" if self.stopped else _CIRCLING if self.circling else ""
        tokens = self.usage.completion_tokens
        decoding = max(self.seconds - self.first_seconds, 1e-9)
        rate = self.timings.tokens_per_second(tokens) if self.timings else 0.0
        rate = rate or (tokens / decoding if tokens > 1 else 0.0)
        parts = [
            f"{tokens} tokens",
            f"{rate:.1f} tokens/s",
            f"first after {self.first_seconds:.1f} s",
        ]
        return " · ".join(part for part in parts if not part.startswith("0.0 "))


class Screen:
    """Writes the pieces of one answer to stdout; to stderr, if it is a terminal, how far it is."""

    def __init__(self, *, show: bool = True) -> None:
        self._show = show
        self._status = ""
        self._began = time.monotonic()
        self._tty = sys.stdout.isatty()
        self._ends_line = True
        self._reasoning = False

    def progress(self, progress: PromptProgress) -> None:
        """Tell how much of a long prompt has been read."""
        if not sys.stderr.isatty() or time.monotonic() - self._began < PATIENCE_SECONDS:
            return
        self._clear()
        done = 100 * progress.processed // max(progress.total, 1)
        self._status = f"reading {progress.total} tokens: {done} %"
        print(dim(self._status, sys.stderr), end="\r", file=sys.stderr, flush=True)

    def reasoning(self, text: str) -> None:
        """Thoughts go to a terminal, faint; never into a pipe."""
        if text and self._show and self._tty:
            self._reasoning = True
            self._write(dim(harmless(text), sys.stdout), text)

    def text(self, text: str) -> None:
        """The answer itself."""
        if not text or not self._show:
            return
        if self._reasoning:
            self._reasoning = False
            self._write("\n\n", "\n")
        self._write(harmless(text) if self._tty else text, text)

    def tool(self, result: ToolResult) -> None:
        """Tell of a call on a terminal; never into a pipe."""
        if not self._show or not sys.stderr.isatty():
            return
        self._clear()
        told = " ".join(result.text.split())
        shown = told if len(told) <= LONGEST_RESULT else f"{told[:LONGEST_RESULT]}…"
        print(dim(harmless(f"{result.call.name}: {shown}"), sys.stderr), file=sys.stderr)

    def end(self) -> None:
        """Finish the line."""
        self._clear()
        if self._show and not self._ends_line:
            print(flush=True)
            self._ends_line = True

    def _write(self, shown: str, text: str) -> None:
        self._clear()
        print(shown, end="", flush=True)
        self._ends_line = text.endswith("\n")

    def _clear(self) -> None:
        if self._status:
            blank = "\x1b[2K" if colours(sys.stderr) else " " * len(self._status) + "\r"
            print(blank, end="\r" if colours(sys.stderr) else "", file=sys.stderr, flush=True)
            self._status = ""


async def tell(events: AsyncIterator[LoopEvent], screen: Screen) -> Told:
    """Show the only answer of ``events`` as it comes.

    A cancelled task gets what was told so far, marked ``stopped``; the engine is freed first.

    Raises:
        EngineFailed: the stream broke off, and whatever else the engine raises.
    """
    import asyncio

    from zaohua.assistant.tools.values import ToolEnded
    from zaohua.generate.collect import AnswerBuilder
    from zaohua.generate.events import Chunk, Finished, PromptProgress
    from zaohua.generate.failures import EngineFailed

    builder, finished, stopped = AnswerBuilder(0), None, False
    began = time.monotonic()
    first = 0.0
    try:
        async with aclosing(cast("Any", events)) as stream:
            async for event in stream:
                if isinstance(event, PromptProgress):
                    screen.progress(event)
                elif isinstance(event, Chunk):
                    if not first and (event.text or event.reasoning):
                        first = time.monotonic() - began
                    builder.add(event)
                    screen.reasoning(event.reasoning)
                    screen.text(event.text)
                elif isinstance(event, ToolEnded):
                    screen.tool(event.result)
                elif isinstance(event, Finished):
                    finished = event
    except asyncio.CancelledError:
        stopped = True
    finally:
        screen.end()
    seconds = time.monotonic() - began
    usage, timings = (finished.usage, finished.timings) if finished else (None, None)
    told = Told(builder.whole(), usage, timings, seconds, first or seconds, stopped)
    if finished is None and not stopped and not told.circling:
        raise EngineFailed("the engine broke off its answer", mend="ask again")
    return told
