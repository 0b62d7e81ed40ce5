"""Worker processes that do tasks in parallel and hand the results back in order.

A worker is a fresh interpreter (``python -m zaohua.data.prepare.worker``) spoken to over its pipes:
no code of the caller runs in it, and when the caller dies, however it dies, its input ends and
the worker with it.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import zaohua
from zaohua import errors
from zaohua.data.prepare.local import Cleaner, Setup
from zaohua.data.prepare.sources import Task
from zaohua.errors import UnavailableError, ZaohuaError

_WORTH_A_CREW = 4  # tasks; fewer are done before the processes would be up
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of a worker, in a form that survives the pipe."""

    kind: str
    what: str
    where: str = ""
    mend: str = ""
    number: int = 0

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """What is to be told of ``error``."""
        if isinstance(error, ZaohuaError):
            return cls(type(error).__name__, error.what, error.where, error.mend)
        if isinstance(error, OSError):
            return cls("OSError", error.strerror or str(error), number=error.errno or 0)
        return cls(type(error).__name__, str(error))

    def error(self) -> Exception:
        """The error again."""
        if self.kind == "OSError":
            return OSError(self.number, self.what)
        kind = getattr(errors, self.kind, None)
        if kind is None:
            return RuntimeError(f"{self.kind}: {self.what}")
        made: ZaohuaError = kind.__new__(kind)
        ZaohuaError.__init__(made, self.what, where=self.where, mend=self.mend)
        return made


def clean_all(setup: Setup, tasks: Iterable[Task], workers: int) -> Generator[Path]:
    """The segments of all tasks, in the order of the tasks. Few tasks are done in this process.

    Raises:
        What a task raises.
        UnavailableError: a worker was ended by the system.
    """
    stream = iter(tasks)
    first = list(islice(stream, _WORTH_A_CREW)) if workers > 1 else []
    stream = chain(first, stream)
    if len(first) < _WORTH_A_CREW:
        yield from map(Cleaner(setup).clean, stream)
        return
    with contextlib.closing(_Crew(setup, workers)) as crew:
        yield from crew.map(stream)


class _Crew:
    def __init__(self, setup: Setup, workers: int) -> None:
        self._free: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._workers = [_Worker(setup) for _ in range(workers)]
        for worker in self._workers:
            self._free.put(worker)
        self._threads = ThreadPoolExecutor(workers)

    def map(self, tasks: Iterable[Task]) -> Iterator[Path]:
        stream = iter(tasks)
        ahead = 2 * len(self._workers)
        waiting = deque(self._threads.submit(self._do, task) for task in islice(stream, ahead))
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(self._threads.submit(self._do, task) for task in islice(stream, 1))

    def close(self) -> None:
        for worker in self._workers:
            worker.stop()
        self._threads.shutdown(cancel_futures=True)

    def _do(self, task: Task) -> Path:
        worker = self._free.get()
        try:
            return worker.do(task)
        finally:
            self._free.put(worker)


class _Worker:
    def __init__(self, setup: Setup) -> None:
        root = str(Path(zaohua.__file__).parents[1])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "zaohua.data.prepare.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(paths)},
        )
        self._send(setup)

    def do(self, task: Task) -> Path:
        try:
            self._send(task)
            answer: Any = pickle.load(self._process.stdout)  # type: ignore[arg-type]  # noqa: S301
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            code = self._process.wait(5)
            raise UnavailableError(
                f"a cleaning process was ended by the system (code {code})",
                mend="if memory is short, use fewer workers; the same call goes on where it was",
            ) from None
        if isinstance(answer, Failure):
            raise answer.error()
        return Path(answer)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _send(self, message: Setup | Task) -> None:
        if self._process.stdin is not None:
            pickle.dump(message, self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
