"""A file that is still arriving: it grows, its hash grows with it, and it survives interruption.

Beside ``NAME.part`` lies ``NAME.state.part``, a few words on where the bytes come from, so that a
later process knows whether it may go on.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from zaohua.store.files import CHUNK, write_atomic


class Part:
    """The bytes received so far, a context manager; ``state`` is what `save` last kept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._state_path = path.with_name(path.name.removesuffix(".part") + ".state.part")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b")
        self._hash = hashlib.sha256()
        self.size = 0
        self.state = self._load_state()
        self.resumed = self._hash_what_is_there() > 0

    def __enter__(self) -> Self:
        """Ready to grow."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file and leave it for a later process."""
        self.close()

    @property
    def sha256(self) -> str:
        """The hash of the bytes so far."""
        return self._hash.hexdigest()

    def write(self, chunk: bytes) -> None:
        """Append."""
        self._file.write(chunk)
        self._hash.update(chunk)
        self.size += len(chunk)

    def save(self, **state: Any) -> None:
        """Put the bytes on the disk, then ``state`` with them."""
        self.sync()
        write_atomic(self._state_path, json.dumps(state).encode())
        self.state = state

    def cut(self, size: int) -> None:
        """Forget all after the first ``size`` bytes."""
        self._file.flush()
        self._file.truncate(size)
        self._hash_what_is_there()

    def restart(self) -> None:
        """Forget everything."""
        self.cut(0)
        self._state_path.unlink(missing_ok=True)
        self.state = {}
        self.resumed = False

    def sync(self) -> None:
        """Put the bytes on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file; it stays."""
        self._file.close()

    def delete(self) -> None:
        """Close and delete the file."""
        self.close()
        self.path.unlink(missing_ok=True)
        self._state_path.unlink(missing_ok=True)

    def _load_state(self) -> dict[str, Any]:
        try:
            state = json.loads(self._state_path.read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def _hash_what_is_there(self) -> int:
        self._hash = hashlib.sha256()
        self._file.seek(0)
        self.size = 0
        while chunk := self._file.read(CHUNK):
            self._hash.update(chunk)
            self.size += len(chunk)
        return self.size
