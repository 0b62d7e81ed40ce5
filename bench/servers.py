"""The contestants: zaohua as a user starts it, and bare llama.cpp with the same settings."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

import psutil

from bench.client import Target
from zaohua.generate.fit import plan
from zaohua.generate.llamacpp import start_llamacpp
from zaohua.generate.native.products import LLAMACPP
from zaohua.generate.setups import Setup, compiled, prepared
from zaohua.hardware import hardware
from zaohua.settings import Settings
from zaohua.store.models import find, pull

START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Served:
    """A running ``zaohua serve``; ``started`` is when, on the clock of `time.perf_counter`."""

    target: Target
    process: psutil.Process
    started: float


def model_home(name: str) -> Path:
    """A home, kept between runs, in which model ``name`` is installed."""
    default = Path.home() / ".cache" / "zaohua-bench"
    home = Path(os.environ.get("ZAOHUA_BENCH_HOME", default))
    pull(Settings(home=home), name)
    return home


@contextmanager
def linked_home(home: Path) -> Iterator[Path]:
    """Another home with the same models: one home has one server."""
    with TemporaryDirectory() as folder:
        for name in ("blobs", "models", "tuning", "engines"):
            if (home / name).exists():
                (Path(folder) / name).symlink_to(home / name)
        yield Path(folder)


@contextmanager
def zaohua_serve(
    home: Path, model: str, *options: str, engine: str = "llamacpp", **more: str
) -> Iterator[Served]:
    """``zaohua serve`` on a free port, stopped at the end; ``more`` are settings."""
    command = [sys.executable, "-m", "zaohua", "serve", "--port", "0", "--engine", engine, *options]
    environment = {**os.environ, "ZAOHUA_HOME": str(home), "ZAOHUA_MODEL": model}
    environment.update({f"ZAOHUA_{name.upper()}": value for name, value in more.items()})
    info = home / "server.json"
    info.unlink(missing_ok=True)
    start = time.perf_counter()
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        address = _wait_until_ready(server, info)
        target = Target("zaohua", f"{address}/v1", model)
        yield Served(target, psutil.Process(server.pid), start)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(10)


def _wait_until_ready(server: subprocess.Popen[bytes], info: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            told = json.loads(info.read_text())
            address = f"http://{told['host']}:{told['port']}"
            with urlopen(f"{address}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return address
        except (OSError, ValueError):
            time.sleep(0.01)
    raise RuntimeError("zaohua serve did not become ready")


@asynccontextmanager
async def bare_llamacpp(
    home: Path,
    model: str,
    setup: Setup = Setup(),  # noqa: B008
) -> AsyncIterator[Target]:
    """llama.cpp's own server in the settings zaohua would choose, spoken to without zaohua."""
    settings = Settings(home=home)
    installed = find(settings, model)
    ready = await prepared(installed, setup, home)
    planned = plan(ready, hardware(), settings)
    server = compiled(LLAMACPP, home) if setup.program == "llamacpp-native" else None
    worker = await start_llamacpp(ready, planned, home, server=server)
    try:
        yield Target("llama.cpp", f"{worker.address}/v1", model, worker.key)
    finally:
        await worker.aclose()
        await asyncio.sleep(0)
