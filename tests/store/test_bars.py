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


def test_what_was_done_before_is_no_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, text = console(terminal=False)
    clock = [0.0]
    monkeypatch.setattr(bars.time, "monotonic", lambda: clock[0])
    with RichProgress(drawn) as progress:
        progress.start("training", 13_000, unit="steps", done=6_000)
        clock[0] += 20
        progress.advance(160)
    assert text.getvalue().splitlines() == [
        "training: 6,000 steps of 13,000 steps",
        "training: 6,160 steps of 13,000 steps, 8.0 steps/s",
        "training: 6,160 steps of 13,000 steps, 8.0 steps/s",
    ]


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


def test_figures_stand_beside_the_bar() -> None:
    drawn, text = console(terminal=True)
    with RichProgress(drawn) as progress:
        progress.start("training", 100, unit="steps")
        progress.advance(40)
        progress.figures("loss 3.21 [bpb] · 900 tokens/s")
    assert "40/100" in text.getvalue()
    assert "loss 3.21 [bpb] · 900 tokens/s" in text.getvalue()


def test_figures_end_the_lines_of_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, text = console(terminal=False)
    clock = [0.0]
    monkeypatch.setattr(bars.time, "monotonic", lambda: clock[0])
    with RichProgress(drawn) as progress:
        progress.start("training", 100, unit="steps")
        for step in range(3):
            clock[0] += 6
            progress.advance(10)
            progress.figures(f"loss {9 - step}")
        progress.start("hashing", 10)
    assert text.getvalue().splitlines() == [
        "training: 0 steps of 100 steps",
        "training: 20 steps of 100 steps, 1.7 steps/s · loss 9",
        "training: 30 steps of 100 steps, 1.7 steps/s · loss 7",
        "hashing: 0 bytes of 10 bytes",
        "hashing: 0 bytes of 10 bytes",
    ]


def test_bar_is_closed_on_an_error() -> None:
    drawn, text = console(terminal=True)
    with pytest.raises(RuntimeError), RichProgress(drawn) as progress:
        progress.start("pulling", 1000)
        raise RuntimeError
    assert "\x1b[?25h" in text.getvalue()


def test_quantities() -> None:
    assert quantity(491_400_064) == "491.4 MB"
    assert quantity(1234, "tokens") == "1,234 tokens"
