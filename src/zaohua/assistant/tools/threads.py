"""Runs blocking work in threads that may be left behind: a thread cannot be killed."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from zaohua.assistant.tools.values import ToolFailed

T = TypeVar("T")
MOST = 8


class Threads:
    """Threads for the calls of one tool, at most `MOST` at a time, those that hang among them.

    They are daemons: one that hangs keeps neither the event loop nor the process from ending.
    """

    def __init__(self) -> None:
        self._room = threading.BoundedSemaphore(MOST)

    async def run(self, work: Callable[[], T]) -> T:
        """What ``work`` gives or raises; when cancelled its thread is left to itself.

        Raises:
            ToolFailed: too many calls have not ended yet.
        """
        if not self._room.acquire(blocking=False):
            raise ToolFailed(f"{MOST} calls of this tool have not ended yet")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        context = contextvars.copy_context()

        def settle(result: T | None, error: Exception | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]

        def body() -> None:
            result: T | None = None
            error: Exception | None = None
            try:
                result = context.run(work)
            except StopIteration as stop:  # which no future can carry
                error = RuntimeError(f"StopIteration: {stop.value}")
            except Exception as raised:
                error = raised
            except BaseException as raised:  # it would end the event loop
                error = ToolFailed(f"the tool tried to end the program ({raised})")
            finally:
                self._room.release()
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(settle, result, error)

        threading.Thread(target=body, name="zaohua-tool", daemon=True).start()
        return await future
