from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from zaohua.cli.line import CommandCompleter, LineReader, finished, unfolded


@pytest.mark.parametrize(
    ("text", "sends"),
    [
        ("hello", True),
        ("", True),
        ("one\\", False),
        ("one\\\ntwo", True),
        ('"""', False),
        ('"""one\ntwo', False),
        ('"""one\ntwo"""', True),
        ('""""""', True),
        ('say """x"""', True),
    ],
)
def test_when_enter_sends(text: str, sends: bool):
    assert finished(text) is sends


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (" hello ", "hello"),
        ("one\\\ntwo", "one\ntwo"),
        ('"""\n  one\ntwo\n"""', "  one\ntwo"),
        ('""""""', ""),
    ],
)
def test_what_several_lines_mean(typed: str, meant: str):
    assert unfolded(typed) == meant


@pytest.fixture
def keys() -> Iterator[PipeInput]:
    with create_pipe_input() as pipe:
        yield pipe


def reader(keys: PipeInput, history: Path) -> LineReader:
    return LineReader(history, lambda: ["fake"], source=keys, sink=DummyOutput())


async def read(keys: PipeInput, history: Path, typed: str) -> str | None:
    keys.send_text(typed)
    return await asyncio.wait_for(reader(keys, history).read(), 10)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("你好\r", "你好"),
        ("one\x1b\rtwo\r", "one\ntwo"),
        ("one\\\rtwo\r", "one\ntwo"),
        ('"""one\rtwo"""\r', "one\ntwo"),
        ("typed ahead\n", "typed ahead"),
        ("dropped\x03kept\r", "kept"),
        ("\x1b[200~pasted\nlines\x1b[201~\r", "pasted\nlines"),
    ],
)
async def test_keys_make_messages(keys: PipeInput, tmp_path: Path, typed: str, meant: str):
    assert await read(keys, tmp_path / "history", typed) == meant


async def test_ctrl_d_leaves(keys: PipeInput, tmp_path: Path):
    assert await read(keys, tmp_path / "history", "\x04") is None


async def test_history_is_kept_for_this_user_only(keys: PipeInput, tmp_path: Path):
    history = tmp_path / "home" / "history"
    await read(keys, history, "first message\r")
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert await read(keys, history, "\x1b[A\r") == "first message"


async def test_a_home_that_cannot_be_written_only_loses_history(keys: PipeInput, tmp_path: Path):
    (tmp_path / "file").touch()
    assert await read(keys, tmp_path / "file" / "history", "hello\r") == "hello"


def completions(text: str) -> list[str]:
    completer = CommandCompleter(lambda: ["qwen2.5-0.5b", "smollm2-135m"])
    return [c.text for c in completer.get_completions(Document(text), CompleteEvent())]


def test_commands_and_models_are_completed():
    assert completions("/te") == ["temperature "]
    assert completions("/model q") == ["qwen2.5-0.5b"]
    assert completions("te") == []
    assert completions("/temperature 0") == []
    assert completions("one\n/te") == []


def test_files_are_completed(tmp_path: Path):
    (tmp_path / "talk.json").touch()
    assert completions(f"/load {tmp_path}/ta") == ["lk.json"]
