"""Runs ``zaohua`` as a person would: a process of its own, its own home, real exit codes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

Here = Callable[..., subprocess.CompletedProcess[str]]
Run = Callable[..., subprocess.CompletedProcess[str]]


def environment(home: Path, **extra: str) -> dict[str, str]:
    """The variables a process of the tests gets: nothing of zaohua's from outside."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ZAOHUA_")}
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        kept.pop(name, None)
    return {**kept, "ZAOHUA_HOME": str(home), "LANG": "C.UTF-8", **extra}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, tmp_path: Path) -> Run:
    """``run("chat", "hi", input=..., env={...})``, with the fake engine unless ``engine=""``."""

    def call(
        *arguments: str,
        stdin: str | bytes | None = None,
        env: dict[str, str] | None = None,
        engine: str = "fake",
        timeout: float = 60,
        where: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        extra = {"ZAOHUA_ENGINE": engine, **(env or {})} if engine else env or {}
        variables = environment(home, **extra)
        done = subprocess.run(
            [sys.executable, "-m", "zaohua", *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            env=variables,
            timeout=timeout,
            cwd=where or tmp_path,
            check=False,
        )
        out, err = (raw.decode("utf-8", "replace") for raw in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    return call


@pytest.fixture
def here(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Here:
    """``here("chat", "--frob")`` is `run` in this process: quicker, no standard input."""
    from zaohua.cli.app import run as run_app

    monkeypatch.setenv("ZAOHUA_ENGINE", "fake")
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        code = run_app(arguments)
        return subprocess.CompletedProcess(arguments, code, *capfd.readouterr())

    return call


@dataclass
class Server:
    """A server process and what it has said so far."""

    process: subprocess.Popen[str]
    said: list[str]
    errors: list[str]

    @property
    def output(self) -> str:
        return "".join(self.said)

    def wait_for(self, pattern: str, timeout: float = 30) -> re.Match[str]:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if found := re.search(pattern, self.output):
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"never said {pattern!r}: {self.output!r} {''.join(self.errors)!r}")

    @property
    def url(self) -> str:
        return self.wait_for(r"http://[\d.]+:\d+")[0]

    def end(self, number: int = signal.SIGTERM, timeout: float = 15) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout)


@pytest.fixture
def start(home: Path, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """``start("serve", "--port", "0")``: a server in the background, ended after the test."""
    begun: list[Server] = []

    def call(*arguments: str, engine: str = "fake", **env: str) -> Server:
        variables = environment(home, **({"ZAOHUA_ENGINE": engine} if engine else {}), **env)
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "zaohua", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=variables,
            cwd=tmp_path,
            start_new_session=True,
        )
        server = Server(process, [], [])
        for stream, kept in ((process.stdout, server.said), (process.stderr, server.errors)):
            threading.Thread(target=_keep, args=(stream, kept), daemon=True).start()
        begun.append(server)
        return server

    yield call
    for server in begun:
        if server.process.poll() is None:
            server.process.kill()
        server.process.wait()
        for stream in (server.process.stdout, server.process.stderr):
            assert stream is not None
            stream.close()


def _keep(stream: object, kept: list[str]) -> None:
    try:
        for line in stream:  # type: ignore[attr-defined]
            kept.append(line)
    except ValueError:
        return


def one_line(text: str) -> str:
    """The only line of stderr, which must be one and be ours."""
    lines = text.splitlines()
    assert len(lines) == 1, text
    assert lines[0].startswith("zaohua: ")
    return lines[0]
