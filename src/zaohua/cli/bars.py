"""Progress drawn in the terminal: one bar with size, speed and time left.

On a terminal a live bar; elsewhere (a log, a pipe) a line now and then.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from zaohua.cli.terminal import harmless

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

LOG_SECONDS = 10.0


class RichProgress:
    """A `zaohua.progress.Progress` that draws on stderr; use it as a context manager.

    Steps may follow one another; each gets a bar of its own that stays when it is done.
    """

    def __init__(self, console: Console | None = None) -> None:
        if console is None:
            from rich.console import Console

            console = Console(file=sys.stderr)
        self._console = console
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._label = ""
        self._unit = "B"
        self._total: int | None = None
        self._done = self._before = 0
        self._begun = self._logged = 0.0
        self._figures = ""

    def __enter__(self) -> Self:
        """Ready to draw."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the terminal as it was, also on an error."""
        self.finish()

    def start(self, label: str, total: int | None, unit: str = "B", done: int = 0) -> None:
        """Begin a step of ``total`` units (``None``: unknown); ``done`` do not count as speed."""
        self.finish()
        self._label, self._total, self._unit = label, total, unit
        self._done = self._before = done
        self._figures = ""
        self._begun = self._logged = time.monotonic()
        if self._console.is_terminal:
            self._bar = _bar(self._console, unit)
            self._bar.start()
            self._task = self._bar.add_task(label, total=total, completed=done, figures="")
        else:
            self._console.print(self._line(), highlight=False, markup=False, soft_wrap=True)

    def advance(self, amount: int) -> None:
        """``amount`` more units are done."""
        self._done += amount
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, amount)
        elif self._label and time.monotonic() - self._logged > LOG_SECONDS:
            self._logged = time.monotonic()
            self._console.print(self._line(), highlight=False, markup=False, soft_wrap=True)

    def figures(self, text: str) -> None:
        """Figures beside the bar, or at the end of the next line of a log."""
        self._figures = text
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, figures=text)

    def note(self, text: str) -> None:
        """A line above the bar; what a model said in it cannot steer the terminal."""
        line = harmless(text)
        self._console.print(line, style="dim", highlight=False, markup=False, soft_wrap=True)

    def finish(self) -> None:
        """Close the bar of the present step, if there is one."""
        if self._bar is not None:
            self._bar.stop()
        elif self._label:
            self._console.print(self._line(), highlight=False, markup=False, soft_wrap=True)
        self._bar = self._task = None
        self._label = ""

    def _line(self) -> str:
        seconds = time.monotonic() - self._begun
        done = quantity(self._done, self._unit)
        of = f" of {quantity(self._total, self._unit)}" if self._total else ""
        new = self._done - self._before
        speed = f", {_speed(new / seconds, self._unit)}" if seconds > 1 else ""
        figures = f" · {self._figures}" if self._figures else ""
        return f"{self._label}: {done}{of}{speed}{figures}"


def quantity(amount: int, unit: str = "B") -> str:
    """``491.4 MB`` for bytes, ``12 files`` for other units."""
    if unit != "B":
        return f"{amount:,} {unit}"
    from rich.filesize import decimal

    return decimal(amount)


def _speed(a_second: float, unit: str) -> str:
    """``12 steps/s``; below ten of other units than bytes with a decimal."""
    if unit != "B" and a_second < 10:
        return f"{a_second:.1f} {unit}/s"
    return f"{quantity(int(a_second), unit)}/s"


def _bar(console: Console, unit: str) -> Bar:
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    label = TextColumn("{task.description}")
    time_left = TimeRemainingColumn(compact=True, elapsed_when_finished=True)
    if unit == "B":
        middle = (DownloadColumn(), TransferSpeedColumn())
        return Progress(label, BarColumn(), *middle, time_left, console=console)
    figures = TextColumn("{task.fields[figures]}", markup=False)
    bar, steps = BarColumn(), MofNCompleteColumn()
    return Progress(label, bar, steps, time_left, figures, console=console)
