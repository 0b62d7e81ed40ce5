"""Where a server writes what happens: all into a file, what matters on stderr in one line."""

from __future__ import annotations

import asyncio
import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE_BYTES = 5 * 2**20
FILES_KEPT = 3


class OneLine(logging.Formatter):
    """A message on one line; tracebacks are left to the log file."""

    def format(self, record: logging.LogRecord) -> str:
        """``zaohua: message``."""
        message = record.getMessage().strip()
        if message.startswith("Traceback"):
            message = message.splitlines()[-1]
        text = " ".join(message.split())
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            text = f"{text} ({type(error).__name__}: {error})"
        return f"zaohua: {text}"


def write_logs(home: Path, *, requests: bool = False) -> Path:
    """Set up logging for a server; gives the file. ``requests`` logs each request there too."""
    path = home / "logs" / "zaohua.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    file = RotatingFileHandler(path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8")
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    screen = logging.StreamHandler(sys.stderr)
    screen.setFormatter(OneLine())
    screen.setLevel(logging.WARNING)
    screen.addFilter(_not_about_leaving)
    file.addFilter(_not_about_leaving)
    logging.basicConfig(level=logging.INFO, handlers=[file, screen], force=True)
    for noisy in ("httpx", "httpcore", "asyncio", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").setLevel(logging.INFO if requests else logging.WARNING)
    return path


def _not_about_leaving(record: logging.LogRecord) -> bool:
    """Leave out what uvicorn says about streams it cuts off when it is told to stop."""
    error = record.exc_info[1] if record.exc_info else None
    cut_off = isinstance(error, asyncio.CancelledError) or "graceful" in record.getMessage()
    return not (record.name.startswith("uvicorn") and cut_off)
