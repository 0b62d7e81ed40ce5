"""The page in real headless Chromium, before a real server process with the fake engine."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}

Open = Callable[..., Page]


class Server:
    """``zaohua serve`` with the fake engine, on a port that stays the same over a restart."""

    def __init__(self, home: Path, *arguments: str) -> None:
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            self.port: int = sock.getsockname()[1]
        self.home = home
        self.arguments = arguments
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("ZAOHUA_")}
        command = [sys.executable, "-m", "zaohua", "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, "--engine", "fake", *self.arguments],
            env={**kept, "ZAOHUA_HOME": str(self.home)},
            cwd=self.home.parent,
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{self.url}/healthz", timeout=2)
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("the server did not start")

    def kill(self) -> None:
        """As the kernel would kill it: no goodbye."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """As Ctrl-C would."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(timeout=20)


class Watch:
    """What a page did that it must not do: errors, refused policies, calls to other hosts."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.url = url
        self.problems: list[str] = []
        self.forgiven: tuple[str, ...] = ()
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"exception: {error.error}"))
        context.on("request", lambda request: self._request(request.url))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"console {message.type}: {message.text}")

    def _request(self, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:")):
            self.problems.append(f"request to {url}")

    def forgive(self, *words: str) -> None:
        """Problems with one of these words are part of the test."""
        self.forgiven += words

    def check(self) -> None:
        """Fail if anything happened."""
        left = [p for p in self.problems if not any(word in p for word in self.forgiven)]
        assert left == []


def load_build_hook() -> Any:
    """The module ``hatch_build.py`` of the project."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def built_page() -> Path:
    """The page, built from the sources as they are now."""
    hook = load_build_hook()
    hook.build_page(ROOT)
    return ROOT / hook.PAGE


@pytest.fixture(scope="session")
def server(built_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for the tests that leave it running."""
    home = tmp_path_factory.mktemp("page") / "home"
    running = Server(home)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def own_server(built_page: Path, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers that one test has for itself."""
    started: list[Server] = []

    def start(*arguments: str) -> Server:
        running = Server(tmp_path / "home", *arguments)
        running.start()
        started.append(running)
        return running

    yield start
    for running in started:
        running.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium. Its driver keeps an event loop running, so it must go before other tests come."""
    if CHROMIUM is None:
        pytest.fail("these tests need Chromium: apt-get install chromium")
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[Open]:
    """``open_page("/path", scheme=..., locale=..., viewport=...)``: checked when the test ends."""
    opened: list[tuple[BrowserContext, Watch]] = []

    def go(
        path: str = "/",
        *,
        at: str = "",
        scheme: str = "light",
        locale: str = "zh-CN",
        viewport: dict[str, int] | None = None,
        ready: str = "#composer",
        **options: Any,
    ) -> Page:
        base = at or server.url
        context = browser.new_context(
            viewport=viewport or DESK, color_scheme=scheme, locale=locale, **options
        )
        watch = Watch(context, base)
        opened.append((context, watch))
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.watch = watch
        page.goto(base + path)
        page.wait_for_selector(ready)
        return page

    yield go
    for context, watch in opened:
        context.close()
        watch.check()


def ask(page: Page, text: str, *, wait: bool = True) -> None:
    """Type a question and send it; with ``wait``, until its answer is finished."""
    before = page.locator("article.assistant").count()
    page.locator("#composer").fill(text)
    page.keyboard.press("Enter")
    if wait:
        page.wait_for_function(
            "n => document.querySelectorAll('article.assistant').length > n"
            " && !document.querySelector('article.running')",
            arg=before,
        )


def answer(page: Page) -> str:
    """The text of the last answer."""
    return page.locator("article.assistant .markdown").last.inner_text()
