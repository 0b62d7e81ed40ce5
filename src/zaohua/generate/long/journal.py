"""The finished answers of a long task in a file, so that none is asked for again after a stop."""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from filelock import FileLock, Timeout

from zaohua.errors import UnavailableError
from zaohua.generate.request import ChatRequest

FORGOTTEN_DAYS: Final = 30
"""Days after which the file of a task that nobody took up again is removed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer; ``cut`` if it was cut off at its longest."""

    text: str
    cut: bool


class Journal:
    """A file of answers by what was asked, a context manager; None keeps nothing.

    Only the places of the answers are in memory. A line that was not written whole is taken away.

    Raises:
        UnavailableError: another process works on the same task.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._places: dict[str, int] = {}
        self._lock: FileLock | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            _forget_old(path.parent)
            self._lock = _locked(path)
            self._file = path.open("a+b")
            self._read()

    def __enter__(self) -> Self:
        """Ready to be asked."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file; it is removed if nothing went wrong."""
        if self.path is None or self._lock is None:
            return
        self._file.close()
        if kind is None:
            self.path.unlink(missing_ok=True)
        self._lock.release()
        with suppress(OSError):
            Path(self._lock.lock_file).unlink(missing_ok=True)

    def __len__(self) -> int:
        return len(self._places)

    def get(self, request: ChatRequest) -> Kept | None:
        """The answer to ``request``, if it is there."""
        place = self._places.get(key_of(request))
        if place is None:
            return None
        self._file.seek(place)
        line = json.loads(self._file.readline())
        return Kept(line["text"], line["cut"])

    def put(self, request: ChatRequest, kept: Kept) -> None:
        """Keep an answer; it is on the disk when this returns."""
        if self.path is None:
            return
        key = key_of(request)
        line = json.dumps({"key": key, **asdict(kept)}, ensure_ascii=False)
        self._places[key] = self._file.seek(0, os.SEEK_END)
        self._file.write(line.encode("utf-8", "replace") + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _read(self) -> None:
        self._file.seek(0)
        place = 0
        for line in iter(self._file.readline, b""):
            try:
                key = str(json.loads(line)["key"]) if line.endswith(b"\n") else None
            except (ValueError, KeyError, TypeError):
                key = None
            if key is None:
                self._file.truncate(place)
                break
            self._places[key] = place
            place += len(line)


def key_of(request: ChatRequest) -> str:
    """What stands for a request: all that its answer depends on."""
    said = [[message.role, message.content] for message in request.messages]
    form = None if request.grammar is None else [request.grammar.kind, str(request.grammar.value)]
    sampling = {k: v for k, v in asdict(request.sampling).items() if k != "logit_bias"}
    whole = json.dumps([said, sampling, form], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:32]


def journal_name(text: str, key: str, model: str) -> str:
    """The file's name for a text, what is asked of it, and a model."""
    whole = f"{model}\0{key}\0{text}".encode("utf-8", "replace")
    return hashlib.sha256(whole).hexdigest()[:32] + ".jsonl"


def _locked(path: Path) -> FileLock:
    lock = FileLock(path.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UnavailableError("another process is working on the same text") from None
    return lock


def _forget_old(folder: Path) -> None:
    oldest = time.time() - FORGOTTEN_DAYS * 86_400
    for path in folder.glob("*.jsonl"):
        with suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()
