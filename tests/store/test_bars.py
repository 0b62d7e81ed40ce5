"""Progress as it is drawn: live on a terminal, lines in a log."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from zaohua.cli import bars
from zaohua.cli.bars import RichProgress, quantity


def console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, force_terminal=terminal, width=110), text


def test_log_gets_lines_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, text = console(terminal=False)
    clock = [0.0]
    monkeypatch.setattr(bars.time, "monotonic", lambda: clock[0])
    with RichProgress(drawn) as progress:
        progress.start("pulling", 100_000_000)
        for _ in range(10):
            clock[0] += 4
            progress.advance(10_000_000)
        progress.note("mirror [one] failed")
    lines = text.getvalue().splitlines()
    assert lines[0] == "pulling: 0 bytes of 100.0 MB"
    assert lines[1] == "pulling: 30.0 MB of 100.0 MB, 2.5 MB/s"
    assert "mirror [one] failed" in lines
    assert lines[-1] == "pulling: 100.0 MB of 100.0 MB, 2.5 MB/s"
    assert 4 <= len(lines) <= 7


def test_terminal_gets_a_bar() -> None:
    drawn, text = console(terminal=True)
    with RichProgress(drawn) as progress:
        progress.start("pulling", 1000)
        progress.advance(500)
        progress.note("resumed")
        progress.start("next", None, unit="files")
        progress.advance(3)
    shown = text.getvalue()
    for part in ("pulling", "0.5/1.0 kB", "resumed", "next", "3/?"):
        assert part in shown


def test_bar_is_closed_on_an_error() -> None:
    drawn, text = console(terminal=True)
    with pytest.raises(RuntimeError), RichProgress(drawn) as progress:
        progress.start("pulling", 1000)
        raise RuntimeError
    assert "\x1b[?25h" in text.getvalue()


def test_quantities() -> None:
    assert quantity(491_400_064) == "491.4 MB"
    assert quantity(1234, "tokens") == "1,234 tokens"
