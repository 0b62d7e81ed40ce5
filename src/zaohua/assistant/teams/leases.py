"""Which process works on a run: a lock file, which the system lets go when the process dies."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from zaohua.errors import UsageError

_PATIENCE_SECONDS = 1.0
"""Until a run that has just ended is let go."""


class Leases:
    """The locks of runs in a folder.

    Args:
        folder: made when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, run: int) -> FileLock:
        """The lock of a run, to be released.

        Raises:
            UsageError: a process works on it.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = self._lock(run)
        try:
            lock.acquire(timeout=_PATIENCE_SECONDS)
        except Timeout:
            raise UsageError("this run is at work", where=str(run), mend="stop it first") from None
        return lock

    def held(self, run: int) -> bool:
        """Whether a process works on it."""
        if not self._path(run).exists():
            return False
        lock = self._lock(run)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        lock.release()
        return False

    def forget(self, run: int) -> None:
        """Remove what is left of the lock of a run that will not be taken up again."""
        with suppress(OSError):
            self._path(run).unlink()

    def _path(self, run: int) -> Path:
        return self._folder / f"team-{run}.lock"

    def _lock(self, run: int) -> FileLock:
        return FileLock(self._path(run), thread_local=False)
