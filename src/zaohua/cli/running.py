"""The server of this home: one at a time, known to other processes by a file beside its lock."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from zaohua.settings import Settings

ANSWER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server that is up. ``host`` is where it can be reached from this machine."""

    pid: int
    host: str
    port: int
    model: str = ""
    engine: str = "llamacpp"

    @property
    def url(self) -> str:
        """``http://HOST:PORT``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def find(settings: Settings) -> Running | None:
    """The server that serves this home now, or ``None``; asks it, so it is really there."""
    try:
        running = Running(**json.loads(_file(settings).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    if not _lives(running.pid) or ask(running, "/healthz") is None:
        return None
    return running


def ask(running: Running, path: str, *, key: str = "") -> dict[str, Any] | None:
    """The JSON object that ``GET path`` gives with status 200; ``None`` for anything else.

    Straight to the server, whatever proxies the environment names.
    """
    connection = HTTPConnection(running.host, running.port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
        response = connection.getresponse()
        body = json.loads(response.read() or b"{}")
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return body if response.status == 200 and isinstance(body, dict) else None


@contextmanager
def claim(settings: Settings) -> Iterator[None]:
    """Hold this home as its only server; the system lets go of it however the process ends.

    Raises:
        UnavailableError: another server holds it, or the home cannot be written.
    """
    from filelock import FileLock, Timeout

    from zaohua.errors import UnavailableError

    lock = FileLock(_file(settings).with_suffix(".lock"), timeout=1)
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise _taken(settings) from None
    except OSError as error:
        raise UnavailableError(
            f"the home folder cannot be written: {error.strerror}",
            where=str(settings.home),
            mend="mend its permissions or set ZAOHUA_HOME",
        ) from None
    try:
        yield
    finally:
        _file(settings).unlink(missing_ok=True)
        lock.release()


def announce(settings: Settings, running: Running) -> None:
    """Let other processes of this user find the server."""
    part = _file(settings).with_suffix(".part")
    part.write_text(json.dumps(asdict(running)), encoding="utf-8")
    part.replace(_file(settings))


def _taken(settings: Settings) -> Exception:
    from zaohua.errors import UnavailableError

    running = find(settings)
    where = running.url if running else str(settings.home)
    pid = f"stop it (kill {running.pid})" if running else "wait for it to end"
    return UnavailableError(
        "a zaohua server already serves this home",
        where=where,
        mend=f"use it, {pid}, or set another ZAOHUA_HOME",
    )


def _file(settings: Settings) -> Path:
    return settings.home / "server.json"


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
