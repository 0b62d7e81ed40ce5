"""Every command that the README and the documentation show is run as it stands.

The Chinese pages show the same ones, which ``test_languages`` makes sure of.

A comment right before a fence says what a block needs:
``<!-- run: no (why) -->`` is not run, ``run: with server`` has a server up, ``run: server`` is one
(and is stopped once it answers), ``run: may fail`` may exit with 1.

The manual of the command line runs with the test model; the other pages, whose commands do not
limit how long a model may talk, with the fake engine.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.models import link_models
from zaohua.store.models import InstalledModel

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page
    for page in [*ROOT.glob("README*.md"), *ROOT.glob("docs/*.md")]
    if not page.name.endswith(".zh-CN.md")
)
FENCE = re.compile(
    r"(?:<!-- run: (?P<how>[^>]*?) -->\n)?^```(?P<language>sh|python)\n(?P<code>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
UNRUN_AT_MOST = 12
REAL = {"cli.md"}
ANSWER_SECONDS = 150


@dataclass(frozen=True)
class Block:
    page: Path
    line: int
    how: str
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"

    @property
    def asks_a_model(self) -> bool:
        verbs = ("zaohua chat", "zaohua generate", "zaohua knowledge ask")
        return any(verb in self.code for verb in verbs)


def blocks_of(page: Path) -> Iterator[Block]:
    text = page.read_text("utf-8")
    for found in FENCE.finditer(text):
        line = text[: found.start("code")].count("\n") + 1
        yield Block(page, line, found["how"] or "", found["language"], found["code"])


BLOCKS = [block for page in PAGES for block in blocks_of(page)]
RUN = [block for block in BLOCKS if not block.how.startswith("no ")]


@dataclass
class Shell:
    """A folder, a home with the test model as default, and ``zaohua`` on the path."""

    folder: Path
    variables: dict[str, str]
    model: str

    def run(self, block: Block, port: str = "") -> subprocess.CompletedProcess[str]:
        code = block.code
        if block.language == "python":
            code = code.replace("qwen2.5-0.5b", self.model).replace("8866", port or "8866")
            command = [sys.executable, "-c", code]
        else:
            command = ["bash", "-euo", "pipefail", "-c", code]
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=ANSWER_SECONDS,
            check=False,
        )

    @contextmanager
    def serving(self, command: str) -> Iterator[str]:
        """The port of a server started with ``command``."""
        said = self.folder / "server.txt"
        with said.open("w") as file:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {command}"],
                cwd=self.folder,
                env={**self.variables, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        try:
            end = time.monotonic() + ANSWER_SECONDS
            while "Ctrl-C stops it" not in said.read_text():
                assert process.poll() is None, said.read_text()
                assert time.monotonic() < end, said.read_text()
                time.sleep(0.1)
            found = re.search(r"http://127\.0\.0\.1:(\d+)", said.read_text())
            assert found
            yield found[1]
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


@pytest.fixture
def shell(tmp_path: Path, model_home: Path, test_model: InstalledModel) -> Shell:
    return shell_in(tmp_path, model_home, test_model.name)


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, model_home: Path, test_model: InstalledModel
) -> Iterator[Shell]:
    """A shell whose home has a server with the test model, so that it is loaded once."""
    shell = shell_in(tmp_path_factory.mktemp("served"), model_home, test_model.name)
    with shell.serving("zaohua serve --port 0"):
        yield shell


def shell_in(tmp_path: Path, model_home: Path, model: str) -> Shell:
    home, programs = tmp_path / "home", tmp_path / "bin"
    home.mkdir()
    programs.mkdir()
    link_models(model_home, home)
    (programs / "zaohua").write_text(f'#!/bin/sh\nexec {sys.executable} -m zaohua "$@"\n')
    (programs / "zaohua").chmod(0o755)
    for page in ROOT.glob("*.md"):
        shutil.copy(page, tmp_path)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ZAOHUA_")}
    variables = {
        **kept,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "ZAOHUA_HOME": str(home),
        "ZAOHUA_MODEL": model,
        "ZAOHUA_OFFLINE": "1",
    }
    return Shell(tmp_path, variables, model)


@pytest.mark.parametrize("block", RUN, ids=str)
def test_what_is_shown_works(shell: Shell, block: Block, request: pytest.FixtureRequest):
    if block.page.name not in REAL:
        shell.variables["ZAOHUA_ENGINE"], shell.model = "fake", "fake"
    elif block.asks_a_model:
        shell = request.getfixturevalue("served")
    if block.how == "server":
        with shell.serving(re.sub(r"--port \d+", "--port 0", block.code.strip())):
            return
    if block.how == "with server":
        with shell.serving("zaohua serve --port 0") as port:
            done = shell.run(block, port)
    else:
        done = shell.run(block)
    allowed = (0, 1) if block.how.startswith("may fail") else (0,)
    assert done.returncode in allowed, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.strip()


def test_few_blocks_are_left_out_and_each_says_why():
    left_out = [block for block in BLOCKS if block not in RUN]
    assert len(left_out) <= UNRUN_AT_MOST
    for block in left_out:
        assert re.fullmatch(r"no \(.+\)", block.how), block


def test_every_verb_is_in_the_manual():
    from zaohua.cli.app import ORDER

    manual = (ROOT / "docs" / "cli.md").read_text("utf-8")
    for verb in ORDER:
        assert f"`{verb}" in manual


def test_every_setting_is_in_the_manual():
    from zaohua.settings import Settings

    manual = (ROOT / "docs" / "cli.md").read_text("utf-8")
    missing = [name for name in Settings.model_fields if f"`{name}`" not in manual]
    assert missing == []
