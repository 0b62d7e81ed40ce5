"""The life of a worker process: told what to load, it says where it serves, goes with its parent.

It reads one line of JSON from standard input, loads, and prints one line of JSON on standard
output: ``{"address": "http://127.0.0.1:PORT"}`` or ``{"error": "..."}``. It lives until its
standard input closes, so it cannot outlive whoever started it. Everything else it says goes to
standard error.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

LAST_WORDS_SECONDS = 0.5
"""llama.cpp writes its log in a thread of its own: why it failed is there a moment later."""

_PR_SET_PDEATHSIG = 1


class Serving(Protocol):
    """What answers, for as long as it is kept."""

    @property
    def listening_address(self) -> str:
        """``http://127.0.0.1:PORT``."""


def live(serve: Callable[[dict[str, Any]], Serving]) -> None:
    """Load with ``serve``, say where, serve until standard input closes."""
    die_with_parent()
    out = os.dup(1)
    os.dup2(2, 1)
    config = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    try:
        serving = serve(config)
        said = {"address": serving.listening_address}
    except Exception as error:
        said = {"error": f"{type(error).__name__}: {error}"}
        time.sleep(LAST_WORDS_SECONDS)
    os.write(out, json.dumps(said).encode() + b"\n")
    if "error" in said:
        os._exit(1)
    threading.Event().wait()


def die_with_parent() -> None:
    """Have the system end this process when its parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _leave_with_parent() -> None:
    while sys.stdin.buffer.read(1024):
        pass
    os._exit(0)
