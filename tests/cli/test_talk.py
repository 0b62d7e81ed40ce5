"""The session of ``zaohua chat`` on a real terminal (a pseudo-terminal), with the fake engine."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Server, environment

CTRL_C, CTRL_D = "\x03", "\x04"
PATIENCE_SECONDS = 30


class Terminal:
    """A process at a terminal of ``columns``, and all it has written."""

    def __init__(self, arguments: list[str], variables: dict[str, str], columns: int) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "zaohua", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**variables, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )
        os.close(slave)
        self.raw = ""
        self._seen = 0

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def expect(self, text: str) -> None:
        """Wait until ``text`` comes, after what was expected before."""
        end = time.monotonic() + PATIENCE_SECONDS
        while (at := self.raw.find(text, self._seen)) < 0:
            assert time.monotonic() < end, f"no {text!r} in {self.raw[self._seen :]!r}"
            self._read(0.1)
        self._seen = at + len(text)

    def end(self) -> int:
        end = time.monotonic() + PATIENCE_SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < end, f"does not leave: {self.raw!r}"
            self._read(0.1)
        self._read(0)
        return self.process.returncode

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._master)

    def _read(self, seconds: float) -> None:
        if select.select([self._master], [], [], seconds)[0]:
            try:
                self.raw += os.read(self._master, 65536).decode("utf-8", "replace")
            except OSError:
                return


Open = Callable[..., Terminal]


@pytest.fixture
def terminal(home: Path) -> Iterator[Open]:
    opened: list[Terminal] = []

    def call(*arguments: str, columns: int = 80, **extra: str) -> Terminal:
        variables = environment(home, ZAOHUA_ENGINE="fake", **extra)
        opened.append(Terminal(list(arguments), variables, columns))
        return opened[-1]

    yield call
    for one in opened:
        one.close()


def test_a_whole_session(terminal: Open, tmp_path: Path):
    """One session for all of it, because a start takes its time."""
    talk = terminal("chat")
    talk.expect("/help")
    talk.expect("›")
    talk.type("你好，造化\r")
    talk.expect("你说的是：你好，造化")
    talk.expect("tokens")
    talk.type("[[slow 0.1]] [[words 500]]\r")
    talk.expect("\n")
    time.sleep(1)
    talk.type(CTRL_C)
    talk.type(CTRL_C)
    talk.expect("stopped")
    talk.type("dropped" + CTRL_C)
    talk.expect("›")
    talk.type("[[say still here]]\r")
    talk.expect("still here\r\n")
    talk.type("/temperature 9999\r")
    talk.expect("zaohua: temperature must lie between")
    talk.type("[[fail]]\r")
    talk.expect("zaohua: the fake engine failed")
    talk.type("/system Be brief.\r")
    talk.expect("system: Be brief.")
    talk.type("/model missing\r")
    talk.expect("zaohua: there is no model 'missing'")
    talk.type("/model fake-2\r")
    talk.expect("model: fake-2")
    talk.type(f"/save {tmp_path}/talk.json\r")
    talk.expect("saved")
    talk.expect("›")
    talk.type(CTRL_D)
    assert talk.end() == 0
    saved = json.loads((tmp_path / "talk.json").read_text("utf-8"))
    assert (saved["model"], saved["system"]) == ("fake-2", "Be brief.")
    assert [m["role"] for m in saved["messages"][:2]] == ["user", "assistant"]
    assert saved["messages"][1]["content"] == "你说的是：你好，造化"


def test_a_narrow_terminal_without_colours_or_utf8_locale(terminal: Open):
    talk = terminal("chat", columns=40, NO_COLOR="1", LC_ALL="C")
    talk.expect("›")
    talk.type("[[say 造化]]\r")
    talk.expect("造化\r\n")
    talk.type("/exit\r")
    assert talk.end() == 0
    assert not re.search(r"\x1b\[(1|2)m", talk.raw)


def test_typing_ahead_of_the_start_is_not_lost(terminal: Open):
    talk = terminal("chat")
    talk.type("[[say early]]\r")
    talk.expect("early\r\n")
    talk.expect("tokens")
    talk.type("/exit\r")
    assert talk.end() == 0


def test_one_answer_on_a_terminal_hides_control_characters(terminal: Open):
    talk = terminal("chat", "[[say a\x1b]0;owned\x07b]]")
    talk.expect("a]0;ownedb")
    assert talk.end() == 0
    assert "\x1b]0;" not in talk.raw


def test_a_model_that_the_running_server_lacks_is_told_at_once(
    terminal: Open, start: Callable[..., Server]
):
    server = start("serve", "--port", "0")
    url = server.url
    talk = terminal("chat")
    talk.expect(url)
    talk.type("/model missing\r")
    talk.expect("zaohua: there is no model 'missing'")
    talk.type("[[say still here]]\r")
    talk.expect("still here\r\n")
    talk.type("/exit\r")
    assert talk.end() == 0
