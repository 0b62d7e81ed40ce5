"""Contestants alive side by side, stepping in turn, so that a slow minute hits all of them."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import psutil

from bench.peers import strangers
from bench.peers.stepping import PIPES

LOG = "log.txt"


class FailedError(Exception):
    """A contestant ended or kept silent; says with what last line."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a contestant did in one turn, and how many cores others used meanwhile."""

    event: Mapping[str, Any]
    strangers: float

    @property
    def clean(self) -> bool:
        """Whether it counts."""
        return self.strangers <= strangers.LIMIT


class Runner:
    """A contestant's process. Use it as a context manager: at its end the process is gone."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], *, turns: bool
    ) -> None:
        self.folder = folder
        self._log = (folder / LOG).open("wb")
        self._pipes: tuple[IO[str], IO[str]] | None = None
        theirs: tuple[int, ...] = ()
        extra = {}
        if turns:
            events, write_events = os.pipe()
            read_commands, commands = os.pipe()
            theirs = (read_commands, write_events)
            extra = {PIPES: f"{read_commands},{write_events}"}
            self._pipes = (os.fdopen(events, "r"), os.fdopen(commands, "w"))
        self.process = subprocess.Popen(
            command,
            env={**environment, **extra},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            pass_fds=theirs,
            start_new_session=True,
        )
        for end in theirs:
            os.close(end)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pipes:
            with suppress(BrokenPipeError):
                self._command("stop")
                self.process.wait(5) if kind is None else None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._log.close()
        for pipe in self._pipes or ():
            with suppress(BrokenPipeError):
                pipe.close()

    def wait_until_warm(self, seconds: float) -> Mapping[str, Any]:
        """The first event.

        Raises:
            FailedError: it did not come in time.
        """
        return self._event(seconds)

    def turn(self, steps: int, seconds: float) -> Turn:
        """Let it make ``steps`` steps.

        Raises:
            FailedError: it ended, or took longer than ``seconds``.
        """
        before = strangers.read(self.process.pid)
        self._command(f"go {steps}")
        event = self._event(seconds)
        return Turn(event, before.strangers(strangers.read(self.process.pid)))

    def finish(self, seconds: float) -> float:
        """Wait until it ends by itself; cores that others used meanwhile.

        Raises:
            FailedError: it failed, or took longer than ``seconds``.
        """
        before = after = strangers.read(self.process.pid)
        waited = 0.0
        while self.process.poll() is None and waited < seconds:
            after = strangers.read(self.process.pid)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(1.0)
            waited += 1.0
        if self.process.returncode != 0:
            raise FailedError(self._why("failed" if self.process.returncode else "took too long"))
        return before.strangers(after) if after.clock > before.clock else 0.0

    def memory(self) -> int:
        """Bytes that the process and its children hold."""
        with suppress(psutil.NoSuchProcess):
            root = psutil.Process(self.process.pid)
            return sum(p.memory_info().rss for p in (root, *root.children(recursive=True)))
        return 0

    def _command(self, line: str) -> None:
        assert self._pipes
        self._pipes[1].write(line + "\n")
        self._pipes[1].flush()

    def _event(self, seconds: float) -> Mapping[str, Any]:
        assert self._pipes
        ready, _, _ = select.select([self._pipes[0]], [], [], seconds)
        line = self._pipes[0].readline() if ready else ""
        if not line:
            raise FailedError(self._why("ended" if ready else f"kept silent for {seconds:.0f} s"))
        event: Mapping[str, Any] = json.loads(line)
        return event

    def _why(self, what: str) -> str:
        lines = (self.folder / LOG).read_text(errors="replace").strip().splitlines()
        return f"{what}: {lines[-1][:300] if lines else 'no output'} ({self.folder / LOG})"
