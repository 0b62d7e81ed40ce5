"""Starts one worker process and says in one line why it did not come up."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import re
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import psutil

from zaohua.errors import installing
from zaohua.generate.failures import EngineFailed
from zaohua.generate.upstream_body import WorkerKind
from zaohua.generate.worker_environment import (
    WorkerLog,
    has_libgomp,
    worker_environment,
)
from zaohua.hardware import sharing_cores

_STOP_SECONDS = 3.0
_PREFIX = re.compile(r"^[\d.]+ [EWI] +")
_CAUSES = (
    (r"invalid magic|failed to read header|GGUF file is version|failed to read magic",
     "the file is not a GGUF model that llama.cpp reads", "pull or import it again"),
    (r"not within the file bounds|corrupted or incomplete",
     "the model file is cut short", "pull or import it again"),
    (r"unknown model architecture: '([^']*)'",
     "this version of llama.cpp does not know the model's architecture", "choose another model"),
    (r"failed to open GGUF file|No such file", "the model file is not there", "pull it again"),
    (r"failed to allocate|unable to allocate|bad_alloc|out of memory",
     "there is not enough memory for the model", "choose a smaller model or context length"),
    (r"libgomp\.so\.1", "the library libgomp.so.1 is missing",
     "install it: apt-get install libgomp1"),
    (r"compiled here cannot be loaded", "what was compiled here cannot be loaded",
     "run 'zaohua engine remove', then 'zaohua engine build'"),
    (r"No module named 'openvino", "OpenVINO is not installed", installing("openvino")),
    (r"No module named 'xllamacpp'", "llama.cpp is not installed", "pip install xllamacpp"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Launch:
    """How a worker is started.

    Attributes:
        kind: what runs in it, which is also the dialect it speaks.
        module: run as ``python -m``; lives as `worker_life` says.
        path: of the model's file, for messages.
        key: who does not send it gets no answer.
        config: what the worker is told.
        environment: what it is to find there, where nobody says otherwise.
    """

    kind: WorkerKind
    module: str
    path: str
    key: str = field(repr=False)
    config: Mapping[str, Any] = field(repr=False)
    environment: Mapping[str, str] = field(default_factory=dict)


class WorkerProcess:
    """A running worker. It goes when `stop` is called, and when this process goes."""

    def __init__(self, process: asyncio.subprocess.Process, log: WorkerLog) -> None:
        self._process = process
        self._log = log
        self._reading = asyncio.create_task(self._read_log())
        self.address = ""
        self.killed = ""
        """Why, if `kill` ended it."""

    @classmethod
    async def start(cls, launch: Launch, home: Path, log: WorkerLog) -> WorkerProcess:
        """Start a worker and wait until its model is loaded.

        Raises:
            EngineFailed: it did not come up; says why.
        """
        environment = sharing_cores({**launch.environment, **os.environ})
        if sys.platform == "linux" and not has_libgomp():
            environment = worker_environment(home, environment)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", launch.module,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )  # fmt: skip
        worker = cls(process, log)
        try:
            await worker._await_address(launch)
        except BaseException:
            await worker.stop()
            raise
        return worker

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def resident(self) -> int:
        """Bytes of memory that it and its children take."""
        try:
            return sum(int(one.memory_info().rss) for one in self._family())
        except psutil.Error:
            return 0

    def processor_seconds(self) -> float:
        """Time of the processor that it and its children have taken; NaN if that is not told."""
        try:
            return sum(sum(one.cpu_times()[:2]) for one in self._family())
        except (psutil.Error, OSError):
            return math.nan

    async def wait(self) -> int:
        """Wait until the process is gone; its exit code, negative for a signal."""
        return await self._process.wait()

    def kill(self, why: str) -> None:
        """End the process at once; whoever waits for it learns ``why`` from ``killed``."""
        self.killed = why
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def stop(self) -> None:
        """End the process, kindly at first."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    def _family(self) -> list[psutil.Process]:
        process = psutil.Process(self.pid)
        return [process, *process.children(recursive=True)]

    async def _await_address(self, launch: Launch) -> None:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None  # noqa: S101
        with contextlib.suppress(ConnectionError):
            stdin.write(orjson.dumps(launch.config) + b"\n")
            await stdin.drain()
        line = await stdout.readline()
        said = orjson.loads(line) if line.startswith(b"{") else {}
        if "address" not in said:
            code = await self._process.wait()
            await asyncio.wait([self._reading], timeout=1)
            raise start_failure(launch.path, code, [*self._log.tail(), said.get("error", "")])
        self.address = said["address"]

    async def _read_log(self) -> None:
        stderr = self._process.stderr
        assert stderr is not None  # noqa: S101
        while True:
            try:
                line = await stderr.readline()
            except ValueError:
                continue
            if not line:
                return
            self._log.write(line.decode("utf-8", "replace"))


def start_failure(path: str, code: int, lines: list[str]) -> EngineFailed:
    """Why a worker that exited with ``code`` and wrote ``lines`` did not come up."""
    text = "\n".join(lines)
    for pattern, what, mend in _CAUSES:
        if re.search(pattern, text):
            return EngineFailed(what, where=path, mend=mend)
    if code == -signal.SIGKILL:
        return EngineFailed(
            "the engine was killed while it loaded the model, most likely for want of memory",
            where=path,
            mend="choose a smaller model or context length",
        )
    said = [_PREFIX.sub("", line) for line in lines if line.strip()]
    last = said[-1] if said else f"exit code {code}"
    return EngineFailed(f"the engine did not start: {last}", where=path)
