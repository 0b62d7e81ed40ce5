"""How a run ends before its time: asked to stop, or diverged."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from zaohua.errors import ZaohuaError
from zaohua.progress import Progress


class StoppedError(ZaohuaError):
    """The run was asked to stop, and saved where it was."""

    exit_code = 130


class DivergedError(ZaohuaError):
    """Loss, gradient or parameters are no longer finite."""


class Stop:
    """Whether somebody asked to stop."""

    asked = False


@contextmanager
def stopping(progress: Progress) -> Iterator[Stop]:
    """While inside, Ctrl-C and SIGTERM ask to stop; the second of a kind acts as it always does.

    Outside the main thread signals cannot be caught, and are left alone.
    """
    stop = Stop()
    before: dict[int, Any] = {}

    def ask(number: int, frame: FrameType | None) -> None:
        stop.asked = True
        signal.signal(number, before[number])
        with suppress(RuntimeError):  # the signal may have come in the middle of a print
            progress.note("finishing the step and saving; Ctrl-C again leaves at once")

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.getsignal(number)
            signal.signal(number, ask)
    try:
        yield stop
    finally:
        for caught, handler in before.items():
            signal.signal(caught, handler)
