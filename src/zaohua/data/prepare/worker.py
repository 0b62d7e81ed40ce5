"""``python -m zaohua.data.prepare.worker``: does tasks that come over its input; see `crew`."""

from __future__ import annotations

import os
import pickle
import queue
import signal
import sys
import threading
from typing import Any, BinaryIO

from zaohua.data.prepare.crew import Failure
from zaohua.data.prepare.local import Cleaner
from zaohua.heap import steady_heap


def main() -> None:
    """Take the setup, then do tasks until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, messages), daemon=True).start()
    with steady_heap():
        cleaner = Cleaner(messages.get())
        while True:
            pickle.dump(_answer(cleaner, messages.get()), answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()


def _listen(stream: BinaryIO, messages: queue.SimpleQueue[Any]) -> None:
    """Pass messages on. When there are no more the caller is gone: leave at once, write nothing."""
    try:
        while True:
            messages.put(pickle.load(stream))  # noqa: S301 - from the process that started this one
    except (EOFError, OSError, pickle.UnpicklingError):
        os._exit(0)


def _answer(cleaner: Cleaner, task: Any) -> str | Failure:
    try:
        return str(cleaner.clean(task))
    except Exception as error:
        return Failure.of(error)


if __name__ == "__main__":
    main()
