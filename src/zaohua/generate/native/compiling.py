"""Runs CMake and Ninja, tells how far they are, and says in a line why they failed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from zaohua.errors import UnavailableError
from zaohua.generate.native.products import Product
from zaohua.generate.native.toolchain import Toolchain
from zaohua.hardware import hardware
from zaohua.progress import Progress

LOG: Final = "build.log"
JOB_BYTES: Final = 2**30
"""Memory that one compiler may take."""

_STOP_SECONDS: Final = 5.0
_STEP: Final = re.compile(r"\[(\d+)/(\d+)\] ")


def compile_product(  # noqa: PLR0917 - each is another thing
    product: Product,
    source: Path,
    work: Path,
    options: Sequence[str],
    tools: Toolchain,
    progress: Progress,
) -> Path:
    """Compile in ``work``, going on from what is there; the program or library.

    Raises:
        UnavailableError: it cannot be compiled; says why, and where all was written down.
    """
    environment = {**os.environ, "CC": tools.c, "CXX": tools.cxx, "NINJA_STATUS": "[%f/%t] "}
    folder = work / "objects"
    configure = [tools.cmake, "-S", str(source), "-B", str(folder), *options,
                 f"-DCMAKE_MAKE_PROGRAM={tools.ninja}"]  # fmt: skip
    ninja = [tools.ninja, "-C", str(folder), "-j", str(_jobs()), product.target]
    with (work / LOG).open("a", encoding="utf-8", buffering=1) as written:
        progress.note("looking at the compiler")
        for command in (configure, ninja):
            _run(command, product.name, environment, written, progress)
    return folder / "bin" / product.file


def _jobs() -> int:
    """Compilers at once."""
    machine = hardware()
    return max(1, min(machine.cores, machine.free // JOB_BYTES))


def _run(
    command: Sequence[str], name: str, environment: dict[str, str], log: IO[str], progress: Progress
) -> None:
    told: list[str] = []
    with _started(command, environment) as process:
        assert process.stdout is not None  # noqa: S101
        done = 0
        for line in process.stdout:
            log.write(line)
            told.append(line.strip())
            if step := _STEP.match(line):
                if not done:
                    progress.start(f"compiling {name}", int(step[2]), "files")
                progress.advance(int(step[1]) - done)
                done = int(step[1])
        code = process.wait()
    progress.finish()
    if code:
        raise UnavailableError(
            f"{name} did not compile ({_reason(told)}), and what there is goes on answering",
            where=log.name,
        )


@contextmanager
def _started(
    command: Sequence[str], environment: dict[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """A program in a group of its own, which is ended with all it started."""
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            _end(process)
        if process.stdout is not None:
            process.stdout.close()


def _end(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _reason(told: Sequence[str]) -> str:
    """The first complaint, else the last line."""
    complaints = [line for line in told if re.search(r"\berror\b", line, re.IGNORECASE)]
    lines = complaints[:1] or [line for line in told if line][-1:] or ["it said nothing"]
    return lines[0][:200]
